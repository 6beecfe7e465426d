// What is wrong with a document before it is sent, in words for its author.
import type { AttributeId, TagId } from '@/lib/db/ids';
import { allBlocks, linesOf, linksOf, referencesOf } from './blocks';
import { isExample } from './examples';
import { problemsOfHtml } from './html-problems';
import { strayFields } from './html-source';
import { addressInShort, hasStrayBraces } from './link-values';
import { NETWORK_NAMES, type Block, type MailDocument } from './schema';
import { plainText } from './template';

/** `blockId`: null for the subject and the preheader. `must`: it cannot be sent like this; the others are advice. */
export type Problem = { blockId: string | null; must: boolean; words: string };

/** Characters: phones cut longer subjects. */
const SUBJECT_LONG = 70;

/** What a document refers to, and is hidden. */
type Hidden = {
  tags: readonly { id: TagId; name: string }[];
  attributes: readonly { id: AttributeId; name: string }[];
};
const NOTHING_HIDDEN: Hidden = { tags: [], attributes: [] };

/** From the beginning of the mail to its end. */
export function problemsOf(document: MailDocument, hidden: Hidden = NOTHING_HIDDEN): Problem[] {
  const problems: Problem[] = [];
  const add = (blockId: string | null, must: boolean, words: string) => problems.push({ blockId, must, words });
  const subject = plainText(document.subject);
  if (document.subject.length === 0 || (subject === '' && document.subject.every(({ type }) => type === 'text')))
    add(null, true, 'The subject is empty.');
  if (subject.length > SUBJECT_LONG)
    add(null, false, `The subject has ${subject.length} characters: phones show about ${SUBJECT_LONG}.`);
  if (document.preheader.length === 0)
    add(null, false, 'There is no preview text: inboxes show the beginning of the mail instead.');
  for (const line of [document.subject, document.preheader]) problemsOfLines(null, [line], add);
  problemsOfHidden(null, { ...document, blocks: [] }, hidden, add);
  const blocks = allBlocks(document);
  if (!blocks.some(({ kind }) => kind !== 'footer' && kind !== 'divider' && kind !== 'columns'))
    add(null, true, 'The mail has no content.');
  for (const block of blocks) {
    problemsOfLines(block.id, linesOf(block), add, block.kind === 'html');
    problemsOfBlock(block, (must, words) => add(block.id, must, words));
    // Those in columns come by themselves.
    const own = block.kind === 'columns' ? { ...block, columns: [] } : block;
    problemsOfHidden(block.id, { subject: [], preheader: [], blocks: [own] }, hidden, add);
  }
  return problems;
}

type Add = (blockId: string | null, must: boolean, words: string) => void;

function problemsOfHidden(blockId: string | null, part: MailDocument, { tags, attributes }: Hidden, add: Add): void {
  if (tags.length + attributes.length === 0) return;
  const { tagIds, attributeIds } = referencesOf(part);
  for (const { id, name } of tags)
    if (tagIds.includes(id))
      add(
        blockId,
        true,
        `The tag “${name}” is hidden: choose another one under “Who sees it”, or show it to everyone.`,
      );
  for (const { id, name } of attributes)
    if (attributeIds.includes(id)) add(blockId, true, `The attribute “${name}” is hidden: take its value out.`);
}

/** `isHtml`: of which problemsOfHtml tells more. */
function problemsOfLines(blockId: string | null, lines: ReturnType<typeof linesOf>, add: Add, isHtml = false): void {
  const without = lines.flat().some((piece) => piece.type === 'variable' && piece.fallback.trim() === '');
  if (without) add(blockId, true, 'A value has nothing to say instead for people who do not have it.');
  if (isHtml) return;
  for (const field of new Set(lines.flatMap(strayFields))) {
    add(
      blockId,
      true,
      `“${field}” is text: people would see it as written. Take it out, and choose “Personalise” there.`,
    );
  }
}

function problemsOfBlock(block: Block, add: (must: boolean, words: string) => void): void {
  switch (block.kind) {
    case 'image':
      if (block.source === '') add(true, 'The image has no picture yet.');
      else if (block.alt.trim() === '' && block.link !== null)
        add(true, 'The image is a link: describe where it leads, for people who do not see it.');
      else if (block.alt.trim() === '')
        add(false, 'The image has no description: people who do not see it learn nothing of it.');
      for (const field of strayFields([{ type: 'text', text: block.alt }]))
        add(true, `“${field}” in the description is text: people would read it as written. Take it out.`);
      break;
    case 'button':
      if (block.label.length === 0) add(true, 'The button has no text.');
      if (block.link === '') add(true, 'The button leads nowhere: enter its link.');
      break;
    case 'social':
      for (const { network, link } of block.links)
        if (link === '') add(true, `The link to ${NETWORK_NAMES[network]} is missing.`);
      break;
    case 'columns':
      if (block.columns.some((column) => column.length === 0)) add(false, 'A column is empty.');
      break;
    case 'heading':
    case 'text':
    case 'footer':
      if (linesOf(block).every((line) => line.length === 0)) add(false, 'An empty text leaves a gap in the mail.');
      if (linesOf(block).some(isExampleLine)) add(true, 'This is still the text to start from: write your own.');
      break;
    case 'html':
      problemsOfHtml(block.source).forEach(({ must, words }) => add(must, words));
      break;
    case 'divider':
      break;
  }
  for (const link of linksOf(block)) {
    const shown = addressInShort(link);
    if (block.kind !== 'html' && hasStrayBraces(link))
      add(true, `The link “${shown}” has braces that stand for no value: open it and put it right.`);
    if (link.startsWith('http://')) add(false, `“${shown}” is not encrypted: use https:// if the site has it.`);
  }
}

const isExampleLine = (line: ReturnType<typeof linesOf>[number]): boolean =>
  isExample(line.map((piece) => (piece.type === 'text' ? piece.text : '')).join(''));

/** The first field in a document that people would read as it is written, in words; undefined: there is none. */
export function strayIn(document: MailDocument): string | undefined {
  const alts = allBlocks(document).flatMap((block) =>
    block.kind === 'image' ? [[{ type: 'text', text: block.alt }]] : [],
  );
  const lines = [document.subject, document.preheader, ...allBlocks(document).flatMap(linesOf), ...alts];
  return lines.flatMap(strayFields)[0];
}

/** Bytes: Gmail cuts a mail at 102 kB, with it the link to unsubscribe. */
export const HTML_LONG = 100_000;
