// Lines of a document as what the text editor (ProseMirror) works on, and back. Only what a document can hold comes back.
import type { JSONContent } from '@tiptap/core';
import { AttributeIdSchema } from '@/lib/db/ids';
import { GivenNameSchema, isLinkAddress, type Inline, type Mark, type PlainLine } from '@/lib/mail-document/schema';

const MARKS: readonly Mark[] = ['bold', 'italic', 'underline'];

type Piece = Inline | PlainLine[number];

function nodeOf(piece: Piece): JSONContent {
  if (piece.type === 'break') return { type: 'hardBreak' };
  const marks = ('marks' in piece ? piece.marks : []).map((type): { type: string; attrs?: object } => ({ type }));
  if (piece.type !== 'text') {
    const { fallback } = piece;
    const attrs =
      piece.type === 'given'
        ? { attributeId: null, given: piece.name, fallback }
        : { attributeId: piece.attributeId, given: null, fallback };
    return { type: 'variable', attrs, ...(marks.length > 0 && { marks }) };
  }
  if ('link' in piece && piece.link !== null) marks.push({ type: 'link', attrs: { href: piece.link } });
  return { type: 'text', text: piece.text, ...(marks.length > 0 && { marks }) };
}

export const toEditor = (lines: readonly (readonly Piece[])[]): JSONContent => ({
  type: 'doc',
  content: (lines.length === 0 ? [[]] : lines).map((line) => ({ type: 'paragraph', content: line.map(nodeOf) })),
});

function pieceOf({ type, text, attrs, marks = [] }: JSONContent): Inline[] {
  const kept = MARKS.filter((mark) => marks.some((one) => one.type === mark));
  if (type === 'hardBreak') return [{ type: 'break' }];
  if (type === 'variable') {
    const id = AttributeIdSchema.safeParse(attrs?.attributeId);
    const fallback = typeof attrs?.fallback === 'string' ? attrs.fallback.slice(0, 200) : '';
    if (id.success) return [{ type: 'variable', attributeId: id.data, fallback, marks: kept }];
    const given = GivenNameSchema.safeParse(attrs?.given);
    return given.success ? [{ type: 'given', name: given.data, fallback, marks: kept }] : [];
  }
  if (type !== 'text' || !text) return [];
  const href: unknown = marks.find((one) => one.type === 'link')?.attrs?.href;
  const link = typeof href === 'string' && isLinkAddress(href) ? href : null;
  return [{ type: 'text', text: text.replace(/[\n\r]+/g, ' '), marks: kept, link }];
}

/** The lines that the editor shows. */
export const toLines = (doc: JSONContent): Inline[][] =>
  (doc.content ?? []).map((paragraph) => (paragraph.content ?? []).flatMap(pieceOf));

/** Without marks, links and breaks: for subjects and buttons. */
export const toPlainLine = (doc: JSONContent): PlainLine =>
  toLines(doc)
    .flat()
    .flatMap((piece): PlainLine => {
      if (piece.type === 'break') return [];
      if (piece.type === 'text') return [{ type: 'text', text: piece.text }];
      const { marks: _marks, ...plain } = piece;
      return [plain];
    });
