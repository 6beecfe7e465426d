'use client';
import { CircleAlert, Info } from 'lucide-react';

/** A problem or an advice: its sign and its words. */
export function ProblemLine({ must, words }: { must: boolean; words: string }) {
  const Sign = must ? CircleAlert : Info;
  return (
    <>
      <Sign
        aria-label={must ? 'Must be fixed' : 'Advice'}
        className={`${must ? 'text-danger' : 'text-muted'} mt-0.5 size-4 shrink-0`}
      />
      <span className="min-w-0 text-[13px] wrap-anywhere">{words}</span>
    </>
  );
}
