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
import { useRef, useState } from 'react';
import { DidYouMean } from '@/components/tags/tag-picker';
import { TagWhereabouts } from '@/components/tags/tag-whereabouts';
import { useTagFinder } from '@/components/tags/use-tag-finder';
import { useTagNamed } from '@/components/tags/use-tags';
import { FindList } from '@/components/ui/find-list';
import { matchScore, searchable } from '@/lib/naming/word-search';
import { TYPE_NAMES } from '@/lib/attributes/schema';
import type { Vocabulary } from '@/lib/segments/vocabulary';
import type { TagOption } from '@/lib/tags/schema';
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
  const tagNamed = useTagNamed(slug);
  const latest = useRef(text);
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
  const others = matchingOthers(asks ? [] : otherEntries(vocabulary), text);
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
    ? [...others.exact, ...tagEntries, ...others.rest, ...offer]
    : [...firstTags(tagEntries, tags.tags), ...others.rest];

  /** Enter before the answer chooses what has exactly that name. */
  async function chooseEarly() {
    const [other] = others.exact;
    if (other) return choose(other);
    const tag = await tagNamed(text);
    if (tag && latest.current === text) onPick(tagCondition(tag.id));
  }

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
        finder.searchAhead(next);
        setText(next);
        latest.current = next;
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
      isWaiting={finder.isWaiting}
      onEnterEarly={() => void chooseEarly().catch(() => undefined)}
      autoFocus
      status={
        <>
          {problem && <span className="text-danger">{problem}</span>}
          {!problem && asks && <DidYouMean />}
          {!problem && finder.isWaiting && searching && !tags.isError && 'Searching…'}
          {!problem && tags.isError && `The tags could not be loaded. ${tags.error?.message}`}
          {!problem && finder.unknown && <TagWhereabouts slug={slug} name={text} />}
          {!problem &&
            !searching &&
            (tags.total ?? 0) > TAGS_AT_FIRST &&
            `Type to find any of ${tags.total?.toLocaleString('en-GB')} tags.`}
        </>
      }
    />
  );
}

/** Favourites, then the largest. */
function firstTags(entries: readonly Entry[], tags: readonly TagOption[]): Entry[] {
  const rank = new Map(tags.map(({ id, favourite, profiles }) => [`tag:${id}`, favourite ? Infinity : profiles]));
  const rankOf = ({ key }: Entry) => rank.get(key) ?? 0;
  return entries.toSorted((left, right) => (rankOf(left) < rankOf(right) ? 1 : -1)).slice(0, TAGS_AT_FIRST);
}

/** What else matches. `exact`: has just that name, and comes before the tags that contain it. */
function matchingOthers(others: readonly Entry[], text: string): { exact: Entry[]; rest: Entry[] } {
  const wanted = searchable(text);
  const exact = wanted.key === '' ? [] : others.filter(({ name }) => searchable(name).key === wanted.key);
  const scored = others.map((entry) => ({ entry, score: matchScore(wanted, searchable(entry.name)) }));
  const found = scored.filter(({ score }) => score > 0).sort((left, right) => right.score - left.score);
  return { exact, rest: found.flatMap(({ entry }) => (exact.includes(entry) ? [] : entry)) };
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
