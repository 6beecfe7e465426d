'use client';
// What a block says, on the canvas: in the measures and colours of the mail (lib/mail-document/look.ts), and edited in place.
import type { CSSProperties } from 'react';
import { FOOTER_COLOUR, FOOTER_SIZE, HEADING_SIZES, LINE_COLOUR, TEXT_SIZE } from '@/lib/mail-document/look';
import { NETWORK_NAMES, type Block, type PlainLine } from '@/lib/mail-document/schema';
import { useEditorActions } from './editor-context';
import { HtmlContent } from './html-content';
import { ImageContent } from './image-content';
import { newBlock } from './new-blocks';
import { RichText } from './rich-text';

type Of<Kind extends Block['kind']> = Extract<Block, { kind: Kind }>;

export function BlockContent({ block }: { block: Block }) {
  switch (block.kind) {
    case 'heading':
      return <HeadingContent block={block} />;
    case 'text':
      return <TextContent block={block} />;
    case 'image':
      return <ImageContent block={block} />;
    case 'button':
      return <ButtonContent block={block} />;
    case 'divider':
      return (
        <div className="px-6 py-4">
          <div style={{ borderTop: `1px solid ${LINE_COLOUR}` }} />
        </div>
      );
    case 'social':
      return <SocialContent block={block} />;
    case 'html':
      return <HtmlContent block={block} />;
    case 'footer':
      return <FooterContent block={block} />;
    case 'columns':
      return null;
  }
}

const COMMON = 'px-6 py-2';

function HeadingContent({ block }: { block: Of<'heading'> }) {
  const { changeBlock, addAfter } = useEditorActions();
  const fontSize = HEADING_SIZES[block.level];
  return (
    <div className={COMMON} style={{ fontSize, lineHeight: 1.25, fontWeight: 700, textAlign: block.align }}>
      <RichText
        kind="line"
        label={`Heading ${block.level}`}
        placeholder="Heading"
        value={block.line}
        onChange={(line) => changeBlock(block.id, (now) => ({ ...now, line }) as Block, textOf(block))}
        onEnter={() => addAfter(block.id, newBlock('text'))}
      />
    </div>
  );
}

/** Letters of one text are one step of undo. */
const textOf = ({ id }: Block) => `text of ${id}`;

function TextContent({ block }: { block: Of<'text'> }) {
  const { changeBlock } = useEditorActions();
  return (
    <div className={COMMON} style={{ fontSize: TEXT_SIZE, lineHeight: 1.5, textAlign: block.align }}>
      <RichText
        kind="lines"
        label={block.list === 'none' ? 'Text' : 'List'}
        placeholder={block.list === 'none' ? 'Write here' : 'An item of the list'}
        className={`mail-lines is-${block.list}`}
        value={block.lines}
        onChange={(lines) => changeBlock(block.id, (now) => ({ ...now, lines }) as Block, textOf(block))}
      />
    </div>
  );
}

function ButtonContent({ block }: { block: Of<'button'> }) {
  const { brand, changeBlock } = useEditorActions();
  const setLabel = (label: PlainLine) => changeBlock(block.id, (now) => ({ ...now, label }) as Block, textOf(block));
  return (
    <div className="px-6 py-3" style={{ textAlign: block.align }}>
      <div
        className="inline-block max-w-full rounded-md px-6 py-3 text-center"
        style={{ background: brand.accent, color: brand.onAccent, fontSize: 16, lineHeight: 1.2, fontWeight: 600 }}
      >
        <RichText
          kind="plain"
          label="Text of the button"
          placeholder="Read more"
          value={block.label}
          onChange={setLabel}
        />
      </div>
    </div>
  );
}

function SocialContent({ block }: { block: Of<'social'> }) {
  const { brand } = useEditorActions();
  return (
    <div className={`${COMMON} text-center`} style={{ fontSize: TEXT_SIZE, lineHeight: 1.5 }}>
      {block.links.map(({ network, link }, at) => (
        <span key={at}>
          {at > 0 && ' \u00a0·\u00a0 '}
          <span className="underline" style={{ color: brand.accent, opacity: link === '' ? 0.6 : 1 }}>
            {NETWORK_NAMES[network]}
          </span>
        </span>
      ))}
    </div>
  );
}

function FooterContent({ block }: { block: Of<'footer'> }) {
  const { changeBlock } = useEditorActions();
  const style: CSSProperties = { fontSize: FOOTER_SIZE, lineHeight: 1.5, color: FOOTER_COLOUR, textAlign: 'center' };
  return (
    <div className={COMMON} style={style}>
      <RichText
        kind="lines"
        label="Footer"
        placeholder="Why people get this, who you are"
        value={block.lines}
        onChange={(lines) => changeBlock(block.id, (now) => ({ ...now, lines }) as Block, textOf(block))}
      />
    </div>
  );
}
