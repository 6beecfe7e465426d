'use client';
// Moves the focus among the rows of a table. Only one row is in the order of Tab.
import { useRef, useState, type RefObject } from 'react';

export type RowFocus = {
  /** Of the element whose children are the rows. */
  body: RefObject<HTMLTableSectionElement | null>;
  /** The index of the row that is in the order of Tab: the one that had the focus last. */
  active: number;
  setActive: (index: number) => void;
  /** Focuses a row, or the first or last one if there is none at this index. */
  focusRow: (index: number) => void;
  /** From the row with the focus; if none has it, to the active row. */
  move: (by: number) => void;
  hasFocus: () => boolean;
};

export function useRowFocus(count: number): RowFocus {
  const body = useRef<HTMLTableSectionElement>(null);
  const [chosen, setActive] = useState(0);
  const active = Math.max(0, Math.min(chosen, count - 1));
  const focusRow = (index: number) => {
    const next = Math.max(0, Math.min(count - 1, index));
    setActive(next);
    (body.current?.rows[next] as HTMLElement | undefined)?.focus();
  };
  const hasFocus = () => body.current?.contains(document.activeElement) ?? false;
  const move = (by: number) => focusRow(hasFocus() ? active + by : active);
  return { body, active, setActive, focusRow, move, hasFocus };
}
