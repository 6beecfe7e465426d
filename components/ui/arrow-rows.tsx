'use client';
// Rows that the server renders, or items of a list: the arrow keys move among them.
import { useRef, type KeyboardEvent, type ReactNode, type RefObject } from 'react';
import { useHotkeys } from './hotkeys';

type Props = {
  children: ReactNode;
  className?: string;
  /** The page's only or main table: the arrow keys lead into it from anywhere. Another one has them while the focus is in it. */
  isMain?: boolean;
};

/** The body of a table: Enter opens the first link of the row. */
export function ArrowRows({ children, className, isMain = true }: Props) {
  const body = useRef<HTMLTableSectionElement>(null);
  useArrows(body, isMain);

  function onKeyDown({ key, target }: KeyboardEvent) {
    if (key === 'Enter' && target instanceof HTMLTableRowElement) target.querySelector<HTMLElement>('a[href]')?.click();
  }

  return (
    <tbody ref={body} data-arrow-rows={isMain ? 'main' : 'other'} className={className} onKeyDown={onKeyDown}>
      {children}
    </tbody>
  );
}

/** A list of things to choose: Enter or the space bar chooses the item, or no longer. */
export function ArrowItems({ children, className }: Omit<Props, 'isMain'>) {
  const list = useRef<HTMLUListElement>(null);
  useArrows(list, true);

  function onKeyDown(event: KeyboardEvent) {
    const { key, target } = event;
    if ((key !== 'Enter' && key !== ' ') || !(target instanceof HTMLLIElement)) return;
    event.preventDefault();
    target.querySelector<HTMLElement>('input[type="checkbox"]:enabled')?.click();
  }

  return (
    <ul ref={list} data-arrow-rows="main" className={className} onKeyDown={onKeyDown}>
      {children}
    </ul>
  );
}

function useArrows(box: RefObject<HTMLElement | null>, isMain: boolean): void {
  function move(by: number) {
    const rows = [...(box.current?.children ?? [])];
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    focusRow(rows[at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + by))]);
  }
  const applies = () =>
    isMain
      ? !document.activeElement?.closest('[data-arrow-rows="other"]')
      : box.current?.contains(document.activeElement);
  useHotkeys({ ArrowDown: () => move(1), ArrowUp: () => move(-1) }, applies);
}

/** Focuses the first row of the page's main table or list, if it has one. */
export const focusFirstRow = (): void => focusRow(document.querySelector('[data-arrow-rows="main"] > *') ?? undefined);

function focusRow(row: Element | undefined): void {
  if (!(row instanceof HTMLElement)) return;
  // Only by the arrow keys: its links are in the order of Tab already.
  row.tabIndex = -1;
  row.focus();
}
