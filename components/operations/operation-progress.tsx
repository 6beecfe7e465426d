'use client';
// The progress of an operation: a bar with speed and remaining time while it runs, then its result in words.
import { useEffect, useRef, useState } from 'react';
import { Banner, ProgressBar } from '@/components/ui/display';
import type { OperationView } from '@/lib/activity/schema';
import { progressInWords } from './progress-words';
import { hasEnded, useOperation } from './use-operation';
import { toneOf } from './tone';

type Props = { slug: string; operationId: number; initial?: OperationView; onEnd?: () => void };

export function OperationProgress({ slug, operationId, initial, onEnd }: Props) {
  const { data: operation } = useOperation(slug, operationId, initial);
  const ended = hasEnded(operation);
  const speed = useSpeed(operation);
  const reported = useRef(initial ? hasEnded(initial) : false);
  useEffect(() => {
    // An operation continues if somebody retries it.
    if (ended && !reported.current) onEnd?.();
    reported.current = ended;
  }, [ended, onEnd]);

  if (!operation) return <ProgressBar label="Loading" value={null} />;
  if (operation.status === 'failed')
    return <Banner tone="danger">Stopped: {operation.error ?? 'something went wrong.'}</Banner>;
  if (operation.status === 'cancelled') {
    return (
      <Banner tone="warning">
        {operation.undoable
          ? 'Cancelled. Changes made so far stay, and can be undone.'
          : 'Cancelled. What was done so far stays.'}{' '}
        {operation.countsInWords}
      </Banner>
    );
  }
  if (operation.status === 'done') return <Banner tone={toneOf(operation)}>{operation.countsInWords}</Banner>;
  const share = operation.total ? operation.progress / operation.total : null;
  return (
    <div className="flex flex-col gap-1.5">
      <ProgressBar label={operation.summary} value={share} />
      <p className="text-muted text-[13px]">{progressInWords(operation, speed)}</p>
    </div>
  );
}

/** Items per second since this page first saw the phase; null until it can be computed. */
function useSpeed(operation: OperationView | undefined): number | null {
  const [seen, setSeen] = useState<{ phase: number; progress: number; at: number } | null>(null);
  const [speed, setSpeed] = useState<number | null>(null);
  const { phase, progress } = operation ?? { phase: 0, progress: 0 };
  useEffect(() => {
    const now = Date.now();
    if (!seen || seen.phase !== phase) {
      setSeen({ phase, progress, at: now });
      setSpeed(null);
    } else if (progress > seen.progress && now - seen.at >= 1_000) {
      setSpeed((progress - seen.progress) / ((now - seen.at) / 1_000));
    }
  }, [phase, progress, seen]);
  return speed;
}
