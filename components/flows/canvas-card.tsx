'use client';
// A card of the canvas, or the head of a way: what it does in words, what is wrong with it, and the '+' on the line below it.
import clsx from 'clsx';
import { CircleAlert, Info, LogIn, Plus } from 'lucide-react';
import { memo } from 'react';
import type { FlowProblem } from '@/lib/flows/problems';
import type { StepKind } from '@/lib/flows/schema';
import { useEditor } from './editor-context';
import { MEASURES, rem } from './layout';
import { iconOf } from './step-kinds';
import { START, type NodeId } from './tree';

type Props = {
  id: NodeId;
  kind: StepKind | 'start' | 'way';
  /** In small letters, above the words. */
  label: string;
  words: string;
  place: string;
  x: number;
  y: number;
  /** The middle of its '+', from its corner. */
  plusX: number | undefined;
  plusY: number | undefined;
  height: number;
  /** What has happened here, once the flow has been published. */
  numbers: string | undefined;
  failed: number;
  level: number;
  index: number;
  count: number;
  problems: readonly FlowProblem[] | undefined;
  isSelected: boolean;
  isTabStop: boolean;
};

const { card } = MEASURES;

export const CanvasCard = memo(function CanvasCard(props: Props) {
  const { id, kind, label, words, place, x, y, height, plusX, plusY, level, index, count, problems, isSelected } =
    props;
  const { numbers, failed } = props;
  const { select, press } = useEditor();
  const isWay = kind === 'way';
  return (
    <div
      role="treeitem"
      data-node-id={id}
      tabIndex={props.isTabStop ? 0 : -1}
      aria-level={level}
      aria-posinset={index + 1}
      aria-setsize={count}
      aria-selected={isSelected}
      aria-label={nameOf(props)}
      title={`${label}: ${words}`}
      onFocus={(event) => event.target === event.currentTarget && select(id)}
      onClick={(event) => {
        if (!(event.target as Element).closest('[data-plus]')) press(id);
      }}
      className="group absolute scroll-m-16 outline-none"
      style={{ left: rem(x), top: rem(y), width: rem(card.width), height: rem(height) }}
    >
      <div
        aria-hidden
        className={clsx(
          'flex size-full cursor-pointer flex-col border',
          isWay ? 'rounded-full' : 'rounded-lg shadow-sm',
          'group-focus-visible:outline-focus group-focus-visible:outline-2 group-focus-visible:outline-offset-2',
          isSelected ? 'border-accent ring-accent bg-surface ring-1' : 'border-line-strong bg-surface hover:bg-hover',
        )}
      >
        <span className="flex min-h-0 flex-1 items-center gap-3 px-3">
          {!isWay && <KindIcon kind={kind} />}
          <span className="min-w-0 flex-1">
            {!isWay && <span className="text-muted block truncate text-xs">{label}</span>}
            <span className={isWay ? 'block truncate text-center text-[13px]' : 'line-clamp-2 leading-5 font-medium'}>
              {words}
              {isWay && numbers !== undefined && (
                <span className="text-muted ml-2 text-xs tabular-nums">{numbers}</span>
              )}
            </span>
          </span>
          {problems && <ProblemSign problems={problems} />}
        </span>
        {!isWay && numbers !== undefined && (
          <span
            className={clsx(
              'border-line truncate border-t px-3 py-1 text-center text-xs tabular-nums',
              failed > 0 ? 'text-danger' : 'text-muted',
            )}
          >
            {numbers}
          </span>
        )}
      </div>
      {plusX !== undefined && plusY !== undefined && (
        <PlusButton id={id} words={words} place={place} kind={kind} style={{ left: rem(plusX), top: rem(plusY) }} />
      )}
    </div>
  );
});

function nameOf({ label, words, place, numbers, problems, kind }: Props): string {
  const wrong = (problems ?? []).map((problem) => problem.words);
  return [kind === 'way' ? words : `${label}: ${words}`, place, numbers, ...wrong].filter(Boolean).join(', ');
}

/** The sign of a kind of step in a square. */
export function KindIcon({ kind }: { kind: StepKind | 'start' | 'way' }) {
  const Icon = kind === 'start' ? LogIn : iconOf(kind === 'way' ? 'branch' : kind);
  return (
    <span
      className={clsx(
        'flex size-9 shrink-0 items-center justify-center rounded-md',
        kind === 'start' ? 'bg-accent text-on-accent' : 'bg-accent-soft text-accent-ink',
      )}
    >
      <Icon aria-hidden className="size-4.5" />
    </span>
  );
}

export function ProblemSign({ problems }: { problems: readonly FlowProblem[] }) {
  const must = problems.some((problem) => problem.must);
  const Sign = must ? CircleAlert : Info;
  return (
    <span title={problems.map(({ words }) => words).join(' ')} className="shrink-0 self-start pt-2">
      <Sign aria-hidden className={must ? 'text-danger size-4' : 'text-muted size-4'} />
    </span>
  );
}

type PlusProps = { id: NodeId; words: string; place: string; kind: Props['kind']; style: object };

/** In reach of the mouse and of a screen reader; by keyboard, '+' on the card does the same. */
function PlusButton({ id, words, place, kind, style }: PlusProps) {
  const { askWhat } = useEditor();
  return (
    <button
      type="button"
      tabIndex={-1}
      data-plus={id}
      aria-label={plusName({ id, words, place, kind })}
      onClick={() => askWhat(id)}
      style={style}
      className="border-line-strong text-muted bg-surface hover:bg-accent hover:border-accent hover:text-on-accent absolute flex size-6 -translate-1/2 cursor-pointer items-center justify-center rounded-full border"
    >
      <Plus aria-hidden className="size-4" />
    </button>
  );
}

/** 'Add a step after Wait 2 days'. */
export function plusName({ id, words, place, kind }: Omit<PlusProps, 'style'>): string {
  if (id === START) return 'Add a step at the beginning';
  return kind === 'way' ? `Add a step on “${words}”, ${place}` : `Add a step after ${words}`;
}
