// The columns that the list can have. Ids are those of exported files.
import type { ReactNode } from 'react';
import { TagLink } from '@/components/tags/tag-chip';
import { colouredFirst } from '@/components/tags/tag-colour';
import { DateTime } from '@/components/ui/date-time';
import { displayValue } from '@/lib/attributes/display';
import type { Attribute } from '@/lib/attributes/schema';
import { KEY_ATTRIBUTES } from '@/lib/profiles/keys';
import { enteredKeyspaces, type Keyspace, type ProfileRow } from '@/lib/profiles/schema';

export type Column = {
  id: string;
  title: string;
  /** What the list is sorted by at a press on its title; null: it cannot be. */
  sort: string | null;
  numeric?: boolean;
  /** From which width on it is shown, where nobody chose columns. */
  from?: 'sm' | 'lg';
  cell: (profile: ProfileRow) => ReactNode;
};

/** Shown where nobody chose columns. */
export const USUAL_COLUMNS = ['keys', 'tags', 'added'];

const TAGS_SHOWN = 4;

type Known = { keyspaces: readonly Keyspace[]; attributes: readonly Attribute[]; sortable: readonly string[] };

/** All columns, in the order in which they are offered. */
export function columnsOf({ keyspaces, attributes, sortable }: Known): Column[] {
  // An attribute that repeats a key would be the same column again.
  const repeated = new Set<string>(keyspaces.flatMap(({ kind }) => KEY_ATTRIBUTES[kind] ?? []));
  return [
    { id: 'keys', title: 'Keys', sort: null, from: 'sm', cell: (profile) => <Keys {...{ profile, keyspaces }} /> },
    ...enteredKeyspaces(keyspaces).map(({ id, name }) => ({
      id: `key:${id}`,
      title: name,
      sort: null,
      cell: ({ keys }: ProfileRow) => <Text text={keys.find(({ keyspaceId }) => keyspaceId === id)?.key ?? ''} />,
    })),
    ...attributes
      .filter(({ code }) => !repeated.has(code))
      .map(({ code, name, type }) => ({
        id: `attribute:${code}`,
        title: name,
        sort: sortable.includes(code) ? `attribute:${code}` : null,
        numeric: type === 'number',
        cell: (profile: ProfileRow) => <Text text={displayValue(type, profile.attributes[code])} />,
      })),
    { id: 'tags', title: 'Tags', sort: null, from: 'sm', cell: ({ tags }) => <TagsOfRow tags={tags} /> },
    { id: 'added', title: 'Added', sort: 'added', from: 'lg', cell: (row) => <DateTime value={row.createdAt} /> },
    { id: 'changed', title: 'Last change', sort: 'changed', cell: (row) => <DateTime value={row.updatedAt} /> },
  ];
}

/** The columns with these ids, in their order, each once. Ids that are none fall away. */
export const chosenColumns = (all: readonly Column[], ids: readonly string[] | null): Column[] =>
  [...new Set(ids ?? USUAL_COLUMNS)].flatMap((id) => all.find((column) => column.id === id) ?? []);

function Text({ text }: { text: string }) {
  return (
    <bdi className="block max-w-60 truncate" title={text}>
      {text}
    </bdi>
  );
}

function Keys({ profile: { keys }, keyspaces }: { profile: ProfileRow; keyspaces: readonly Keyspace[] }) {
  const text = keys.map(({ key }) => key).join(' · ');
  return (
    <>
      <span className="block max-w-52 truncate @3xl:max-w-60 @5xl:max-w-80" title={text}>
        {text}
      </span>
      <span className="sr-only">
        {keys.map((key) => keyspaces.find(({ id }) => id === key.keyspaceId)?.name).join(', ')}
      </span>
    </>
  );
}

/** As many as a row has room for. */
export function TagsOfRow({ tags: all }: Pick<ProfileRow, 'tags'>) {
  if (all.length === 0) return null;
  const tags = colouredFirst(all);
  const others = tags.slice(TAGS_SHOWN);
  return (
    <span className="flex flex-wrap items-center gap-1 @3xl:min-w-56">
      {tags.slice(0, TAGS_SHOWN).map((tag) => (
        <span key={tag.id} className="relative z-10 max-w-full">
          <TagLink tag={tag} />
        </span>
      ))}
      {others.length > 0 && (
        <span className="text-muted relative z-10 text-xs" title={others.map(({ name }) => name).join(', ')}>
          +{others.length}
          <span className="sr-only"> more tags</span>
        </span>
      )}
    </span>
  );
}
