// A segment as a CSV file of any size: one statement through a cursor, so that it is one moment of the data, and only some rows
// are in memory. What a reader leaves unread is never made.
import { refuse } from '@/lib/access/refusal';
import { listAttributes } from '@/lib/attributes/queries';
import type { AttributeType } from '@/lib/attributes/schema';
import type { AccountId, SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, join, rowsAsArrays, sql, type Sql } from '@/lib/db/sql';
import { csvLine } from '@/lib/export/csv';
import { listKeyspaces } from '@/lib/profiles/queries';
import type { Opened } from './definitions';
import { membersOf, type AsOf } from './queries';

const FETCH = sql`fetch 5000 from export`;
/** Each holds a connection for as long as its reader reads. */
const AT_ONCE = 4;
let running = 0;

/** `value`: of the row of `profile`, as text. */
type Column = { id: string; title: string; value: Sql };

/** Which columns an export may have, in the file's order: keys, attributes, tags, when the profile was added. */
export async function exportColumns(sectionId: SectionId, accountId: AccountId): Promise<Column[]> {
  const [keyspaces, attributes] = await Promise.all([
    listKeyspaces(pool(), accountId),
    listAttributes(pool(), sectionId),
  ]);
  return [
    ...keyspaces.map(({ id, name }) => ({
      id: `key:${id}`,
      title: name,
      value: sql`(
        select keyed.key from profile_key keyed
        where keyed.section_id = ${sectionId} and keyed.profile_id = profile.id and keyed.keyspace_id = ${id}
      )`,
    })),
    ...attributes.map(({ id, code, name, type }) => ({
      id: `attribute:${id}`,
      title: name,
      value: attributeText(code, type),
    })),
    {
      id: 'tags',
      title: 'Tags',
      value: sql`(
        select string_agg(tag.name, '|' order by tag.name_key)
        from profile_tag held
        join tag on tag.section_id = held.section_id and tag.id = held.tag_id and tag.hidden_at is null
        where held.section_id = ${sectionId} and held.profile_id = profile.id
      )`,
    },
    {
      id: 'added',
      title: 'Added',
      value: sql`to_char(profile.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`,
    },
  ];
}

function attributeText(code: string, type: AttributeType): Sql {
  const text = sql`profile.attributes ->> ${code}::text`;
  return type === 'boolean' ? sql`case ${text} when 'true' then 'Yes' when 'false' then 'No' end` : text;
}

/** The lines of the file. `chosen`: ids of columns; none: all. Refuses unknown ones, and a fifth export at once. */
export async function exportMembers(
  { sectionId, accountId }: { sectionId: SectionId; accountId: AccountId },
  opened: Opened,
  chosen: readonly string[],
  asOf?: AsOf,
): Promise<AsyncGenerator<string>> {
  const all = await exportColumns(sectionId, accountId);
  const unknown = chosen.find((id) => !all.some((column) => column.id === id));
  if (unknown !== undefined)
    refuse('not_found', 'A column of this export is no longer there. Choose the columns again.');
  if (running >= AT_ONCE) {
    refuse('too_many_requests', 'Several exports are being downloaded. Try again when one of them has ended.');
  }
  return lines(
    sectionId,
    membersOf(sectionId, opened, asOf),
    chosen.length > 0 ? all.filter(({ id }) => chosen.includes(id)) : all,
  );
}

async function* lines(sectionId: SectionId, members: Sql, columns: readonly Column[]): AsyncGenerator<string> {
  running += 1;
  const db = await pool().connect();
  let broken: Error | undefined;
  try {
    yield csvLine(columns.map(({ title }) => title));
    await execute(db, sql`begin read only isolation level repeatable read`);
    await execute(db, sql`set local cursor_tuple_fraction = 1`);
    await execute(
      db,
      sql`
        declare export no scroll cursor for
        select ${join(
          columns.map(({ value }) => value),
          ', ',
        )}
        from (${members}) members
        join profile on profile.section_id = ${sectionId} and profile.id = members.profile_id`,
    );
    for (;;) {
      const page = await rowsAsArrays<(string | null)[]>(db, FETCH);
      if (page.length === 0) return;
      yield page.map(csvLine).join('');
    }
  } finally {
    running -= 1;
    await execute(db, sql`rollback`).catch((failure: Error) => (broken = failure));
    db.release(broken);
  }
}
