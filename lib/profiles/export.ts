// A segment as a CSV file of any size, read through a cursor: one snapshot of the data, with few rows in memory. Rows that the
// reader does not ask for are never computed.
import type { Actor } from '@/lib/access/actor';
import { refuse } from '@/lib/access/refusal';
import { listAttributes } from '@/lib/attributes/queries';
import type { AttributeType } from '@/lib/attributes/schema';
import type { AccountId, SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { join, sql, type Sql } from '@/lib/db/sql';
import { csvOf, requireDownloadSlot } from '@/lib/profiles/download';
import { KEY_ATTRIBUTES } from '@/lib/profiles/keys';
import { listKeyspaces } from '@/lib/profiles/queries';
import { enteredKeyspaces } from '@/lib/profiles/schema';
import { namesAsText } from '@/lib/tags/name-list';
import { visibleTags } from '@/lib/tags/labels';
import type { Opened } from './definitions';
import { membersOf, type AsOf } from './members';

/** `value`: an expression on the row of `profile`; `show`: formats it, if it is not written as it is. */
type Column = { id: string; title: string; value: Sql; show?: (value: unknown) => string };

/** The columns that an export may have, in the file's order: keys, attributes, tags, when the profile was added. */
export async function exportColumns(sectionId: SectionId, accountId: AccountId): Promise<Column[]> {
  const [keyspaces, attributes, tags] = await Promise.all([
    listKeyspaces(pool(), accountId),
    listAttributes(pool(), sectionId),
    visibleTags(pool(), sectionId),
  ]);
  const order = new Map<unknown, number>(tags.map(({ id }, place) => [id, place]));
  // An attribute that repeats a key would be the same column again.
  const following = keyspaces.map(({ kind }) => KEY_ATTRIBUTES[kind]);
  const columns: Column[] = [
    ...enteredKeyspaces(keyspaces).map(({ id, name }) => ({
      id: `key:${id}`,
      title: name,
      value: sql`(
        select keyed.key from profile_key keyed
        where keyed.section_id = ${sectionId} and keyed.profile_id = profile.id and keyed.keyspace_id = ${id}
      )`,
    })),
    ...attributes
      .filter(({ code }) => !following.includes(code))
      .map(({ id, code, name, type }) => ({
        id: `attribute:${id}`,
        title: name,
        value: attributeText(code, type),
      })),
    {
      id: 'tags',
      title: 'Tags',
      // Names are looked up here: several times faster than a join for each profile.
      value: sql`array(
        select held.tag_id from profile_tag held
        where held.section_id = ${sectionId} and held.profile_id = profile.id
      )`,
      show: (ids) =>
        namesAsText(
          (ids as number[])
            .flatMap((id) => order.get(id) ?? [])
            .sort((left, right) => left - right)
            .map((place) => tags[place]!.name),
        ),
    },
    {
      id: 'added',
      title: 'Added',
      value: sql`to_char(profile.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`,
    },
  ];
  return columns.map((column, index) => {
    const before = columns.slice(0, index).filter(({ title }) => title === column.title).length;
    return before === 0 ? column : { ...column, title: `${column.title} (${before + 1})` };
  });
}

function attributeText(code: string, type: AttributeType): Sql {
  const text = sql`profile.attributes ->> ${code}::text`;
  return type === 'boolean' ? sql`case ${text} when 'true' then 'Yes' when 'false' then 'No' end` : text;
}

type ExportRequest = {
  /** Ids of columns; none: all. */
  columns: readonly string[];
  asOf?: AsOf;
  /** Aborted when the reader disconnects. */
  signal?: AbortSignal;
};

/** The lines of the file. Refuses unknown columns, and more files at once than are allowed. */
export async function exportMembers(
  { actor, sectionId }: { actor: Actor; sectionId: SectionId },
  opened: Opened,
  { columns: chosen, asOf, signal }: ExportRequest,
): Promise<AsyncGenerator<string>> {
  const all = await exportColumns(sectionId, actor.accountId);
  if (chosen.some((id) => !all.some((column) => column.id === id))) {
    refuse('not_found', 'A column of this export is no longer there. Choose the columns again.');
  }
  requireDownloadSlot(actor);
  const columns = chosen.length > 0 ? all.filter(({ id }) => chosen.includes(id)) : all;
  const values = join(
    columns.map(({ value }) => value),
    ', ',
  );
  return csvOf<unknown[]>(
    columns.map(({ title }) => title),
    sql`
      select ${values}
      from (${membersOf(sectionId, opened, asOf)}) members
      join profile on profile.section_id = ${sectionId} and profile.id = members.profile_id`,
    (row) => columns.map(({ show }, place) => (show ? show(row[place]) : (row[place] as string | null))),
    { actor, signal },
  );
}
