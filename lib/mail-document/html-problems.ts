// What of an HTML block is not sent, and why, in words for the person who pasted it.
import { strayFields } from './html-source';
import { htmlTree, type HtmlElement, type Removed, type RemovedKind } from './html-tree';
import { elementsIn, wordsIn } from './html-write';
import type { HtmlSource } from './schema';

const WHY: Record<RemovedKind, { what: string; why: string }> = {
  script: { what: 'scripts', why: 'no mail program runs them.' },
  handler: { what: 'scripts on elements', why: 'no mail program runs them.' },
  link: {
    what: 'incomplete or unsafe links',
    why: 'a link starts with https://, http://, mailto: or tel:. Its words stay.',
  },
  picture: {
    what: 'pictures without a full address',
    why: 'upload them in an image block, or use their https:// address on the web.',
  },
  embedded: {
    what: 'embedded content, such as frames and videos',
    why: 'mail programs do not show it. Link to a page instead.',
  },
  svg: { what: 'SVG drawings', why: 'they can hold scripts, and few mail programs show them. Use a PNG.' },
  form: { what: 'parts of forms', why: 'most mail programs block them. Link to a page instead.' },
  sheet: {
    what: 'style sheets',
    why: 'they would change the rest of the mail. Styles in style="…" stay: ask for HTML with inlined styles.',
  },
  style: {
    what: 'styles',
    why: 'they would load or run something, cover the rest of the mail, or are unknown to mail programs.',
  },
  comment: { what: 'comments', why: 'also those for Outlook, as their content could break the mail.' },
  place: {
    what: 'elements in the wrong place',
    why: 'cells outside a table, other elements between its cells, and links within links would break the mail. Their words stay.',
  },
  element: { what: 'elements that mails cannot have', why: 'their content stays.' },
  deep: { what: 'elements nested more than 60 levels deep', why: 'mail programs fail on them. Their words stay.' },
  value: {
    what: 'values in places that are not text',
    why: 'values can be used in texts, in descriptions of pictures, and in links behind the name of the site, there as {{City}} without other words.',
  },
  unclosed: { what: 'Elements that are not closed', why: 'each is closed where the element around it ends.' },
  attribute: { what: 'attributes', why: 'they have no effect in a mail.' },
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
  const { nodes, removed, inAddresses } = htmlTree(source);
  const elements = elementsIn(nodes);
  const problems: { must: boolean; words: string }[] = [];
  const hasContent =
    elements.some(({ name }) => name === 'img') ||
    wordsIn(nodes) !== '' ||
    source.some((piece) => piece.type !== 'text' && !inAddresses.has(piece));
  if (source.length === 0)
    problems.push({ must: true, words: 'The HTML block is empty: paste HTML into it, or remove it.' });
  else if (!hasContent) problems.push({ must: true, words: 'None of the HTML can be shown in a mail.' });
  for (const field of strayFields(source)) {
    problems.push({
      must: true,
      words: `“${field}” is not a value of this section: people would see it as written. Write a value as {{First name|there}}; conditions are set under “Who sees it”.`,
    });
  }
  for (const one of removed) problems.push({ must: one.kind === 'value', words: removedWords(one) });
  if (elements.some(({ name, attributes }) => name === 'img' && !attributes.some(([attribute]) => attribute === 'alt')))
    problems.push({ must: false, words: 'A picture in the HTML has no description (alt="…").' });
  const widest = Math.max(0, ...elements.map(fixedWidth));
  if (widest > PHONE)
    problems.push({
      must: false,
      words: `Something in the HTML is ${widest} pixels wide: phones cut it off or shrink it.`,
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
