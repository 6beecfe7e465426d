// A value of the person in a text: one whole that cannot be taken apart by typing.
import { mergeAttributes, Node } from '@tiptap/core';
import type { AttributeId } from '@/lib/db/ids';

export type VariableAttrs = { attributeId: AttributeId; fallback: string };

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
      parseHTML: (element: HTMLElement) => Number(element.dataset.variable),
      renderHTML: ({ attributeId }: { attributeId?: unknown }) => ({ 'data-variable': attributeId }),
    },
    fallback: {
      default: '',
      parseHTML: (element: HTMLElement) => element.dataset.fallback ?? '',
      renderHTML: ({ fallback }: { fallback?: unknown }) => ({ 'data-fallback': fallback }),
    },
  }),
  parseHTML: () => [{ tag: 'span[data-variable]' }],
  renderHTML({ node, HTMLAttributes }) {
    const { attributeId, fallback } = node.attrs as VariableAttrs;
    const name = this.options.nameOf(attributeId);
    const chip = mergeAttributes(HTMLAttributes, {
      class: fallback === '' ? 'mail-variable is-bare' : 'mail-variable',
    });
    const or = fallback === '' ? ' · or nothing' : ` · or “${fallback}”`;
    return ['span', chip, ['span', {}, name], ['span', { class: 'mail-variable-or' }, or]];
  },
  renderText({ node }) {
    return this.options.nameOf((node.attrs as VariableAttrs).attributeId);
  },
});
