'use client';
// The tag picker, the same in every place: type to filter, near names, create in place, three states for many profiles.
import clsx from 'clsx';
import { Check, Minus, Plus } from 'lucide-react';
import { useState } from 'react';
import { FindList } from '@/components/ui/find-list';
import type { TagId } from '@/lib/db/ids';
import { findTags, type TagEntry } from './find-tags';
import { TagWhereabouts } from './tag-whereabouts';
import { useCreateTag, useTags } from './use-tags';

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

export function TagPicker({ slug, label, selection, onToggle, autoFocus, canCreate = true }: TagPickerProps) {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const tags = useTags(slug);
  const create = useCreateTag(slug);
  const found = findTags(tags.data ?? [], text, { canCreate });

  async function choose(entry: TagEntry) {
    setProblem(null);
    if (entry.kind === 'tag') return onToggle(entry.tag, selection.get(entry.tag.id) !== 'all');
    const made = await create(entry.name);
    if (!made.ok) return setProblem(made.message);
    onToggle(made.tag, true);
    setText('');
  }

  const wrong = problem ?? (text.trim() === '' ? null : found.problem);
  return (
    <FindList
      label={label}
      placeholder={canCreate ? 'Find or create a tag' : 'Find a tag'}
      text={text}
      onText={(next) => {
        setText(next);
        setProblem(null);
      }}
      entries={found.entries}
      entryKey={(entry) => (entry.kind === 'tag' ? entry.tag.id : 'create')}
      show={(entry) => (
        <TagEntryContent entry={entry} state={entry.kind === 'tag' ? selection.get(entry.tag.id) : undefined} />
      )}
      isSelected={(entry) => entry.kind === 'tag' && selection.get(entry.tag.id) === 'all'}
      onChoose={(entry) => void choose(entry)}
      autoFocus={autoFocus}
      status={
        <>
          {wrong && <span className="text-danger">{wrong}</span>}
          {!wrong && tags.isPending && 'Loading tags …'}
          {!wrong && tags.isError && 'The tags could not be loaded. Trying again …'}
          {!wrong && found.unknown && tags.isSuccess && <TagWhereabouts slug={slug} name={text} />}
          {!wrong &&
            tags.data?.length === 0 &&
            text === '' &&
            'There are no tags yet. Type a name to create the first one.'}
        </>
      }
    />
  );
}

/** How a tag reads in a list of entries. */
function TagEntryContent({ entry, state }: { entry: TagEntry; state: 'all' | 'some' | undefined }) {
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
