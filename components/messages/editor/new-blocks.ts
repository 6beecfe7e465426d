// The kinds of blocks that the editor offers, and new ones of them.
import {
  CodeXml,
  Columns2,
  Heading,
  Image,
  Minus,
  MousePointerClick,
  PanelBottom,
  Pilcrow,
  Share2,
  type LucideIcon,
} from 'lucide-react';
import type { Block, BlockKind } from '@/lib/mail-document/schema';
import { WHOLE_WIDTH } from './picture-widths';

export const BLOCK_KINDS: Record<BlockKind, { name: string; hint: string; Icon: LucideIcon }> = {
  text: { name: 'Text', hint: 'Paragraphs or a list', Icon: Pilcrow },
  heading: { name: 'Heading', hint: 'Of three sizes', Icon: Heading },
  image: { name: 'Image', hint: 'A picture, also as a link', Icon: Image },
  button: { name: 'Button', hint: 'A link that stands out', Icon: MousePointerClick },
  columns: { name: 'Columns', hint: 'Two or three side by side', Icon: Columns2 },
  divider: { name: 'Divider', hint: 'A thin line', Icon: Minus },
  social: { name: 'Social links', hint: 'Facebook, LinkedIn, …', Icon: Share2 },
  html: { name: 'HTML', hint: 'Ready-made, from an agency', Icon: CodeXml },
  footer: { name: 'Footer', hint: 'Small print at the end', Icon: PanelBottom },
};

/** Not `crypto.randomUUID`: browsers lack it where a page comes over plain HTTP. */
export const newBlockId = (): string => Math.random().toString(36).slice(2, 12).padEnd(10, '0');

export function newBlock(kind: BlockKind): Block {
  const common = { id: newBlockId(), onlyFor: null };
  switch (kind) {
    case 'heading':
      return { ...common, kind, level: 2, line: [], align: 'left' };
    case 'text':
      return { ...common, kind, lines: [[]], list: 'none', align: 'left' };
    case 'image':
      return { ...common, kind, source: '', alt: '', link: null, width: WHOLE_WIDTH, align: 'center' };
    case 'button':
      return { ...common, kind, label: [], link: '', align: 'center' };
    case 'divider':
      return { ...common, kind };
    case 'social':
      return { ...common, kind, links: [{ network: 'linkedin', link: '' }] };
    case 'html':
      return { ...common, kind, source: [], wide: true };
    case 'footer':
      return { ...common, kind, lines: [[]] };
    case 'columns': {
      const text = () => ({
        ...newBlock('text'),
        kind: 'text' as const,
        lines: [[]],
        list: 'none' as const,
        align: 'left' as const,
      });
      return { ...common, kind, columns: [[text()], [text()]] };
    }
  }
}
