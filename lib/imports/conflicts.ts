// Rows whose keys conflict cannot be merged. They are found before the first merge, over all rows of the file.
import type { ImportId, KeyspaceId, SectionId } from '@/lib/db/ids';
import { execute, sql, type Sql, type Tx } from '@/lib/db/sql';
import { isLocked, LOCKED } from '@/lib/profiles/locks';

/** The keys in other keyspaces that rows of the file want. */
const claims = (sectionId: SectionId, importId: ImportId) => sql`
  select staged.row, staged.line, staged.key as match_key, other.keyspace_id, other.key
  from import_row staged
  cross join lateral (
    select keyspace::int as keyspace_id, key from jsonb_each_text(staged.other_keys) each (keyspace, key)
  ) other
  where staged.section_id = ${sectionId} and staged.import_id = ${importId} and staged.reason is null`;

/** Rejects rows that want a key which an earlier row wants for another person. */
export async function rejectClashes(tx: Tx, sectionId: SectionId, importId: ImportId): Promise<void> {
  await execute(
    tx,
    sql`
      with claims as materialized (${claims(sectionId, importId)}),
      contested as (
        select keyspace_id, key, min(row) as row from claims group by keyspace_id, key having count(distinct match_key) > 1
      ),
      clashes as (
        select distinct on (claims.row) claims.row, claims.key, first.line
        from contested
        join claims first on first.row = contested.row and first.keyspace_id = contested.keyspace_id
        join claims on claims.keyspace_id = contested.keyspace_id and claims.key = contested.key
        where claims.match_key <> first.match_key
        order by claims.row
      )
      update import_row staged
      set reason = clashes.key || ' is also on line ' || clashes.line || ', with another key'
      from clashes
      where staged.section_id = ${sectionId} and staged.import_id = ${importId} and staged.row = clashes.row`,
  );
}

/** Rejects all rows of a person that want a key of another profile, so that neither profile is changed. */
export async function rejectConflicts(
  tx: Tx,
  sectionId: SectionId,
  importId: ImportId,
  match: KeyspaceId,
): Promise<void> {
  await execute(
    tx,
    sql`
      with conflicts as (
        select distinct on (claims.match_key) claims.match_key, claims.key
        from (${claims(sectionId, importId)}) claims
        join profile_key owned
          on owned.section_id = ${sectionId} and owned.keyspace_id = claims.keyspace_id
          and owned.key = claims.key collate "C"
        left join profile_key mine
          on mine.section_id = ${sectionId} and mine.keyspace_id = ${match} and mine.key = claims.match_key
        where mine.profile_id is distinct from owned.profile_id
        order by claims.match_key, claims.row
      )
      update import_row staged
      set reason = ${conflictReason(sql`conflicts.key`, sql`staged.key`)}
      from conflicts
      where staged.section_id = ${sectionId} and staged.import_id = ${importId} and staged.key = conflicts.match_key
        and staged.reason is null`,
  );
}

/** The reason for rejecting a row that wants another profile's key. */
export const conflictReason = (key: Sql, match: Sql) =>
  sql`${key} || ' belongs to another profile than ' || ${match} || ': neither was touched'`;

/** Rejects the rows of an import with a locked key in any column. */
export async function rejectLocked(tx: Tx, sectionId: SectionId, importId: ImportId, match: KeyspaceId): Promise<void> {
  await execute(
    tx,
    sql`
      update import_row staged
      set reason = ${LOCKED}
      where staged.section_id = ${sectionId} and staged.import_id = ${importId} and staged.reason is null
        and exists (select from locked_key where section_id = ${sectionId})
        and exists (
          select from (
            select ${match}::int as keyspace_id, staged.key as key
            union all
            select keyspace::int, key from jsonb_each_text(staged.other_keys) other (keyspace, key)
          ) wanted
          where ${isLocked(sectionId, sql`wanted.keyspace_id`, sql`wanted.key`)}
        )`,
  );
}
