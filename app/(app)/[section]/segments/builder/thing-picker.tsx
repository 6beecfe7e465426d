'use client';
// What a new condition is about: type a few letters of a tag, an attribute, an event or a segment, and press Enter.
import {
  CalendarPlus,
  Filter,
  KeyRound,
  Layers,
  Plus,
  SlidersHorizontal,
  Tag as TagIcon,
  Zap,
  type LucideIcon,
} from 'lucide-react';
import { useState } from 'react';
import { DidYouMean } from '@/components/tags/tag-picker';
import { TagWhereabouts } from '@/components/tags/tag-whereabouts';
import { useTagFinder } from '@/components/tags/use-tag-finder';
import { FindList } from '@/components/ui/find-list';
import { nameKey } from '@/lib/naming/names';
import { TYPE_NAMES } from '@/lib/attributes/schema';
import type { Vocabulary } from '@/lib/segments/vocabulary';
import { useBuilder } from './builder-context';
import {
  attributeCondition,
  eventCondition,
  groupOf,
  profileCondition,
  segmentCondition,
  tagCondition,
  type DraftNode,
} from './draft';

type Entry = {
  key: string;
  name: string;
  /** Its kind: 'Tag', 'Number'. */
  hint: string;
  Icon: LucideIcon;
  /** Returns null if it has not been created; the picker then says why. */
  make: () => DraftNode | Promise<DraftNode | null>;
};

/** Before anything is typed, tags must not crowd out everything else. */
const TAGS_AT_FIRST = 6;

export function ThingPicker({ onPick }: { onPick: (node: DraftNode) => void }) {
  const { slug, vocabulary } = useBuilder();
  const [text, setText] = useState('');
  const finder = useTagFinder(slug, text, { canCreate: true });
  const { tags, asks, problem } = finder;
  const searching = text.trim() !== '';

  const tagEntries = finder.entries.flatMap((entry): Entry[] =>
    entry.kind === 'tag'
      ? [
          {
            key: `tag:${entry.tag.id}`,
            name: entry.tag.name,
            hint: entry.near ? 'Tag · did you mean this?' : `Tag · ${entry.tag.profiles.toLocaleString('en-GB')}`,
            Icon: TagIcon,
            make: () => tagCondition(entry.tag.id),
          },
        ]
      : [],
  );
  const others = asks ? [] : otherEntries(vocabulary).filter(({ name }) => nameKey(name).includes(nameKey(text)));
  const offer = finder.entries.flatMap((entry): Entry[] =>
    entry.kind === 'create'
      ? [
          {
            key: 'create',
            name: `Create the tag “${entry.name}”${entry.despite.length > 0 ? ' anyway' : ''}`,
            hint: '',
            Icon: Plus,
            make: async () => {
              const made = await finder.create(entry);
              return made && tagCondition(made.id);
            },
          },
        ]
      : [],
  );
  const entries = searching
    ? [...tagEntries, ...others, ...offer]
    : [...largestFirst(tagEntries, tags.data ?? []), ...others];

  async function choose(entry: Entry) {
    const made = await entry.make();
    if (made) onPick(made);
  }

  return (
    <FindList
      label="Add a condition"
      placeholder="A tag, attribute, event or segment"
      text={text}
      onText={(next) => {
        setText(next);
        finder.forgetProblem();
      }}
      listKey={finder.listKey}
      entries={entries}
      entryKey={({ key }) => key}
      show={({ name, hint, Icon }) => (
        <>
          <Icon aria-hidden className="text-muted size-4 shrink-0" />
          <span className="min-w-0 flex-1 truncate">{name}</span>
          <span className="text-muted shrink-0 text-xs">{hint}</span>
        </>
      )}
      onChoose={(entry) => void choose(entry)}
      autoFocus
      status={
        <>
          {problem && <span className="text-danger">{problem}</span>}
          {!problem && asks && <DidYouMean />}
          {!problem && searching && finder.unknown && tags.isSuccess && <TagWhereabouts slug={slug} name={text} />}
          {!problem &&
            !searching &&
            (tags.data?.length ?? 0) > TAGS_AT_FIRST &&
            `Type to find any of ${tags.data?.length.toLocaleString('en-GB')} tags.`}
        </>
      }
    />
  );
}

function largestFirst(entries: readonly Entry[], tags: readonly { id: number; profiles: number }[]): Entry[] {
  const size = new Map(tags.map(({ id, profiles }) => [`tag:${id}`, profiles]));
  return [...entries]
    .sort((left, right) => (size.get(right.key) ?? 0) - (size.get(left.key) ?? 0))
    .slice(0, TAGS_AT_FIRST);
}

function otherEntries({ attributes, events, segments, keyspaces }: Vocabulary): Entry[] {
  return [
    ...attributes
      .filter(({ lost }) => !lost)
      .map(({ id, name, type }) => ({
        key: `attribute:${id}`,
        name,
        hint: TYPE_NAMES[type],
        Icon: SlidersHorizontal,
        make: () => attributeCondition(id, type),
      })),
    ...events
      .filter(({ lost }) => !lost)
      .map(({ id, name }) => ({
        key: `event:${id}`,
        name,
        hint: 'Event',
        Icon: Zap,
        make: () => eventCondition(id),
      })),
    {
      key: 'created',
      name: 'When the profile was added',
      hint: 'Profile',
      Icon: CalendarPlus,
      make: () => profileCondition('created', null),
    },
    {
      key: 'no-tag',
      name: 'Has no tag at all',
      hint: 'Profile',
      Icon: TagIcon,
      make: () => profileCondition('has_no_tag', null),
    },
    ...keyspaces.map(({ id, name }) => ({
      key: `key:${id}`,
      name: `Has a key in ${name}`,
      hint: 'Profile',
      Icon: KeyRound,
      make: () => profileCondition('has_key', id),
    })),
    ...segments
      .filter(({ attention }) => !attention)
      .map(({ id, name }) => ({
        key: `segment:${id}`,
        name,
        hint: 'Segment',
        Icon: Filter,
        make: () => segmentCondition(id),
      })),
    {
      key: 'group',
      name: 'A group of conditions (all, any or none of them)',
      hint: 'Group',
      Icon: Layers,
      make: () => groupOf('any', []),
    },
  ];
}
