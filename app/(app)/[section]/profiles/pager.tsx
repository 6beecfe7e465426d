'use client';
// '51–100 of 2,500', and the pages before and after.
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { Suspense, use } from 'react';
import type { Deferred } from '@/app/deferred';
import { buttonClass } from '@/components/ui/button-class';
import type { Place } from '@/lib/profiles/sort-schema';

export type PageStart = { before: Place | null; after: Place | null; from: number };

type Props = {
  /** How many profiles come before the page, and how many it shows. */
  from: number;
  shown: number;
  newer: Place | null;
  older: Place | null;
  count: Deferred<number>;
  /** The key of this answer, for its count. */
  answer: string;
  /** Another page or order is on its way: its places are not known yet. */
  waiting: boolean;
  onGo: (start: PageStart) => void;
};

/** Profiles on a page, except the last. */
const PAGE = 50;

export function Pager({ from, shown, newer, older, count, answer, waiting, onGo }: Props) {
  if (shown === 0 || (newer === null && older === null)) return null;
  const first = newer === null ? 0 : from;
  return (
    <nav aria-label="Pages" className="mt-3 flex items-center justify-end gap-2">
      <span className="text-muted tabular-nums">
        {number(first + 1)}–{number(first + shown)}
        <Suspense key={answer}>
          <Total count={count} />
        </Suspense>
      </span>
      <PageButton
        label="Previous page"
        isDisabled={waiting || newer === null}
        onPress={() => onGo({ before: null, after: newer, from: Math.max(0, first - PAGE) })}
      >
        <ChevronLeft aria-hidden className="size-4" />
      </PageButton>
      <PageButton
        label="Next page"
        isDisabled={waiting || older === null}
        onPress={() => onGo({ before: older, after: null, from: first + shown })}
      >
        <ChevronRight aria-hidden className="size-4" />
      </PageButton>
    </nav>
  );
}

function Total({ count }: { count: Deferred<number> }) {
  const counted = use(count);
  return counted.ok ? ` of ${number(counted.value)}` : null;
}

type ButtonProps = { label: string; isDisabled: boolean; onPress: () => void; children: React.ReactNode };

/** Keeps the focus while it does nothing: a disabled button would lose it. */
function PageButton({ label, isDisabled, onPress, children }: ButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      aria-disabled={isDisabled}
      onClick={() => !isDisabled && onPress()}
      className={`${buttonClass({ size: 'small' })} aria-disabled:cursor-default aria-disabled:opacity-50`}
    >
      {children}
    </button>
  );
}

const number = (value: number) => value.toLocaleString('en-GB');
