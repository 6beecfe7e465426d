'use client';
// Blocks one after the other: in the mail, or in a column. What is dragged over it finds its place by its middle lines.
import { memo, useContext, useRef, useState, type DragEvent } from 'react';
import { BLOCK_KINDS } from './new-blocks';
import type { Block, BlockKind } from '@/lib/mail-document/schema';
import { AddAtEnd, Gap } from './add-block';
import { BlockContent } from './block-content';
import { BlockFrame, DRAGGED, type BlockPlace } from './block-frame';
import { SelectionContext, useEditorActions } from './editor-context';
import { canStandIn } from './tree';

type Props = { blocks: readonly Block[]; within: string | null; column: number };

export function BlockList({ blocks, within, column }: Props) {
  const { move } = useEditorActions();
  const { selected } = useContext(SelectionContext);
  const list = useRef<HTMLDivElement>(null);
  const [target, setTarget] = useState<number | null>(null);

  /** Where the dragged block would land; null if this list cannot have it. */
  function indexFor(event: DragEvent): number | null {
    const kind = event.dataTransfer.types.find((type) => type.startsWith(`${DRAGGED}-`))?.slice(DRAGGED.length + 1);
    if (!kind || !(kind in BLOCK_KINDS) || !canStandIn(kind as BlockKind, within)) return null;
    const frames = [...(list.current?.querySelectorAll(':scope > [data-block-id]') ?? [])];
    const index = frames.findIndex((frame) => {
      const { top, height } = frame.getBoundingClientRect();
      return event.clientY < top + height / 2;
    });
    return index < 0 ? frames.length : index;
  }

  return (
    <div
      ref={list}
      className="flex min-w-0 flex-col"
      onDragOver={(event) => {
        const index = indexFor(event);
        if (index === null) return;
        event.preventDefault();
        event.stopPropagation();
        setTarget(index);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setTarget(null);
      }}
      onDrop={(event) => {
        const index = indexFor(event);
        setTarget(null);
        if (index === null) return;
        event.preventDefault();
        event.stopPropagation();
        move(event.dataTransfer.getData(DRAGGED), { within, column, index });
      }}
    >
      {blocks.flatMap((block, index) => [
        <div key={`gap-${block.id}`} className="relative">
          {target === index && <DropLine />}
          <Gap place={{ within, column, index }} />
        </div>,
        <BlockItem
          key={block.id}
          block={block}
          isSelected={selected === block.id}
          within={within}
          column={column}
          index={index}
          count={blocks.length}
        />,
      ])}
      <div className="relative">{target === blocks.length && <DropLine />}</div>
      <div className={within === null ? 'px-6 pt-3 pb-6' : 'px-3 pt-2'}>
        <AddAtEnd place={{ within, column, index: blocks.length }} quiet={within !== null} />
      </div>
    </div>
  );
}

const DropLine = () => <div className="bg-accent absolute inset-x-1 -top-0.5 z-20 h-1 rounded-full" />;

/** A block in its frame. */
export const BlockItem = memo(function BlockItem(place: BlockPlace) {
  const { block } = place;
  return (
    <BlockFrame {...place}>
      {block.kind === 'columns' ? <Columns block={block} /> : <BlockContent block={block} />}
    </BlockFrame>
  );
});

function Columns({ block: { id, columns } }: { block: Extract<Block, { kind: 'columns' }> }) {
  return (
    <div
      className="grid gap-y-2 py-1 @max-[30rem]/paper:grid-cols-1!"
      style={{ gridTemplateColumns: `repeat(${columns.length}, minmax(0, 1fr))` }}
    >
      {columns.map((items, at) => (
        <div key={at} className="min-w-0 rounded-xs bg-black/[0.02] py-1 outline-1 outline-black/10 outline-dashed">
          <BlockList blocks={items} within={id} column={at} />
        </div>
      ))}
    </div>
  );
}
