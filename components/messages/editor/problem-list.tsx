'use client';
// What is wrong with the mail, and a way to each place.
import { CircleCheck } from 'lucide-react';
import type { Problem } from '@/lib/mail-document/problems';
import { ProblemLine } from './problem-line';

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
            <ProblemLine must={must} words={words} />
          </button>
        </li>
      ))}
    </ul>
  );
}
