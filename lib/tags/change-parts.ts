// The parts of the tag door's statements. On one server they are one statement (change.ts); on a cluster a few changes
// are made part by part (change-in-turn.ts).
import type { ApiKeyId, OperationId, ProfileId, SectionId, TagId, UserId } from '@/lib/db/ids';
import { sql, type Sql } from '@/lib/db/sql';
import { appendSignals } from '@/lib/signals/append';
import { TOPICS, type SignalCause } from '@/lib/signals/schema';
import { writtenOrigin } from './origin';
import { SOURCES, type Source } from './source';

/** Why tags change: recorded with every ledger row and passed to listeners. */
export type Cause = SignalCause & {
  sectionId: SectionId;
  source: Source;
  userId: UserId | null;
  /** The bulk operation that the change is part of, and with which it can be undone. */
  operationId?: OperationId | null;
  /** The API key that made the change. */
  apiKeyId?: ApiKeyId | null;
  /**
   * The id of the change's origin, by source, for example of the import. For operations and API keys it is derived from
   * the ids above.
   */
  originId?: number;
  /** Also changes hidden tags. Only erasing and merging people may do this. */
  includeHidden?: boolean;
  /** When it happened, if not now: for sample data and history taken over from another system. */
  at?: Date;
};

/**
 * A set of wanted changes, as a relation. Made by `wantedFor`, `wantedForOne`, `wantedPairs` or `wantedClaims`.
 * `removes`: whether it may remove tags. `few`: changes of one profile, for which one plan is always good, so the
 * statement may be prepared.
 */
export type Wanted = { relation: Sql; removes: boolean; few?: boolean };

/** `claimed`: the tags that lists may claim. `tagIds` and `profileIds`: their locked pairs, which cannot change now. */
export type Held = { claimed: number[]; tagIds: number[]; profileIds: number[] };

/** How removals treat the claims of lists: see `changeStatement`. */
export type Claims = { held?: Held | undefined; keepClaims?: boolean };

/** One row of the ledger. `visible`: the profile got or lost the tag; otherwise only who holds it changed. */
export type Change = { tagId: TagId; profileId: ProfileId; holderId: number; action: number; visible: boolean };

export const isLocked = (row: Sql, { tagIds, profileIds }: Held): Sql => sql`
  (${row}.tag_id, ${row}.profile_id) in (select * from unnest(${tagIds}::int[], ${profileIds}::bigint[]))`;

/**
 * `wanted`: the pairs of usable tags, each once, in the order in which every writer locks them (no deadlocks). A tag's
 * row is locked before it counts as usable: a concurrent hide or merge waits for this change, or this change sees that
 * the tag is hidden.
 */
export function onVisibleTags(cause: Cause, wanted: Wanted, holder: Sql = sql``): Sql {
  return sql`
    named as materialized (${wanted.relation}),
    usable as materialized (
      select id from tag
      where section_id = ${cause.sectionId} and id = any(array(select distinct tag_id from named))
        ${cause.includeHidden ? sql`` : sql`and hidden_at is null`}
      order by id
      for key share
    ),
    wanted as materialized (
      select distinct on (named.tag_id, named.profile_id ${holder})
        named.profile_id, named.tag_id, named.apply ${holder}
      from named
      join usable on usable.id = named.tag_id
      order by named.tag_id, named.profile_id ${holder}, named.apply
    )`;
}

/** The rest of a select: `wanted` pairs that the profiles do not have yet, apart from lists. */
export const missing = (sectionId: SectionId): Sql => sql`
  from wanted
  where wanted.apply
    and not exists (
      select from profile_tag already
      where already.section_id = ${sectionId}
        and already.tag_id = wanted.tag_id
        and already.profile_id = wanted.profile_id
        and already.direct
    )
  order by wanted.tag_id, wanted.profile_id`;

/** Applies tags. `pairs`: section, tag and profile, each once, and true, as a select or values. */
export const applyTags = (pairs: Sql): Sql => sql`
  insert into profile_tag as held (section_id, tag_id, profile_id, direct)
  ${pairs}
  on conflict (section_id, tag_id, profile_id) do update set direct = true where not held.direct
  returning held.tag_id, held.profile_id, held.xmax = 0 as is_new`;

/** Removes the `wanted` pairs, as CTEs. `ended`: their changes. */
export function removals(cause: Cause, { held, keepClaims = false }: Claims): { ctes: Sql; ended: Sql } {
  const wasThere = held ? sql`and (held.tag_id <> all(${held.claimed}::int[]) or ${isLocked(sql`held`, held)})` : sql``;
  return {
    ctes: sql`
      removed as (
        delete from profile_tag held
        using wanted
        where not wanted.apply
          and held.section_id = ${cause.sectionId}
          and held.tag_id = wanted.tag_id
          and held.profile_id = wanted.profile_id
          ${wasThere}
          ${keepClaims ? sql`and not ${isClaimed(cause.sectionId)}` : sql``}
        returning held.tag_id, held.profile_id, held.direct
      ),
      ${keepClaims ? released(cause, wasThere) : suppressed(cause, held)}`,
    ended: sql`
      select tag_id, profile_id, 0 as holder_id, -1 as action, true as visible
      from removed
      where direct
      union all
      select tag_id, profile_id, holder_id, -1, visible
      from ${keepClaims ? sql`released` : sql`let_go`}`,
  };
}

/** Whether a list claims the pair `held`. */
const isClaimed = (sectionId: SectionId) => sql`
  exists (
    select from tag_claim claim
    where claim.section_id = ${sectionId}
      and claim.tag_id = held.tag_id
      and claim.profile_id = held.profile_id
      and not claim.suppressed
  )`;

/** Suppresses the claims on removed pairs. `let_go`: the changes, one of which per pair is visible. */
function suppressed(cause: Cause, held: Held | undefined): Sql {
  return sql`
    suppressed as (
      update tag_claim claim
      set suppressed = true
      from wanted
      where not wanted.apply
        and claim.section_id = ${cause.sectionId}
        and claim.tag_id = wanted.tag_id
        and claim.profile_id = wanted.profile_id
        and not claim.suppressed
        ${held ? sql`and ${isLocked(sql`claim`, held)}` : sql``}
      returning claim.tag_id, claim.profile_id, claim.holder_id
    ),
    let_go as (
      select
        suppressed.tag_id, suppressed.profile_id, suppressed.holder_id,
        not removed.direct
          and suppressed.holder_id = min(suppressed.holder_id) over (partition by suppressed.tag_id, suppressed.profile_id)
          as visible
      from suppressed
      join removed using (tag_id, profile_id)
    )`;
}

/** Ends the direct claim on removed pairs that a list claims: only the list holds them now. */
function released(cause: Cause, wasThere: Sql): Sql {
  return sql`
    released as (
      update profile_tag held
      set direct = false
      from wanted
      where not wanted.apply
        and held.section_id = ${cause.sectionId}
        and held.tag_id = wanted.tag_id
        and held.profile_id = wanted.profile_id
        and held.direct
        ${wasThere}
        and ${isClaimed(cause.sectionId)}
      returning held.tag_id, held.profile_id, 0 as holder_id, false as visible
    )`;
}

/** When the change happened. */
export const momentOf = (cause: Cause): Sql => sql`${cause.at ?? new Date()}::timestamptz`;

/** An undo restores what was there before, which is not a new application. */
export const isApplication = (cause: Cause): boolean => cause.source !== 'undo';

/** Writes to the ledger. `changes`: `ledgerRow`s, as a select or values. */
export const toLedger = (changes: Sql): Sql => sql`
  insert into tag_change
    (section_id, tag_id, profile_id, holder_id, action, visible, at, source, user_id, operation_id, api_key_id,
     origin_id)
  ${changes}`;

/** `change`: tag, profile, holder, action and visible. */
export const ledgerRow = (cause: Cause, change: Sql, at: Sql): Sql => sql`
  ${cause.sectionId}::int, ${change}, ${at}, ${SOURCES[cause.source]}::smallint, ${cause.userId}::int,
  ${cause.operationId ?? null}::int, ${cause.apiKeyId ?? null}::int, ${writtenOrigin(cause)}::int`;

/** Counts profiles. `rowsOfTags`: `countRow`s, each tag once, as a select or values. */
export const toCounts = (rowsOfTags: Sql): Sql => sql`
  insert into tag_count as counter (section_id, tag_id, slot, profiles, last_applied)
  ${rowsOfTags}
  on conflict (section_id, tag_id, slot) do update
  set profiles = counter.profiles + excluded.profiles,
      last_applied = greatest(excluded.last_applied, counter.last_applied)`;

export const countRow = (cause: Cause, tag: { id: Sql; gained: Sql; lastApplied: Sql }): Sql => sql`
  ${cause.sectionId}::int, ${tag.id}, pg_backend_pid(), ${tag.gained}, ${tag.lastApplied}`;

/** Counts changes by day and source. `rowsOfTags`: `dayRow`s, each tag once, as a select or values. */
export const toDays = (rowsOfTags: Sql): Sql => sql`
  insert into tag_day as counter (section_id, tag_id, day, source, slot, applied, removed)
  ${rowsOfTags}
  on conflict (section_id, tag_id, day, source, slot) do update
  set applied = counter.applied + excluded.applied,
      removed = counter.removed + excluded.removed`;

export const dayRow = (cause: Cause, tag: { id: Sql; applied: Sql; removed: Sql }, at: Sql): Sql => sql`
  ${cause.sectionId}::int, ${tag.id}, (${at} at time zone 'utc')::date, ${SOURCES[cause.source]}::smallint,
  pg_backend_pid(), ${tag.applied}, ${tag.removed}`;

/** Tells listeners. `changes`: a relation of visible changes, with `action`, `tag_id` and `profile_id`. */
export const toListeners = (cause: Cause, changes: Sql, at: Sql): Sql =>
  appendSignals(
    cause,
    sql`
      select
        case action when 1 then ${TOPICS.tag_applied}::smallint else ${TOPICS.tag_removed}::smallint end as topic,
        tag_id as subject_id, profile_id
      from ${changes}`,
    at,
  );

/** The end of a statement: writes `changes` to the ledger, the counters and the listeners' inboxes. */
export function recordChanges(cause: Cause): Sql {
  const at = momentOf(cause);
  const id = sql`tag_id`;
  const change = sql`tag_id, profile_id, holder_id, action, visible`;
  return sql`
      ledger as (${toLedger(sql`select ${ledgerRow(cause, change, at)} from changes`)}),
      signalled as (${toListeners(cause, sql`changes where visible`, at)}),
      totals as materialized (
        select
          tag_id,
          count(*) filter (where visible and action = 1) as applied,
          count(*) filter (where visible and action = -1) as removed,
          max(${at}) filter (where ${isApplication(cause) ? sql`visible and action = 1` : sql`false`}) as last_applied
        from changes
        group by tag_id
      ),
      counted as (${toCounts(sql`
        select ${countRow(cause, { id, gained: sql`applied - removed`, lastApplied: sql`last_applied` })}
        from totals
        where applied + removed > 0`)}
      ),
      counted_by_day as (${toDays(sql`
        select ${dayRow(cause, { id, applied: sql`applied`, removed: sql`removed` }, at)}
        from totals
        where applied + removed > 0`)}
      )`;
}
