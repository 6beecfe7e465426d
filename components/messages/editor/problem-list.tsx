'use client';
// What is wrong with the mail, and a way to each place.
import { CircleAlert, CircleCheck, Info } from 'lucide-react';
import type { Problem } from '@/lib/mail-document/problems';

export function ProblemList({
  problems,
  onGo,
}: {
  problems: readonly Problem[];
  onGo: (blockId: string | null) => void;
}) {
  if (problems.length === 0) {
    return (
      <p className="text-success flex items-center gap-2">
        <CircleCheck aria-hidden className="size-4 shrink-0" />
        Nothing is missing.
      </p>
    );
  }
  return (
    <ul className="flex flex-col gap-1">
      {problems.map(({ blockId, must, words }, at) => (
        <li key={at}>
          <button
            type="button"
            onClick={() => onGo(blockId)}
            className="hover:bg-hover flex w-full items-start gap-2 rounded-md px-1.5 py-1 text-left"
          >
            {must ? (
              <CircleAlert aria-label="Must be fixed" className="text-danger mt-0.5 size-4 shrink-0" />
            ) : (
              <Info aria-label="Advice" className="text-muted mt-0.5 size-4 shrink-0" />
            )}
            <span className="min-w-0 text-[13px] wrap-anywhere">{words}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
