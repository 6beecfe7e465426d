// What is in a document, wherever it stands.
import type { AttributeId, TagId } from '@/lib/db/ids';
import { htmlTree } from './html-tree';
import { elementsIn } from './html-write';
import { attributesInAddress } from './link-values';
import type { Block, GivenValue, Inline, MailDocument, PlainLine, Variable } from './schema';

/** Every block, those in columns after the block that holds them. */
export function allBlocks(document: Pick<MailDocument, 'blocks'>): Block[] {
  return document.blocks.flatMap((block): Block[] =>
    block.kind === 'columns' ? [block, ...block.columns.flat()] : [block],
  );
}

/** The lines of text of a block, in which its values stand. Those in addresses are in `linksOf`. */
export function linesOf(block: Block): readonly (readonly (Inline | PlainLine[number])[])[] {
  switch (block.kind) {
    case 'heading':
      return [block.line];
    case 'text':
    case 'footer':
      return block.lines;
    case 'button':
      return [block.label];
    case 'html': {
      const { inAddresses } = htmlTree(block.source);
      return [block.source.filter((piece) => piece.type === 'text' || !inAddresses.has(piece))];
    }
    default:
      return [];
  }
}

const piecesOf = (document: MailDocument): (Inline | PlainLine[number])[] =>
  [document.subject, document.preheader, ...allBlocks(document).flatMap(linesOf)].flat();

/** The addresses that a block leads to. */
export function linksOf(block: Block): string[] {
  if (block.kind === 'button') return [block.link];
  if (block.kind === 'image') return block.link === null ? [] : [block.link];
  if (block.kind === 'social') return block.links.map(({ link }) => link);
  if (block.kind === 'html') {
    return elementsIn(htmlTree(block.source).nodes).flatMap(({ name, address }) =>
      name === 'a' && address !== null ? [address] : [],
    );
  }
  return linesOf(block)
    .flat()
    .flatMap((piece) => (piece.type === 'text' && 'link' in piece && piece.link !== null ? [piece.link] : []));
}

/** Every variable in a text, in the order of the document. In links, nothing stands for a value that somebody does not have. */
export function variablesOf(document: MailDocument): Variable[] {
  return piecesOf(document).filter((piece) => piece.type === 'variable');
}

/** The values that a call of the API gives, wherever they stand. */
export function givenIn(document: MailDocument): GivenValue[] {
  return piecesOf(document).filter((piece) => piece.type === 'given');
}

/** The attributes and tags that the document refers to, in its links too, each once. */
export function referencesOf(document: MailDocument): { attributeIds: AttributeId[]; tagIds: TagId[] } {
  const blocks = allBlocks(document);
  const tagIds = blocks.flatMap(({ onlyFor }) => (onlyFor ? [onlyFor.tagId] : []));
  const inTexts = variablesOf(document).map(({ attributeId }) => attributeId);
  const inLinks = blocks.flatMap(linksOf).flatMap(attributesInAddress);
  return {
    attributeIds: [...new Set([...inTexts, ...inLinks])],
    tagIds: [...new Set(tagIds)],
  };
}
