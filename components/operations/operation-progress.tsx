'use client';
// How far an operation is: a bar while it runs, with speed and time left; its result in words afterwards.
import { useEffect, useRef } from 'react';
import { Banner, ProgressBar } from '@/components/ui/display';
import type { OperationView } from '@/lib/operations/schema';
import { hasEnded, useOperation } from './use-operation';
import { countsInWords } from './words';

type Props = { slug: string; operationId: number; initial?: OperationView; onEnd?: () => void };

export function OperationProgress({ slug, operationId, initial, onEnd }: Props) {
  const { data: operation } = useOperation(slug, operationId, initial);
  const ended = hasEnded(operation);
  const told = useRef(initial ? hasEnded(initial) : false);
  useEffect(() => {
    if (!ended || told.current) return;
    told.current = true;
    onEnd?.();
  }, [ended, onEnd]);

  if (!operation) return <ProgressBar label="Loading" value={null} />;
  if (operation.status === 'failed')
    return <Banner tone="danger">Stopped: {operation.error ?? 'something went wrong.'}</Banner>;
  if (operation.status === 'cancelled') {
    return (
      <Banner tone="warning">
        Cancelled. What was done until then stays, and can be undone. {countsInWords(operation)}
      </Banner>
    );
  }
  if (operation.status === 'done') return <Banner tone="success">{countsInWords(operation)}</Banner>;
  const share = operation.total ? operation.progress / operation.total : null;
  return (
    <div className="flex flex-col gap-1.5">
      <ProgressBar label={operation.summary} value={share} />
      <p className="text-muted text-[13px]">{progressInWords(operation)}</p>
    </div>
  );
}

function progressInWords({ status, startedAt, progress, total }: OperationView): string {
  if (status === 'queued' || !startedAt) return 'Waiting for a worker …';
  const done = progress.toLocaleString('en-GB');
  const seconds = (Date.now() - new Date(startedAt).getTime()) / 1_000;
  if (progress === 0 || seconds < 1) return `${done}${total ? ` of ${total.toLocaleString('en-GB')}` : ''} done`;
  const speed = progress / seconds;
  const left = total ? Math.max(0, Math.round((total - progress) / speed)) : null;
  const of = total ? ` of ${total.toLocaleString('en-GB')}` : '';
  return `${done}${of} done · ${Math.round(speed).toLocaleString('en-GB')} a second${left === null ? '' : ` · about ${left} s left`}`;
}
