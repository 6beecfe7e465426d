// Profiles as a CSV file of any size, read through a cursor: one snapshot of the data, with few rows in memory. Rows that the
// reader does not ask for are never computed.
import type { Actor } from '@/lib/access/actor';
import { refuse } from '@/lib/access/refusal';
import { listAttributes } from '@/lib/attributes/queries';
import type { AttributeType } from '@/lib/attributes/schema';
import type { AccountId, SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { join, sql, type Sql } from '@/lib/db/sql';
import { namesAsText } from '@/lib/tags/name-list';
import { visibleTags } from '@/lib/tags/labels';
import { csvOf, requireDownloadSlot } from './download';
import { followsKey } from './keys';
import { listKeyspaces } from './queries';
import { enteredKeyspaces } from './schema';

/** `value`: an expression on the row of `profile`; `show`: formats it, if it is not written as it is. */
type Column = { id: string; title: string; value: Sql; show?: (value: unknown) => string };

/** The columns that a file may have, in their usual order: keys, attributes, tags, when the profile was added and changed. */
export async function exportColumns(sectionId: SectionId, accountId: AccountId): Promise<Column[]> {
  const [keyspaces, attributes, tags] = await Promise.all([
    listKeyspaces(pool(), accountId),
    listAttributes(pool(), sectionId),
    visibleTags(pool(), sectionId),
  ]);
  const order = new Map<unknown, number>(tags.map(({ id }, place) => [id, place]));
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
      .filter(({ code }) => !followsKey(code))
      .map(({ code, name, type }) => ({
        id: `attribute:${code}`,
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
    { id: 'added', title: 'Added', value: momentText(sql`profile.created_at`) },
    { id: 'changed', title: 'Last change', value: momentText(sql`profile.updated_at`) },
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

const momentText = (moment: Sql): Sql => sql`to_char(${moment} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

type Reader = {
  /** Ids of columns, in the order of the file; none: all. */
  columns: readonly string[];
  /** Aborted when the reader disconnects. */
  signal?: AbortSignal;
};

/**
 * The lines of the file. `rowsOf`: selects the given columns for each of the profiles, whose rows it calls `profile`.
 * Refuses unknown columns, and more files at once than are allowed.
 */
export async function profilesFile(
  { actor, sectionId }: { actor: Actor; sectionId: SectionId },
  rowsOf: (columns: Sql) => Sql,
  { columns: chosen, signal }: Reader,
): Promise<AsyncGenerator<string>> {
  const all = await exportColumns(sectionId, actor.accountId);
  if (chosen.some((id) => !all.some((column) => column.id === id))) {
    refuse('not_found', 'A column of this export is no longer there. Choose the columns again.');
  }
  requireDownloadSlot(actor);
  const columns = chosen.length > 0 ? [...new Set(chosen)].map((id) => all.find((column) => column.id === id)!) : all;
  const values = join(
    columns.map(({ value }) => value),
    ', ',
  );
  return csvOf<unknown[]>(
    columns.map(({ title }) => title),
    rowsOf(values),
    (row) => columns.map(({ show }, place) => (show ? show(row[place]) : (row[place] as string | null))),
    { actor, signal },
  );
}
