'use client';
// The tag picker, the same in every place: type to filter, near names, create in place, three states for many profiles.
// A combobox with a listbox (WAI-ARIA APG): the input keeps the focus, arrows move, Enter chooses.
import { useVirtualizer } from '@tanstack/react-virtual';
import clsx from 'clsx';
import { Check, Minus, Plus } from 'lucide-react';
import { useId, useRef, useState, type KeyboardEvent } from 'react';
import { inputClass } from '@/components/ui/field';
import type { RefusalData } from '@/lib/access/refusal';
import type { TagId } from '@/lib/db/ids';
import { nameKey, nearTags, TagNameSchema } from '@/lib/tags/names';
import type { TagOption } from '@/lib/tags/schema';
import { useCreateTag, useTagElsewhere, useTags } from './use-tags';

/** Of the chosen profiles, all or some have the tag; a tag that is absent is on none of them. */
export type TagSelection = ReadonlyMap<TagId, 'all' | 'some'>;

type TagPickerProps = {
  slug: string;
  label: string;
  selection: TagSelection;
  /** `next`: whether the tag shall be on (all of) them. */
  onToggle: (tag: { id: TagId; name: string }, next: boolean) => void;
  autoFocus?: boolean;
  /** Where only existing tags make sense, such as in a filter. */
  canCreate?: boolean;
};

type Entry = { kind: 'tag'; tag: TagOption; near: boolean } | { kind: 'create'; name: string };

const ROW_HEIGHT = 34;

export function TagPicker({ slug, label, selection, onToggle, autoFocus, canCreate = true }: TagPickerProps) {
  const id = useId();
  const [text, setText] = useState('');
  const [active, setActive] = useState(0);
  const [problem, setProblem] = useState<string | null>(null);
  const tags = useTags(slug);
  const create = useCreateTag(slug);
  const list = useRef<HTMLDivElement>(null);

  const parsedName = TagNameSchema.safeParse(text);
  const entries = findEntries(tags.data ?? [], text, canCreate && parsedName.success ? parsedName.data : null);
  const unknown =
    text.trim() !== '' && !entries.some((entry) => entry.kind === 'tag' && nameKey(entry.tag.name) === nameKey(text));
  const elsewhere = useTagElsewhere(slug, text.trim(), unknown && tags.isSuccess);
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => list.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });

  const moveTo = (index: number) => {
    const next = Math.max(0, Math.min(entries.length - 1, index));
    setActive(next);
    rows.scrollToIndex(next);
  };

  async function choose(entry: Entry | undefined) {
    setProblem(null);
    if (!entry) return;
    if (entry.kind === 'tag') {
      onToggle(entry.tag, selection.get(entry.tag.id) !== 'all');
      return;
    }
    const result = await create.mutateAsync(entry.name).catch(() => null);
    if (!result) return setProblem('The server does not answer. Your text is still here: try again.');
    const tag = result.ok ? result.value : takenTag(result.refusal);
    if (!tag) return setProblem(result.ok ? null : result.refusal.message);
    onToggle(tag, true);
    setText('');
    setActive(0);
  }

  function onKeyDown(event: KeyboardEvent) {
    const moves: Record<string, number> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + 8,
      PageUp: active - 8,
    };
    const next = moves[event.key];
    if (next !== undefined) {
      event.preventDefault();
      moveTo(next);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      void choose(entries[active]);
    }
  }

  return (
    <div className="flex flex-col gap-2">
      <input
        role="combobox"
        aria-label={label}
        aria-expanded
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={entries.length > 0 ? `${id}-${active}` : undefined}
        autoComplete="off"
        autoFocus={autoFocus}
        value={text}
        placeholder={canCreate ? 'Find or create a tag' : 'Find a tag'}
        onChange={(event) => {
          setText(event.target.value);
          setActive(0);
          setProblem(null);
        }}
        onKeyDown={onKeyDown}
        className={inputClass}
      />
      <div
        ref={list}
        id={`${id}-list`}
        role="listbox"
        aria-label={label}
        aria-multiselectable
        tabIndex={-1}
        className="relative max-h-64 overflow-y-auto"
      >
        <div role="presentation" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index, start }) => {
            const entry = entries[index];
            if (!entry) return null;
            return (
              <div
                key={entry.kind === 'tag' ? entry.tag.id : 'create'}
                id={`${id}-${index}`}
                role="option"
                aria-selected={entry.kind === 'tag' && selection.get(entry.tag.id) === 'all'}
                aria-posinset={index + 1}
                aria-setsize={entries.length}
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => void choose(entry)}
                onMouseMove={() => active !== index && setActive(index)}
                style={{
                  position: 'absolute',
                  top: 0,
                  left: 0,
                  right: 0,
                  height: ROW_HEIGHT,
                  transform: `translateY(${start}px)`,
                }}
                className={clsx('flex cursor-default items-center gap-2 rounded px-2', index === active && 'bg-hover')}
              >
                <EntryContent entry={entry} state={entry.kind === 'tag' ? selection.get(entry.tag.id) : undefined} />
              </div>
            );
          })}
        </div>
      </div>
      <p role="status" className="text-muted text-[13px] empty:hidden">
        {problem && <span className="text-danger">{problem}</span>}
        {!problem && text.trim() !== '' && !parsedName.success && (
          <span className="text-danger">{parsedName.error.issues[0]?.message}</span>
        )}
        {!problem && tags.isPending && 'Loading tags …'}
        {!problem && tags.isError && 'The tags could not be loaded. Trying again …'}
        {!problem &&
          unknown &&
          (elsewhere.data?.length ?? 0) > 0 &&
          `A tag of this name exists in section ${elsewhere.data?.map(({ section }) => section).join(', ')}, not in this one.`}
        {!problem &&
          tags.data?.length === 0 &&
          text === '' &&
          'There are no tags yet. Type a name to create the first one.'}
      </p>
    </div>
  );
}

function EntryContent({ entry, state }: { entry: Entry; state: 'all' | 'some' | undefined }) {
  if (entry.kind === 'create') {
    return (
      <>
        <Plus aria-hidden className="text-accent size-4 shrink-0" />
        <span className="truncate">
          Create “<span className="font-medium">{entry.name}</span>”
        </span>
      </>
    );
  }
  return (
    <>
      <span
        aria-hidden
        className={clsx(
          'flex size-4 shrink-0 items-center justify-center rounded border',
          state ? 'border-accent bg-accent text-on-accent' : 'border-line-strong',
        )}
      >
        {state === 'all' && <Check className="size-3" strokeWidth={3} />}
        {state === 'some' && <Minus className="size-3" strokeWidth={3} />}
      </span>
      <span className="min-w-0 flex-1 truncate">{entry.tag.name}</span>
      {entry.near && <span className="text-warning shrink-0 text-xs">Did you mean this?</span>}
      {state === 'some' && <span className="text-muted shrink-0 text-xs">on some</span>}
      <span className="text-muted shrink-0 text-xs">{entry.tag.profiles.toLocaleString('en-GB')}</span>
    </>
  );
}

/** What the text finds, best first; near names where nothing is exactly it; last the offer to create it. */
/** The tag that has the name already: somebody was quicker than the list, and it is the one that was meant. */
function takenTag({ code, details }: RefusalData): { id: TagId; name: string } | undefined {
  return code === 'name_taken' ? (details as { taken?: { id: TagId; name: string } }).taken : undefined;
}

function findEntries(tags: readonly TagOption[], text: string, newName: string | null): Entry[] {
  const wanted = nameKey(text);
  if (wanted === '') return tags.map((tag) => ({ kind: 'tag', tag, near: false }));
  const starts: Entry[] = [];
  const contains: Entry[] = [];
  let exact = false;
  for (const tag of tags) {
    const key = nameKey(tag.name);
    if (key === wanted) exact = true;
    if (key.startsWith(wanted)) starts.push({ kind: 'tag', tag, near: false });
    else if (key.includes(wanted)) contains.push({ kind: 'tag', tag, near: false });
  }
  const found = [...starts, ...contains];
  if (exact) return found;
  const shown = new Set(found.map((entry) => (entry.kind === 'tag' ? entry.tag.id : null)));
  const near: Entry[] = nearTags(text, tags)
    .filter((tag) => !shown.has(tag.id))
    .map((tag) => ({ kind: 'tag', tag, near: true }));
  return [...found, ...near, ...(newName ? [{ kind: 'create' as const, name: newName }] : [])];
}
