// A value in a text, of the person or of a call of the API: one whole that cannot be taken apart by typing.
import { mergeAttributes, Node } from '@tiptap/core';
import type { AttributeId } from '@/lib/db/ids';

/** Of an attribute, or the name of what a call gives. */
export type VariableAttrs = { fallback: string } & (
  | { attributeId: AttributeId; given: null }
  | { attributeId: null; given: string }
);

type Options = { nameOf: (id: AttributeId) => string };

export const VariableNode = Node.create<Options>({
  name: 'variable',
  group: 'inline',
  inline: true,
  atom: true,
  selectable: true,
  addOptions: () => ({ nameOf: () => '' }),
  addAttributes: () => ({
    attributeId: {
      default: null,
      parseHTML: (element: HTMLElement) => Number(element.dataset.variable) || null,
      renderHTML: ({ attributeId }: { attributeId?: unknown }) => ({ 'data-variable': attributeId }),
    },
    given: {
      default: null,
      parseHTML: (element: HTMLElement) => element.dataset.given ?? null,
      renderHTML: ({ given }: { given?: unknown }) => ({ 'data-given': given }),
    },
    fallback: {
      default: '',
      parseHTML: (element: HTMLElement) => element.dataset.fallback ?? '',
      renderHTML: ({ fallback }: { fallback?: unknown }) => ({ 'data-fallback': fallback }),
    },
  }),
  parseHTML: () => [{ tag: 'span[data-variable]' }, { tag: 'span[data-given]' }],
  renderHTML({ node, HTMLAttributes }) {
    const attrs = node.attrs as VariableAttrs;
    const { fallback } = attrs;
    const name = attrs.given ?? this.options.nameOf(attrs.attributeId);
    const chip = mergeAttributes(HTMLAttributes, {
      class: fallback === '' && attrs.given === null ? 'mail-variable is-bare' : 'mail-variable',
    });
    const bare = attrs.given === null ? ' · or nothing' : ' · by the API';
    const or = fallback === '' ? bare : ` · or “${fallback}”`;
    return ['span', chip, ['span', {}, name], ['span', { class: 'mail-variable-or' }, or]];
  },
  renderText({ node }) {
    const { given, attributeId } = node.attrs as VariableAttrs;
    return given ?? this.options.nameOf(attributeId);
  },
});
