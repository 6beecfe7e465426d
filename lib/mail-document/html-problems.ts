// What of an HTML block is not sent, and why, in words for whoever pasted it.
import { strayFields } from './html-source';
import { htmlTree, type HtmlElement, type Removed, type RemovedKind } from './html-tree';
import { elementsIn, wordsIn } from './html-write';
import type { HtmlSource } from './schema';

const WHY: Record<RemovedKind, { what: string; why: string }> = {
  script: { what: 'scripts', why: 'no mail program runs them.' },
  handler: { what: 'reactions to clicks and the like', why: 'no mail program runs scripts.' },
  link: {
    what: 'links that are no whole address',
    why: 'a link starts with https://, http://, mailto: or tel:. The words stay.',
  },
  picture: {
    what: 'pictures without a whole address',
    why: 'upload them in an image block, or give them the https:// address that they have on the web.',
  },
  embedded: { what: 'frames, films and the like', why: 'mail programs do not show them. Lead to a page by a link.' },
  svg: { what: 'SVG drawings', why: 'they can hold scripts, and few mail programs show them. Use a PNG.' },
  form: { what: 'parts of forms', why: 'most mail programs block them. Lead to a page by a link.' },
  sheet: {
    what: 'style sheets',
    why: 'they would change the rest of the mail. What stands in style="…" stays: ask for HTML with inlined styles.',
  },
  style: {
    what: 'styles',
    why: 'they load something, run something, lie over the rest of the mail, or mail programs do not know them.',
  },
  comment: { what: 'comments', why: 'those for Outlook too: what is in them could break the mail.' },
  place: {
    what: 'elements where they cannot stand',
    why: 'cells outside of a table, other things between its cells, or a link in a link would break the mail. Their words stay.',
  },
  element: { what: 'elements that mails do not have', why: 'what is in them stays.' },
  deep: { what: 'elements more than 60 levels deep', why: 'mail programs break on them. Their words stay.' },
  value: {
    what: 'values in a link, a style or another place that is no text',
    why: 'a value can stand in texts and in descriptions of pictures.',
  },
  unclosed: { what: 'Elements that are not closed', why: 'each is closed where what is around it ends.' },
  attribute: { what: 'attributes', why: 'they mean nothing in a mail.' },
};

/** One line of what was left out. */
export function removedWords({ kind, count, examples }: Removed): string {
  const { what, why } = WHY[kind];
  const more = count > examples.length ? ', …' : '';
  const start = kind === 'unclosed' ? what : `Left out: ${what}`;
  return `${start} (${examples.join(', ')}${more}): ${why}`;
}

/** Pixels: wider things do not fit on a phone. */
const PHONE = 400;

/** `must`: it cannot be sent like this. */
export function problemsOfHtml(source: HtmlSource): { must: boolean; words: string }[] {
  const { nodes, removed } = htmlTree(source);
  const elements = elementsIn(nodes);
  const problems: { must: boolean; words: string }[] = [];
  const hasContent =
    elements.some(({ name }) => name === 'img') || wordsIn(nodes) !== '' || source.some(({ type }) => type !== 'text');
  if (source.length === 0)
    problems.push({ must: true, words: 'The HTML block is empty: paste HTML into it, or remove it.' });
  else if (!hasContent) problems.push({ must: true, words: 'Nothing of the HTML can be shown in a mail.' });
  for (const field of strayFields(source)) {
    problems.push({
      must: true,
      words: `“${field}” is no value of this section: people would read it as it stands. Values are written {{First name|there}}; who sees the block is one of its settings.`,
    });
  }
  for (const one of removed) problems.push({ must: one.kind === 'value', words: removedWords(one) });
  if (elements.some(({ name, attributes }) => name === 'img' && !attributes.some(([attribute]) => attribute === 'alt')))
    problems.push({ must: false, words: 'A picture in the HTML has no description (alt="…").' });
  const widest = Math.max(0, ...elements.map(fixedWidth));
  if (widest > PHONE)
    problems.push({
      must: false,
      words: `Something in the HTML is ${widest} pixels wide: on a phone it is cut or small.`,
    });
  return problems;
}

/** Pixels that an element takes at least. Pictures give way. */
function fixedWidth({ name, style, attributes }: HtmlElement): number {
  if (name === 'img' || /(?:^|;)(?:max-width|width:\s*\d+%)/.test(style)) return 0;
  const own = /(?:^|;)(?:min-)?width:\s*(\d+)px/.exec(style)?.[1];
  const [given] = attributes.find(([attribute]) => attribute === 'width')?.[1] ?? [];
  return Number(own ?? (typeof given === 'string' && /^\d+(?:px)?$/.test(given) ? Number.parseInt(given, 10) : 0));
}
