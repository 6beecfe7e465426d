'use client';
// A combobox with a listbox (WAI-ARIA APG): type to filter, arrows to move, Enter to choose. The input keeps the focus; long lists
// are virtualised.
import { measureElement, useVirtualizer } from '@tanstack/react-virtual';
import clsx from 'clsx';
import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode, type RefObject } from 'react';
import { inputClass } from './field';
import { activeOptionClass } from './popover-class';

const ROW_HEIGHT = 34;
/** In pixels: then it scrolls. Seven rows and the upper half of the next one, which fades out: there is more below. */
const LIST_HEIGHT = 256;
const FADE = LIST_HEIGHT % ROW_HEIGHT;
const fadeStyle = { maskImage: `linear-gradient(#000 calc(100% - ${FADE}px), transparent)` };

type FindListProps<Entry> = {
  label: string;
  placeholder: string;
  text: string;
  onText: (text: string) => void;
  /** Changes with the source of the entries, which activates the first one; defaults to the text. */
  listKey?: string;
  inputRef?: RefObject<HTMLInputElement | null>;
  /** The matches, best first. */
  entries: readonly Entry[];
  entryKey: (entry: Entry) => string | number;
  show: (entry: Entry) => ReactNode;
  onChoose: (entry: Entry) => void;
  /** Better entries are awaited: Enter does not choose one of these, but calls `onEnterEarly`. */
  isWaiting?: boolean;
  onEnterEarly?: () => void;
  autoFocus?: boolean;
  /** Enter chooses an entry only if somebody has moved to it. */
  entersOnlyMoved?: boolean;
  /** Whether an entry is selected. */
  isSelected?: (entry: Entry) => boolean;
  /** Only one of them can be selected. */
  single?: boolean;
  /** More about the active entry in a line below the list; null: it has nothing more. */
  describe?: (entry: Entry) => string | null;
  /** Fields for the active entry. */
  fieldsFor?: (entry: Entry) => ReactNode;
  /** Shown below the list: an error or a hint. */
  status?: ReactNode;
};

export function FindList<Entry>({
  label,
  placeholder,
  text,
  onText,
  listKey = text,
  inputRef,
  entries,
  entryKey,
  show,
  onChoose,
  isWaiting = false,
  onEnterEarly,
  autoFocus,
  entersOnlyMoved = false,
  isSelected,
  single = false,
  describe,
  fieldsFor,
  status,
}: FindListProps<Entry>) {
  const id = useId();
  const [active, setActive] = useState({ of: listKey, index: 0, isMoved: false });
  const list = useRef<HTMLDivElement>(null);
  const ownInput = useRef<HTMLInputElement>(null);
  const input = inputRef ?? ownInput;
  // A dialog around the popover takes the focus back that the browser gives on mounting, as it does not know the popover yet.
  useEffect(() => {
    if (autoFocus) input.current?.focus();
  }, [autoFocus, input]);
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => list.current,
    estimateSize: () => ROW_HEIGHT,
    // Long names wrap, so the height of an entry is measured: when the browser has laid it out. To ask for it earlier would make the
    // browser lay out the whole page at each key.
    measureElement: (element, entry, list) =>
      entry === undefined
        ? (list.measurementsCache[list.indexFromElement(element)]?.size ?? ROW_HEIGHT)
        : measureElement(element, entry, list),
    getItemKey: (index) => (entries[index] === undefined ? index : entryKey(entries[index])),
    overscan: 12,
    // The active row is above what fades.
    scrollPaddingEnd: FADE,
  });
  // The list, with what is below it, keeps its height while somebody types: nothing below it jumps, and a popover need not find its place
  // again. Once the only one is chosen, what is below comes nearer.
  const height = Math.min(LIST_HEIGHT, rows.getTotalSize());
  const [tallest, setTallest] = useState(height);
  if (height > tallest) setTallest(height);
  const choose = (entry: Entry) => {
    onChoose(entry);
    if (single) setTallest(height);
  };
  const shown = rows.getVirtualItems();
  const hasMore = (rows.scrollOffset ?? 0) + LIST_HEIGHT < rows.getTotalSize();
  const here = active.of === listKey ? Math.min(active.index, Math.max(0, entries.length - 1)) : 0;
  const isIdle = entersOnlyMoved && !(active.of === listKey && active.isMoved);

  const moveTo = (index: number) => {
    const next = Math.max(0, Math.min(entries.length - 1, index));
    setActive({ of: listKey, index: next, isMoved: true });
    rows.scrollToIndex(next);
  };

  function onKeyDown(event: KeyboardEvent) {
    const moves: Record<string, number> = {
      ArrowDown: isIdle ? 0 : here + 1,
      ArrowUp: here - 1,
      PageDown: here + 8,
      PageUp: here - 8,
    };
    const next = moves[event.key];
    if (next !== undefined) {
      event.preventDefault();
      moveTo(next);
    } else if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      const entry = entries[here];
      if (isWaiting) onEnterEarly?.();
      else if (entry !== undefined && !isIdle) choose(entry);
    }
  }

  const current = isWaiting || isIdle ? undefined : entries[here];
  const about = current === undefined ? null : (describe?.(current) ?? null);

  return (
    <div className="flex flex-col gap-2">
      <input
        ref={input}
        role="combobox"
        aria-label={label}
        aria-expanded
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={entries.length > 0 && !isWaiting && !isIdle ? `${id}-${here}` : undefined}
        autoComplete="off"
        autoFocus={autoFocus}
        value={text}
        placeholder={placeholder}
        onChange={(event) => {
          setActive((before) => ({ ...before, isMoved: false }));
          onText(event.target.value);
        }}
        onKeyDown={onKeyDown}
        className={inputClass}
      />
      <div className="flex flex-col gap-2" style={{ minHeight: tallest }}>
        <div
          ref={list}
          id={`${id}-list`}
          role="listbox"
          aria-label={label}
          aria-multiselectable={isSelected && !single ? true : undefined}
          tabIndex={-1}
          className="overflow-y-auto"
          style={{ maxHeight: LIST_HEIGHT, ...(hasMore && fadeStyle) }}
        >
          <div role="presentation" style={{ height: rows.getTotalSize() }}>
            <div role="presentation" style={{ transform: `translateY(${shown[0]?.start ?? 0}px)` }}>
              {shown.map(({ index }) => {
                const entry = entries[index];
                if (entry === undefined) return null;
                return (
                  <div
                    key={entryKey(entry)}
                    id={`${id}-${index}`}
                    ref={rows.measureElement}
                    data-index={index}
                    role="option"
                    aria-selected={isSelected ? isSelected(entry) : index === here}
                    aria-posinset={index + 1}
                    aria-setsize={entries.length}
                    aria-describedby={index === here && about ? `${id}-about` : undefined}
                    onMouseDown={(event) => event.preventDefault()}
                    onClick={() => choose(entry)}
                    onMouseMove={() => (here !== index || isIdle) && setActive({ of: listKey, index, isMoved: true })}
                    style={{ minHeight: ROW_HEIGHT }}
                    className={clsx(
                      'flex cursor-default items-center gap-2 rounded px-2 py-1',
                      index === here && !isWaiting && !isIdle && activeOptionClass,
                    )}
                  >
                    {show(entry)}
                  </div>
                );
              })}
            </div>
          </div>
        </div>
        {about && (
          <p id={`${id}-about`} className="text-muted text-[13px] wrap-anywhere">
            {about}
          </p>
        )}
        {current !== undefined && fieldsFor?.(current)}
      </div>
      <p role="status" className="text-muted min-h-[1lh] text-[13px]">
        {status}
      </p>
    </div>
  );
}
