// What is in a document, wherever it stands.
import type { AttributeId, TagId } from '@/lib/db/ids';
import type { Block, GivenValue, Inline, MailDocument, PlainLine, Variable } from './schema';

/** Every block, those in columns after the block that holds them. */
export function allBlocks(document: Pick<MailDocument, 'blocks'>): Block[] {
  return document.blocks.flatMap((block): Block[] =>
    block.kind === 'columns' ? [block, ...block.columns.flat()] : [block],
  );
}

/** The lines of text of a block, in which its values stand. */
export function linesOf(block: Block): readonly (readonly (Inline | PlainLine[number])[])[] {
  switch (block.kind) {
    case 'heading':
      return [block.line];
    case 'text':
    case 'footer':
      return block.lines;
    case 'button':
      return [block.label];
    case 'html':
      return [block.source];
    default:
      return [];
  }
}

const piecesOf = (document: MailDocument): (Inline | PlainLine[number])[] =>
  [document.subject, document.preheader, ...allBlocks(document).flatMap(linesOf)].flat();

/** Every variable, in the order of the document. */
export function variablesOf(document: MailDocument): Variable[] {
  return piecesOf(document).filter((piece) => piece.type === 'variable');
}

/** The values that a call of the API gives, wherever they stand. */
export function givenIn(document: MailDocument): GivenValue[] {
  return piecesOf(document).filter((piece) => piece.type === 'given');
}

/** The attributes and tags that the document refers to, each once. */
export function referencesOf(document: MailDocument): { attributeIds: AttributeId[]; tagIds: TagId[] } {
  const tagIds = allBlocks(document).flatMap(({ onlyFor }) => (onlyFor ? [onlyFor.tagId] : []));
  return {
    attributeIds: [...new Set(variablesOf(document).map(({ attributeId }) => attributeId))],
    tagIds: [...new Set(tagIds)],
  };
}
