'use client';
// The tag picker, the same everywhere: type to filter, create in place after confirming similar names, three states for bulk
// selections.
import clsx from 'clsx';
import { Check, Minus, Plus, Star } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button } from '@/components/ui/button';
import { FindList } from '@/components/ui/find-list';
import type { TagId } from '@/lib/db/ids';
import { nameKey } from '@/lib/naming/names';
import type { TagColour } from '@/lib/tags/colour';
import type { TagLabel } from '@/lib/tags/schema';
import { ChosenTags } from './chosen-tags';
import { ColourField } from './look-fields';
import type { TagEntry } from './find-tags';
import { ColourDot } from './tag-colour';
import { TagWhereabouts } from './tag-whereabouts';
import { useTagFinder } from './use-tag-finder';
import { useTagLabels, useTagNamed } from './use-tags';

/** Whether all or some of the selected profiles have a tag; absent tags are on none. */
export type TagSelection = ReadonlyMap<TagId, 'all' | 'some'>;

/** A tag that does not exist yet. */
export type LaterTag = Omit<TagLabel, 'id'>;

/** `group`: unknown of a tag that was just created. */
export type PickedTag = TagLabel & { group?: string };

type TagPickerProps = {
  slug: string;
  label: string;
  selection: TagSelection;
  /** `next`: whether all of them should have the tag. */
  onToggle: (tag: PickedTag, next: boolean) => void;
  autoFocus?: boolean;
  /** False where only existing tags make sense, such as in a filter. */
  canCreate?: boolean;
  /** For forms that create new tags when they are submitted: the picker only chooses their names. */
  later?: {
    tags: readonly LaterTag[];
    onChange: (tags: LaterTag[]) => void;
    /** A name is being checked: what is chosen is not complete until then. */
    onChecking: (isChecking: boolean) => void;
  };
  /** A tag to exclude. */
  without?: TagId;
  /** What removing a selected tag means, below its name. */
  noteOn?: (id: TagId) => string | null;
  /** Shows chosen tags as chips above the list; only their own buttons remove them, and choosing one again has no effect. */
  showsChosen?: boolean;
  /** Only one tag is chosen: another one takes its place. */
  single?: boolean;
};

export function TagPicker({
  slug,
  label,
  selection,
  onToggle,
  autoFocus,
  canCreate = true,
  later,
  without,
  noteOn,
  showsChosen = false,
  single = false,
}: TagPickerProps) {
  const [text, setText] = useState('');
  const [again, setAgain] = useState<string | null>(null);
  const [colour, setColour] = useState<TagColour | null>(null);
  const input = useRef<HTMLInputElement>(null);
  /** The text with which Enter was pressed too early: a second press does not choose twice. */
  const early = useRef<string | null>(null);
  const finder = useTagFinder(slug, text, { canCreate, without });
  const tagNamed = useTagNamed(slug);
  // A tag that is removed while another name is being checked must stay removed.
  const latest = useRef(later);
  useEffect(() => {
    latest.current = later;
  });
  const chosen = showsChosen ? [...selection.keys()] : [];
  const { labels } = useTagLabels(slug, chosen);
  const { tags } = finder;
  const problem = finder.problem ?? finder.nameProblem;

  const change = (next: string) => {
    finder.searchAhead(next);
    setText(next);
    setAgain(null);
    finder.forgetProblem();
  };

  async function choose(entry: TagEntry) {
    setAgain(null);
    if (entry.kind === 'create' && later?.tags.some(({ name }) => nameKey(name) === nameKey(entry.name))) {
      return setAgain(entry.name);
    }
    later?.onChecking(entry.kind === 'create');
    const tag = entry.kind === 'tag' ? entry.tag : await (later ? finder.check(entry) : finder.create(entry, colour));
    later?.onChecking(false);
    if (!tag) return;
    if (tag === 'free') {
      if (entry.kind === 'create' && latest.current) {
        latest.current.onChange([...latest.current.tags, { name: entry.name, colour }]);
      }
      setText((now) => (now === text ? '' : now));
      setColour(null);
      return;
    }
    const has = selection.get(tag.id) === 'all';
    if (has && showsChosen) return setAgain(tag.name);
    onToggle(tag, entry.kind === 'create' || !has);
    // What was typed while the tag was being created stays.
    if (entry.kind === 'create' || finder.asks) setText((now) => (now === text ? '' : now));
    if (entry.kind === 'create') setColour(null);
    // The next text replaces what found this tag.
    if (document.activeElement === input.current) input.current?.select();
  }

  /** Enter before the answer chooses the tag with exactly that name. Nothing is created this way. */
  async function chooseEarly() {
    if (early.current === text) return;
    early.current = text;
    const tag = await tagNamed(text).finally(() => (early.current = null));
    if (tag && tag.id !== without && input.current?.value === text) await choose({ kind: 'tag', tag, near: false });
  }

  const picker = (
    <FindList
      label={label}
      placeholder={canCreate ? 'Find or create a tag' : 'Find a tag'}
      inputRef={input}
      text={text}
      onText={change}
      listKey={finder.listKey}
      entries={finder.entries}
      entryKey={(entry) => (entry.kind === 'tag' ? entry.tag.id : 'create')}
      show={(entry) => (
        <TagEntryContent
          entry={entry}
          single={single}
          state={entry.kind === 'tag' ? selection.get(entry.tag.id) : undefined}
          isChosen={showsChosen && entry.kind === 'tag' && selection.has(entry.tag.id)}
          note={entry.kind === 'tag' && selection.has(entry.tag.id) ? (noteOn?.(entry.tag.id) ?? null) : null}
        />
      )}
      isSelected={(entry) => entry.kind === 'tag' && selection.get(entry.tag.id) === 'all'}
      single={single}
      onChoose={(entry) => void choose(entry)}
      isWaiting={finder.isWaiting}
      describe={(entry) => (entry.kind === 'tag' ? entry.tag.description || null : null)}
      fieldsFor={(entry) =>
        entry.kind === 'create' && <ColourField label="Colour of the new tag" value={colour} onChange={setColour} />
      }
      onEnterEarly={() => void chooseEarly().catch(() => undefined)}
      autoFocus={autoFocus}
      // A second Enter after a choice must not take the first of all tags.
      entersOnlyMoved={text.trim() === ''}
      status={
        <>
          {problem && <span className="text-danger">{problem}</span>}
          {again !== null && `“${again}” is already chosen. Use its button to remove it.`}
          {!problem && finder.asks && <DidYouMean />}
          {!problem && tags.isPending && (text.trim() === '' ? 'Loading tags…' : 'Searching…')}
          {!problem && tags.isError && (
            <>
              The tags could not be loaded. {tags.error?.message}{' '}
              <Button size="small" isPending={tags.isFetching} onPress={() => void tags.refetch()}>
                Try again
              </Button>
            </>
          )}
          {!problem && finder.unknown && <TagWhereabouts slug={slug} name={text} />}
          {!problem && text.trim() === '' && <FirstHint total={tags.total} shown={tags.tags.length} />}
        </>
      }
    />
  );
  if (!showsChosen) return picker;
  return (
    <div className="flex flex-col gap-2">
      <ChosenTags
        label={`${label}: chosen`}
        tags={chosen.map((id) => labels.get(id) ?? { id, name: '…', colour: null })}
        onRemove={(tag) => {
          setAgain(null);
          onToggle(tag, false);
          // The pressed button disappears.
          input.current?.focus();
        }}
        later={later?.tags}
        onRemoveLater={(name) => {
          setAgain(null);
          later?.onChange(later.tags.filter((one) => one.name !== name));
          input.current?.focus();
        }}
      />
      {picker}
    </div>
  );
}

/** While nothing is typed. `total`: undefined until known. */
function FirstHint({ total, shown }: { total: number | undefined; shown: number }) {
  if (total === 0) return 'There are no tags yet. Type a name to create the first one.';
  if (total === undefined || shown >= total) return null;
  return `Type to find any of ${total.toLocaleString('en-GB')} tags.`;
}

/** Shown above the options: the similar tags, and creating it anyway. */
export function DidYouMean() {
  return (
    <span className="text-warning">
      Did you mean one of these? Two tags with the same meaning cause confusion later. Choose one, or create yours
      anyway.
    </span>
  );
}

/** A tag in the list of options. */
type ContentProps = {
  entry: TagEntry;
  single: boolean;
  state: 'all' | 'some' | undefined;
  isChosen: boolean;
  note: string | null;
};

function TagEntryContent({ entry, single, state, isChosen, note }: ContentProps) {
  if (entry.kind === 'create') {
    return (
      <>
        <Plus aria-hidden className="text-accent size-4 shrink-0" />
        <span className="min-w-0 wrap-anywhere">
          Create “<span className="font-medium">{entry.name}</span>”{entry.despite.length > 0 && ' anyway'}
        </span>
      </>
    );
  }
  return (
    <>
      {single ? (
        <Check aria-hidden className={clsx('text-accent size-4 shrink-0', !state && 'invisible')} />
      ) : (
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
      )}
      <ColourDot colour={entry.tag.colour} />
      <span className="min-w-0 flex-1 wrap-anywhere">
        <bdi>{entry.tag.name}</bdi>
        {note !== null && <span className="text-muted block text-xs">{note}</span>}
        {entry.near && <span className="text-warning block text-xs">Did you mean this?</span>}
      </span>
      {entry.tag.favourite && <Star aria-label="Favourite" className="size-3.5 shrink-0 fill-current text-warning" />}
      {isChosen && <span className="text-accent-ink shrink-0 text-xs font-medium">chosen</span>}
      {state === 'some' && <span className="text-muted shrink-0 text-xs">on some</span>}
      <span className="text-muted shrink-0 text-xs">{entry.tag.profiles.toLocaleString('en-GB')}</span>
    </>
  );
}
