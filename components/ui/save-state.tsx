'use client';
// Whether what is shown is saved, and what to do if it is not.
import { Check, LoaderCircle } from 'lucide-react';
import { Button } from './button';
import { Banner } from './display';
import type { RefusalData } from '@/lib/access/refusal';

export function SaveState({ state }: { state: 'saved' | 'saving' | 'refused' }) {
  return (
    <span role="status" className="text-muted inline-flex items-center gap-1 text-[13px] whitespace-nowrap">
      {state === 'saved' && (
        <>
          <Check aria-hidden className="size-3.5" /> Saved
        </>
      )}
      {state === 'saving' && (
        <>
          <LoaderCircle aria-hidden className="size-3.5 animate-spin" /> Saving…
        </>
      )}
      {state === 'refused' && <span className="text-danger">Not saved</span>}
    </span>
  );
}

type Props = {
  /** What it is: 'message'. */
  thing: string;
  refusal: RefusalData;
  copying: boolean;
  onRetry: () => void;
  onCopy: () => void;
  onReload: () => void;
};

/** Nothing that was written is lost: it is on the page, and kept in this browser. */
export function NotSaved({ thing, refusal, copying, onRetry, onCopy, onReload }: Props) {
  const isConflict = refusal.code === 'conflict' || refusal.code === 'not_found';
  return (
    <Banner tone="danger">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <span className="min-w-0 flex-1 basis-72">
          <strong className="font-semibold">Not saved:</strong> {refusal.message}{' '}
          {isConflict
            ? `What you have written is still here: keep it as a ${thing} of its own, or go on with the saved one.`
            : 'What you have written is still here, and this browser keeps it.'}
        </span>
        {isConflict ? (
          <span className="flex flex-wrap gap-2">
            <Button size="small" isPending={copying} onPress={onCopy}>
              Keep mine as a copy
            </Button>
            <Button size="small" onPress={onReload}>
              Show the saved one
            </Button>
          </span>
        ) : (
          <Button size="small" onPress={onRetry}>
            Try again
          </Button>
        )}
      </div>
    </Banner>
  );
}
