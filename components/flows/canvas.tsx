'use client';
// The flow from top to bottom: cards and lines where the layout puts them, which scroll like a page. One stop of Tab: the arrow keys walk from card
// to card.
import { useEffect, useMemo, useRef, type PointerEvent } from 'react';
import { CanvasCard } from './canvas-card';
import { useShown } from './editor-context';
import { layoutOf, MEASURES, MEASURES_WITH_NUMBERS, pathOf, rem, type Line } from './layout';
import type { NodeWords } from './node-words';

export const ZOOMS = [0.4, 0.5, 0.67, 0.8, 1, 1.25] as const;

type Props = {
  words: ReadonlyMap<string, NodeWords>;
  zoom: number;
  /** By Ctrl with the wheel, or by two fingers. */
  onZoom: (by: -1 | 1) => void;
};

export function Canvas({ words, zoom, onZoom }: Props) {
  const { document, nodes, problems, selected, numbers } = useShown();
  const measures = numbers.size > 0 ? MEASURES_WITH_NUMBERS : MEASURES;
  const box = useRef<HTMLDivElement>(null);
  const layout = useMemo(() => layoutOf(document.steps, measures), [document.steps, measures]);
  const latest = useRef(onZoom);
  useEffect(() => {
    latest.current = onZoom;
  });
  useEffect(() => {
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      if (event.deltaY !== 0) latest.current(event.deltaY < 0 ? 1 : -1);
    };
    const element = box.current;
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  }, []);
  return (
    <div
      ref={box}
      onPointerDown={drag}
      data-canvas
      className="bg-sunken border-line relative min-w-0 cursor-grab overflow-auto rounded-lg border"
    >
      <div style={{ zoom }} className="w-max min-w-full p-6">
        <div
          role="tree"
          aria-label="Steps of the flow"
          className="relative cursor-auto"
          style={{ width: rem(layout.width), height: rem(layout.height) }}
        >
          <Lines lines={layout.lines} width={layout.width} height={layout.height} />
          {nodes.map((node) => {
            const spot = layout.at.get(node.id)!;
            const plus = layout.plus.get(node.id);
            return (
              <CanvasCard
                key={node.id}
                id={node.id}
                kind={node.kind === 'step' ? node.step.kind : node.kind}
                words={words.get(node.id)!.sentence}
                label={words.get(node.id)!.kind}
                place={words.get(node.id)!.place}
                x={spot.x}
                y={spot.y}
                plusX={plus && plus.x - spot.x}
                plusY={plus && plus.y - spot.y}
                level={node.level}
                index={node.index}
                count={node.count}
                height={node.kind === 'way' ? measures.headHeight : measures.card.height}
                numbers={numbers.get(node.id)?.words}
                failed={numbers.get(node.id)?.failed ?? 0}
                problems={problems.get(node.id)}
                isSelected={selected === node.id}
                isTabStop={selected === node.id}
              />
            );
          })}
          {layout.end && (
            <div
              aria-hidden
              className="text-muted border-line-strong bg-surface absolute flex -translate-x-1/2 items-center rounded-full border px-3 text-[13px] whitespace-nowrap"
              style={{
                left: rem(layout.end.x),
                top: rem(layout.end.y),
                height: rem(28),
                maxWidth: rem(measures.card.width),
              }}
            >
              The flow ends
            </div>
          )}
        </div>
      </div>
    </div>
  );
}

function Lines({ lines, width, height }: { lines: readonly Line[]; width: number; height: number }) {
  return (
    <svg
      aria-hidden
      viewBox={`0 0 ${width} ${height}`}
      className="pointer-events-none absolute inset-0 overflow-visible"
      style={{ width: rem(width), height: rem(height) }}
    >
      {lines.map(({ key, points, isDead }) => (
        <path
          key={key}
          d={pathOf(points)}
          fill="none"
          stroke="var(--line-strong)"
          strokeWidth={1.5}
          strokeDasharray={isDead ? '3 5' : undefined}
        />
      ))}
    </svg>
  );
}

/** The ground is dragged with the mouse; a finger scrolls it anyway. */
function drag(event: PointerEvent<HTMLDivElement>): void {
  const box = event.currentTarget;
  if (event.pointerType !== 'mouse' || event.button !== 0) return;
  if ((event.target as Element).closest('[role="treeitem"]')) return;
  // Not its scroll bars.
  const { left, top } = box.getBoundingClientRect();
  if (event.clientX - left > box.clientWidth || event.clientY - top > box.clientHeight) return;
  event.preventDefault();
  const from = { x: event.clientX + box.scrollLeft, y: event.clientY + box.scrollTop };
  const move = (to: globalThis.PointerEvent) => box.scrollTo(from.x - to.clientX, from.y - to.clientY);
  const stop = () => {
    window.removeEventListener('pointermove', move);
    box.style.cursor = '';
  };
  box.style.cursor = 'grabbing';
  window.addEventListener('pointermove', move);
  window.addEventListener('pointerup', stop, { once: true });
  window.addEventListener('pointercancel', stop, { once: true });
}
