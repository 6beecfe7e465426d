'use client';
// An empty mail: what to start from.
import type { ReactNode } from 'react';
import type { Block } from '@/lib/mail-document/schema';
import { newBlock } from './new-blocks';
import { STARTERS } from './starters';

/** `more`: what else it can start from. */
export function StartFrom({ onStart, more }: { onStart: (blocks: Block[]) => void; more?: ReactNode }) {
  const choices = [
    ...STARTERS,
    { id: 'empty', name: 'An empty mail', hint: 'Add blocks one by one', make: () => [newBlock('text')] },
  ];
  return (
    <div className="px-6 py-8 font-sans text-[14px]">
      <h2 className="mb-3 text-lg font-semibold">Start from</h2>
      <ul className="grid gap-2 @min-[26rem]/paper:grid-cols-2">
        {choices.map(({ id, name, hint, make }) => (
          <li key={id} className="contents">
            <button
              type="button"
              onClick={() => onStart(make())}
              className="rounded-lg border border-[#71717a]/60 px-4 py-3 text-left hover:bg-black/5"
            >
              <span className="block font-semibold">{name}</span>
              <span className="block opacity-75">{hint}</span>
            </button>
          </li>
        ))}
      </ul>
      {more}
    </div>
  );
}
