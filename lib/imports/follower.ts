// Deletes rows of files when people are erased. A row belongs to a person if one of its cells is one of their keys.
import { execute, sql, type Sql } from '@/lib/db/sql';
import { noop, type ProfileFollower } from '@/lib/followers/profile-follower';
import { isOneOf } from '@/lib/profiles/written-keys';

export const importFollower: ProfileFollower = {
  tables: ['import_row', 'import_reject', 'import_left_out'],
  erase: async (tx, { cause: { sectionId }, keys }) => {
    const theirs = (text: Sql) => isOneOf(text, keys);
    const inCells = sql`exists (select from unnest(cells) cell where ${theirs(sql`cell`)})`;
    const inReasons = sql`exists (
      select from unnest(reasons) reason, unnest(${keys}::text[]) name where position(name in lower(reason)) > 0
    )`;
    await execute(
      tx,
      sql`delete from import_reject where section_id = ${sectionId} and (${theirs(sql`key`)} or ${inCells})`,
    );
    await execute(
      tx,
      sql`delete from import_left_out where section_id = ${sectionId} and (${theirs(sql`key`)} or ${inReasons})`,
    );
    await execute(tx, sql`delete from import_row where section_id = ${sectionId} and ${inCells}`);
  },
  merge: noop,
};
