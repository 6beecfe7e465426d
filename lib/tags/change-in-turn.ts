// A few changes on a Citus cluster. It passes a statement on to the section's server unless the statement inserts within
// it; then it plans each of its parts anew and carries their rows between the servers, at seven times the cost. So the
// door's parts run one after the other, in one transaction.
import type { ProfileId, TagId } from '@/lib/db/ids';
import { execute, join, rows, sql, type Sql, type Tx } from '@/lib/db/sql';
import { TOPICS } from '@/lib/signals/schema';
import {
  applyTags,
  countRow,
  dayRow,
  isApplication,
  ledgerRow,
  missing,
  momentOf,
  onVisibleTags,
  removals,
  toCounts,
  toDays,
  toLedger,
  toListeners,
  type Cause,
  type Change,
  type Claims,
  type Wanted,
} from './change-parts';

/** What really changed of a tag. */
export type TagTotals = { tagId: TagId; applied: number; removed: number };

/** `isHeard`: somebody may listen. `asked`: the rows of the caller's own select. */
type Found<Asked> = {
  missing: { tagId: TagId; profileId: ProfileId }[];
  ended: Change[];
  isHeard: boolean;
  asked: Asked[];
};

/**
 * Makes the changes of `changeStatement`. `before`: CTEs that the relation refers to, with a comma at the end. `asked`:
 * a select of what the caller also wants to know, which may read them.
 */
export async function changeInTurn<Asked = never>(
  tx: Tx,
  cause: Cause,
  wanted: Wanted,
  { before = sql``, asked = sql`select 1 where false`, ...claims }: Claims & { before?: Sql; asked?: Sql } = {},
): Promise<{ changes: Change[]; asked: Asked[] }> {
  const removing = wanted.removes ? removals(cause, claims) : undefined;
  const { sectionId } = cause;
  const [found] = await rows<Found<Asked>>(
    tx,
    sql`
      with ${before} ${onVisibleTags(cause, wanted)}
      ${removing ? sql`, ${removing.ctes}` : sql``}
      select
        (select coalesce(json_agg(pair), '[]') from (
          select wanted.tag_id as "tagId", wanted.profile_id as "profileId" ${missing(sectionId)}
        ) pair) as missing,
        ${removing ? jsonOf(removing.ended) : sql`'[]'::json`} as ended,
        exists (
          select from listener
          where section_id = ${sectionId} and topic in (${TOPICS.tag_applied}, ${TOPICS.tag_removed})
            and subject_id in (select tag_id from wanted)
        ) as "isHeard",
        (select coalesce(json_agg(answer), '[]') from (${asked}) answer) as asked`,
    { prepare: true },
  );
  const { missing: pairs, ended, isHeard, asked: answers } = found!;
  const changes = [...(await applied(tx, cause, pairs)), ...ended];
  if (changes.length > 0) await record(tx, cause, changes, isHeard);
  return { changes, asked: answers };
}

const jsonOf = (changes: Sql): Sql => sql`
  (select coalesce(json_agg(json_build_object(
    'tagId', tag_id, 'profileId', profile_id, 'holderId', holder_id, 'action', action, 'visible', visible)), '[]')
  from (${changes}) change)`;

const values = (given: readonly Sql[]): Sql =>
  sql`values ${join(
    given.map((row) => sql`(${row})`),
    ', ',
  )}`;

async function applied(tx: Tx, { sectionId }: Cause, pairs: Found<never>['missing']): Promise<Change[]> {
  if (pairs.length === 0) return [];
  const given = pairs.map(({ tagId, profileId }) => sql`${sectionId}::int, ${tagId}::int, ${profileId}::bigint, true`);
  const done = await rows<{ tag_id: TagId; profile_id: ProfileId; is_new: boolean }>(tx, applyTags(values(given)), {
    prepare: given.length === 1,
  });
  return done.map((row) => ({
    tagId: row.tag_id,
    profileId: row.profile_id,
    holderId: 0,
    action: 1,
    visible: row.is_new,
  }));
}

/** What changed in all, by tag. */
export function totalsOf(changes: readonly Change[]): TagTotals[] {
  const totals = new Map<TagId, TagTotals>();
  for (const { tagId, action, visible } of changes) {
    const total = totals.get(tagId) ?? { tagId, applied: 0, removed: 0 };
    if (visible) total[action === 1 ? 'applied' : 'removed']++;
    totals.set(tagId, total);
  }
  return [...totals.values()];
}

async function record(tx: Tx, cause: Cause, changes: readonly Change[], isHeard: boolean): Promise<void> {
  const at = momentOf(cause);
  const write = (statement: Sql, count: number) => rows(tx, statement, { prepare: count === 1 });
  const entries = changes.map(({ tagId, profileId, holderId, action, visible }) =>
    ledgerRow(
      cause,
      sql`${tagId}::int, ${profileId}::bigint, ${holderId}::int, ${action}::smallint, ${visible}::boolean`,
      at,
    ),
  );
  await write(toLedger(values(entries)), entries.length);
  // In the order in which every writer locks the counters.
  const totals = totalsOf(changes)
    .filter(({ applied: gained, removed }) => gained + removed > 0)
    .sort((one, other) => one.tagId - other.tagId);
  if (totals.length === 0) return;
  const countRows = totals.map(({ tagId, applied: gained, removed }) =>
    countRow(cause, {
      id: sql`${tagId}::int`,
      gained: sql`${gained - removed}::bigint`,
      lastApplied: gained > 0 && isApplication(cause) ? at : sql`null::timestamptz`,
    }),
  );
  await write(toCounts(values(countRows)), totals.length);
  const dayRows = totals.map(({ tagId, applied: gained, removed }) =>
    dayRow(cause, { id: sql`${tagId}::int`, applied: sql`${gained}::bigint`, removed: sql`${removed}::bigint` }, at),
  );
  await write(toDays(values(dayRows)), totals.length);
  if (isHeard) await signal(tx, cause, changes, at);
}

async function signal(tx: Tx, cause: Cause, changes: readonly Change[], at: Sql): Promise<void> {
  const seen = changes.filter(({ visible }) => visible);
  const relation = sql`unnest(
    ${seen.map(({ tagId }) => tagId)}::int[], ${seen.map(({ profileId }) => profileId)}::bigint[],
    ${seen.map(({ action }) => action)}::int[]
  ) change (tag_id, profile_id, action)`;
  await execute(tx, toListeners(cause, relation, at));
}
