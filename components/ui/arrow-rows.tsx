'use client';
// The body of a table whose rows the server renders: the arrow keys move among them, Enter opens the first link of the row.
import { useRef, type KeyboardEvent, type ReactNode } from 'react';
import { useHotkeys } from './hotkeys';

/** For a page's only or main table. */
export function ArrowRows({ children, className }: { children: ReactNode; className?: string }) {
  const body = useRef<HTMLTableSectionElement>(null);

  function move(by: number) {
    const rows = [...(body.current?.rows ?? [])];
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    focusRow(rows[at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + by))]);
  }
  useHotkeys({ ArrowDown: () => move(1), ArrowUp: () => move(-1) });

  function onKeyDown({ key, target }: KeyboardEvent) {
    if (key === 'Enter' && target instanceof HTMLTableRowElement) target.querySelector<HTMLElement>('a[href]')?.click();
  }

  return (
    <tbody ref={body} data-arrow-rows className={className} onKeyDown={onKeyDown}>
      {children}
    </tbody>
  );
}

/** Focuses the first row of the page's `ArrowRows`, if it has one. */
export const focusFirstRow = (): void =>
  focusRow(document.querySelector<HTMLTableRowElement>('[data-arrow-rows] > tr') ?? undefined);

function focusRow(row: HTMLTableRowElement | undefined): void {
  if (!row) return;
  // Only by the arrow keys: its links are in the order of Tab already.
  row.tabIndex = -1;
  row.focus();
}
