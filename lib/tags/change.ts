// The tag door: profile_tag is written here and nowhere else. It takes a set of wanted changes; those that change
// something are applied, written to the ledger, counted and signalled to listeners, in one statement inside the
// caller's transaction.
import type { ApiKeyId, OperationId, ProfileId, SectionId, TagId, UserId } from '@/lib/db/ids';
import { asParameter } from '@/lib/db/as-parameter';
import { one, rows, sql, type Sql, type Tx } from '@/lib/db/sql';
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
 * A set of wanted changes, as a relation. Made by `wantedFor`, `wantedForOne`, `wantedPairs` or `wantedClaims`. `few`:
 * changes of one profile, for which one plan is always good, so the statement may be prepared.
 */
export type Wanted = { relation: Sql; removes: boolean; few?: boolean };

/** What really changed, in total and by tag. Unchanged tags are absent. */
export type Changed = {
  applied: number;
  removed: number;
  byTag: { tagId: TagId; applied: number; removed: number }[];
};

/** The same tags for a set of profiles. `profiles` selects `profile_id`; the profiles must exist. */
export function wantedFor(profiles: Sql, tags: { apply: readonly TagId[]; remove: readonly TagId[] }): Wanted {
  return {
    relation: sql`
      select chosen.profile_id, tags.tag_id, tags.apply
      from (${profiles}) chosen
      cross join (
        select unnest(${tags.apply}::int[]) as tag_id, true as apply
        union all
        select unnest(${tags.remove}::int[]), false
      ) tags`,
    removes: tags.remove.length > 0,
  };
}

/** Tags of one existing profile: the most frequent change, so its statement is prepared. */
export function wantedForOne(
  profileId: ProfileId,
  tags: { apply: readonly TagId[]; remove: readonly TagId[] },
): Wanted {
  return { ...wantedFor(sql`select ${profileId}::bigint as profile_id`, tags), few: true };
}

/**
 * Any pairs. `relation` selects `profile_id bigint, tag_id int, apply boolean`. If a pair is named twice, removal wins.
 */
export function wantedPairs(relation: Sql, { removes }: { removes: boolean }): Wanted {
  return { relation, removes };
}

/**
 * Applies and removes tags for people, imports, forms, flows and the API, which share one claim: 'direct'. Changes
 * without effect are neither written nor recorded. Hidden tags are skipped; a caller that wants to refuse them checks
 * first. Of two concurrent changes of a pair, one takes effect. A removal also suppresses the claims of lists, so that
 * the tag goes; with `keepClaims` it ends only the direct claim, and the tag stays while a list claims it.
 */
export async function changeTags(tx: Tx, cause: Cause, given: Wanted, { keepClaims = false } = {}): Promise<Changed> {
  const wanted = given.few ? given : { ...given, relation: await asParameter(tx, given.relation, PAIR) };
  if (!wanted.removes || !(await hasClaimedTags(tx, cause.sectionId))) {
    return recorded(tx, changeStatement(cause, wanted), wanted);
  }
  const held = await lockHeld(tx, cause, wanted);
  return recorded(tx, changeStatement(cause, wanted, { held, keepClaims }), wanted);
}

const PAIR = sql`profile_id bigint, tag_id int, apply boolean`;
const CLAIM = sql`profile_id bigint, tag_id int, holder_id int, apply boolean`;

/** The result of a door statement: what really changed, by tag. */
const TOTALS = sql`select tag_id as "tagId", applied, removed from totals`;

/**
 * The statement of `changeTags`, which changes, records and counts; the benchmark also runs it in pgbench. `before`:
 * CTEs that the relation refers to, as `recursive name as (…), `. `answer`: another final select, which may read
 * `totals`. `held`: what was locked first; a pair added since is not removed, because it may have claims that this
 * statement does not see. `keepClaims`: see `changeTags`; needs `held` if lists may claim a tag.
 */
export function changeStatement(
  cause: Cause,
  wanted: Wanted,
  {
    before = sql``,
    answer = TOTALS,
    held,
    keepClaims = false,
  }: { before?: Sql; answer?: Sql; held?: Held; keepClaims?: boolean } = {},
): Sql {
  const wasThere = held ? sql`and (held.tag_id <> all(${held.claimed}::int[]) or ${isLocked(sql`held`, held)})` : sql``;
  return sql`
    with ${before} ${onVisibleTags(cause, wanted)},
    applied as (
      insert into profile_tag as held (section_id, tag_id, profile_id, direct)
      select ${cause.sectionId}::int, wanted.tag_id, wanted.profile_id, true
      from wanted
      where wanted.apply
        and not exists (
          select from profile_tag already
          where already.section_id = ${cause.sectionId}
            and already.tag_id = wanted.tag_id
            and already.profile_id = wanted.profile_id
            and already.direct
        )
      order by wanted.tag_id, wanted.profile_id
      on conflict (section_id, tag_id, profile_id) do update set direct = true where not held.direct
      returning held.tag_id, held.profile_id, held.xmax = 0 as is_new
    ),
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
    ${keepClaims ? released(cause, wasThere) : suppressed(cause, held)}
    changes as materialized (
      select tag_id, profile_id, 0 as holder_id, 1 as action, is_new as visible
      from applied
      union all
      select tag_id, profile_id, 0, -1, true
      from removed
      where direct
      union all
      select tag_id, profile_id, holder_id, -1, visible
      from ${keepClaims ? sql`released` : sql`let_go`}
    ),
    ${recordChanges(cause)}
    ${answer}`;
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
    ),`;
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
    ),`;
}

/** Pairs with their holder, for `changeClaims`. `relation` selects `profile_id, tag_id, holder_id, apply`. */
export function wantedClaims(relation: Sql): Wanted {
  return { relation, removes: true };
}

/**
 * Starts and ends claims of integration lists. A tag stays on a profile while anything holds it. A claim that somebody
 * suppressed by removing the tag stays suppressed unless `lift`. `suppress`: claims are suppressed instead of ended, so
 * that the list cannot start them again. `keepSuppressed`: suppressed claims are not ended, so that the people stay kept
 * off. `allowClaims` must have linked the tag in an earlier transaction, so that manual removals check claims too.
 */
export async function changeClaims(
  tx: Tx,
  cause: Cause,
  given: Wanted,
  { lift = false, suppress = false, keepSuppressed = false } = {},
): Promise<Changed> {
  const wanted = { ...given, relation: await asParameter(tx, given.relation, CLAIM) };
  const held = await lockHeld(tx, cause, wanted);
  const isHeld = isLocked(sql`claim`, held);
  return recorded(
    tx,
    sql`
      with ${onVisibleTags(cause, wanted, sql`, named.holder_id`)},
      claimed as (
        insert into tag_claim as claim (section_id, tag_id, profile_id, holder_id)
        select ${cause.sectionId}::int, tag_id, profile_id, holder_id
        from wanted
        where apply
        order by tag_id, profile_id, holder_id
        on conflict (section_id, tag_id, profile_id, holder_id)
          do update set suppressed = false where claim.suppressed and ${lift}
        returning claim.tag_id, claim.profile_id, claim.holder_id
      ),
      added as (
        insert into profile_tag as held (section_id, tag_id, profile_id, direct)
        select distinct ${cause.sectionId}::int, tag_id, profile_id, false
        from claimed
        order by tag_id, profile_id
        on conflict (section_id, tag_id, profile_id) do update set direct = held.direct
        returning held.tag_id, held.profile_id, held.xmax = 0 as is_new
      ),
      ended as (
        ${suppress ? sql`update tag_claim claim set suppressed = true from wanted` : sql`delete from tag_claim claim using wanted`}
        where not wanted.apply
          and claim.section_id = ${cause.sectionId}
          and claim.tag_id = wanted.tag_id
          and claim.profile_id = wanted.profile_id
          and claim.holder_id = wanted.holder_id
          and ${suppress || keepSuppressed ? sql`not claim.suppressed and ${isHeld}` : sql`(claim.suppressed or ${isHeld})`}
        returning claim.tag_id, claim.profile_id, claim.holder_id, ${suppress ? sql`false as suppressed` : sql`claim.suppressed`}
      ),
      removed as (
        delete from profile_tag held
        using (select distinct tag_id, profile_id from ended where not suppressed) let_go
        where held.section_id = ${cause.sectionId}
          and held.tag_id = let_go.tag_id
          and held.profile_id = let_go.profile_id
          and not held.direct
          and not exists (
            select from tag_claim other
            where other.section_id = ${cause.sectionId}
              and other.tag_id = held.tag_id
              and other.profile_id = held.profile_id
              and not other.suppressed
              and not exists (
                select from wanted
                where not wanted.apply
                  and wanted.tag_id = other.tag_id
                  and wanted.profile_id = other.profile_id
                  and wanted.holder_id = other.holder_id
              )
          )
          and not exists (
            select from claimed
            where claimed.tag_id = held.tag_id and claimed.profile_id = held.profile_id
          )
        returning held.tag_id, held.profile_id
      ),
      changes as materialized (
        select
          claimed.tag_id, claimed.profile_id, claimed.holder_id, 1 as action,
          added.is_new
            and claimed.holder_id = min(claimed.holder_id) over (partition by claimed.tag_id, claimed.profile_id) as visible
        from claimed
        join added using (tag_id, profile_id)
        union all
        select
          ended.tag_id, ended.profile_id, ended.holder_id, -1,
          removed.tag_id is not null
            and ended.holder_id = min(ended.holder_id) over (partition by ended.tag_id, ended.profile_id)
        from ended
        left join removed using (tag_id, profile_id)
        where not ended.suppressed
      ),
      ${recordChanges(cause)}
      ${TOTALS}`,
    wanted,
  );
}

/** Allows lists to claim a tag. Must be committed before the first claim. */
export async function allowClaims(tx: Tx, sectionId: SectionId, tagId: TagId): Promise<void> {
  await rows(
    tx,
    sql`update tag set has_claims = true
        where section_id = ${sectionId} and id = ${tagId} and hidden_at is null and not has_claims`,
  );
}

/**
 * `wanted`: the pairs of usable tags, each once, in the order in which every writer locks them (no deadlocks). A tag's
 * row is locked before it counts as usable: a concurrent hide or merge waits for this change, or this change sees that
 * the tag is hidden.
 */
function onVisibleTags(cause: Cause, wanted: Wanted, holder: Sql = sql``): Sql {
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

/** The end of both statements: writes `changes` to the ledger, the counters and the listeners' inboxes. */
function recordChanges(cause: Cause): Sql {
  const at = sql`${cause.at ?? new Date()}::timestamptz`;
  // An undo restores what was there before, which is not a new application.
  const isApplication = cause.source === 'undo' ? sql`false` : sql`visible and action = 1`;
  return sql`
      ledger as (
        insert into tag_change
          (section_id, tag_id, profile_id, holder_id, action, visible, at, source, user_id, operation_id, api_key_id,
           origin_id)
        select
          ${cause.sectionId}::int, tag_id, profile_id, holder_id, action, visible, ${at},
          ${SOURCES[cause.source]}::smallint, ${cause.userId}::int, ${cause.operationId ?? null}::int,
          ${cause.apiKeyId ?? null}::int, ${writtenOrigin(cause)}::int
        from changes
      ),
      signalled as (
        ${appendSignals(
          cause,
          sql`
            select
              case action when 1 then ${TOPICS.tag_applied}::smallint else ${TOPICS.tag_removed}::smallint end as topic,
              tag_id as subject_id, profile_id
            from changes
            where visible`,
          at,
        )}
      ),
      totals as materialized (
        select
          tag_id,
          count(*) filter (where visible and action = 1) as applied,
          count(*) filter (where visible and action = -1) as removed,
          max(${at}) filter (where ${isApplication}) as last_applied
        from changes
        group by tag_id
      ),
      counted as (
        insert into tag_count as counter (section_id, tag_id, slot, profiles, last_applied)
        select ${cause.sectionId}::int, tag_id, pg_backend_pid(), applied - removed, last_applied
        from totals
        where applied + removed > 0
        on conflict (section_id, tag_id, slot) do update
        set profiles = counter.profiles + excluded.profiles,
            last_applied = greatest(excluded.last_applied, counter.last_applied)
      ),
      counted_by_day as (
        insert into tag_day as counter (section_id, tag_id, day, source, slot, applied, removed)
        select
          ${cause.sectionId}::int, tag_id, (${at} at time zone 'utc')::date,
          ${SOURCES[cause.source]}::smallint, pg_backend_pid(), applied, removed
        from totals
        where applied + removed > 0
        on conflict (section_id, tag_id, day, source, slot) do update
        set applied = counter.applied + excluded.applied,
            removed = counter.removed + excluded.removed
      )`;
}

async function recorded(tx: Tx, statement: Sql, { few = false }: Wanted): Promise<Changed> {
  const byTag = await rows<Changed['byTag'][number]>(tx, statement, { prepare: few });
  const sum = (key: 'applied' | 'removed') => byTag.reduce((total, tag) => total + tag[key], 0);
  return { applied: sum('applied'), removed: sum('removed'), byTag };
}

async function hasClaimedTags(tx: Tx, sectionId: SectionId): Promise<boolean> {
  const { found } = await one<{ found: boolean }>(
    tx,
    sql`select exists (select from tag where section_id = ${sectionId} and has_claims) as found`,
  );
  return found;
}

/** `claimed`: the tags that lists may claim. `tagIds` and `profileIds`: their locked pairs, which cannot change now. */
type Held = { claimed: number[]; tagIds: number[]; profileIds: number[] };

const isLocked = (row: Sql, { tagIds, profileIds }: Held): Sql => sql`
  (${row}.tag_id, ${row}.profile_id) in (select * from unnest(${tagIds}::int[], ${profileIds}::bigint[]))`;

/**
 * Waits for concurrent writers of the same pairs in a statement of its own. The next statement then sees their claims;
 * a single statement would use the snapshot from before the wait.
 */
async function lockHeld(tx: Tx, cause: Cause, wanted: Wanted): Promise<Held> {
  return one<Held>(
    tx,
    sql`
      with claimed as materialized (select id from tag where section_id = ${cause.sectionId} and has_claims),
      locked as materialized (
        select held.tag_id, held.profile_id
        from profile_tag held
        join (${wanted.relation}) wanted on wanted.tag_id = held.tag_id and wanted.profile_id = held.profile_id
        where held.section_id = ${cause.sectionId} and held.tag_id in (select id from claimed)
        order by held.tag_id, held.profile_id
        for update of held
      )
      select
        (select coalesce(array_agg(id), '{}') from claimed) as claimed,
        coalesce(array_agg(tag_id), '{}') as "tagIds", coalesce(array_agg(profile_id), '{}') as "profileIds"
      from locked`,
  );
}
