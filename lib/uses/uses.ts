// What uses what: written with the user, and read for 'used in' lists, for the impact of hiding, and before deleting.
// Foreign keys refuse uses across sections, and delete the uses of a deleted user.
import type { SectionId } from '@/lib/db/ids';
import { execute, rows, sql, type Db, type Tx } from '@/lib/db/sql';
import type { Used, UsedKind, UserKind } from './schema';

/** Records everything that some users of one kind use, replacing what was recorded before. */
export async function writeUses(
  tx: Tx,
  sectionId: SectionId,
  kind: UserKind,
  users: readonly { id: number; uses: readonly Used[] }[],
): Promise<void> {
  if (users.length === 0) return;
  const ids = users.map(({ id }) => id);
  const uses = users.flatMap(({ id, uses: used }) => used.map((item) => ({ user: id, kind: item.kind, id: item.id })));
  await execute(
    tx,
    sql`delete from use where section_id = ${sectionId} and user_kind = ${kind} and user_id = any(${ids}::int[])`,
  );
  if (uses.length === 0) return;
  await execute(
    tx,
    sql`
      insert into use (section_id, user_kind, user_id, used_kind, used_id)
      select distinct ${sectionId}::int, ${kind}, used."user", used.kind, used.id
      from jsonb_to_recordset(${JSON.stringify(uses)}::jsonb) used ("user" int, kind text, id int)`,
  );
}

/** Users of one kind of one thing, by id. */
export type UsersOfKind = { usedId: number; kind: UserKind; ids: number[] };

/** The direct users of the section's things of a kind. `usedId`: only this thing. */
export function directUsers(
  db: Db,
  sectionId: SectionId,
  kind: UsedKind,
  usedId: number | null = null,
): Promise<UsersOfKind[]> {
  return rows(
    db,
    sql`
      select used_id as "usedId", user_kind as kind, array_agg(user_id order by user_id) as ids
      from use
      where section_id = ${sectionId} and used_kind = ${kind} ${usedId === null ? sql`` : sql`and used_id = ${usedId}`}
      group by used_id, user_kind`,
  );
}

/** `direct`: those who use it directly; the others use it through one or more of these. */
export type ReachedUsers = UsersOfKind & { direct: boolean };

/** The direct users of the section's things of a kind, and those that use it through segments. `usedId`: only this thing. */
export function reachedUsers(
  db: Db,
  sectionId: SectionId,
  kind: UsedKind,
  usedId: number | null = null,
): Promise<ReachedUsers[]> {
  return rows(
    db,
    sql`
      with recursive reached (used_id, kind, id, direct) as (
        select used_id, user_kind, user_id, true
        from use
        where section_id = ${sectionId} and used_kind = ${kind} ${usedId === null ? sql`` : sql`and used_id = ${usedId}`}
        union
        select reached.used_id, further.user_kind, further.user_id, false
        from reached
        join use further
          on further.section_id = ${sectionId} and reached.kind = 'segment' and further.used_kind = 'segment'
            and further.used_id = reached.id
      ),
      users as (
        select used_id, kind, id, bool_or(direct) as direct from reached group by used_id, kind, id
      )
      select used_id as "usedId", kind, direct, array_agg(id order by id) as ids
      from users
      group by used_id, kind, direct`,
  );
}
