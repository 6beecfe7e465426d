// The tag door: profile_tag is written here and nowhere else. It takes a set of wanted changes; those that change
// something are applied, written to the ledger, counted and signalled to listeners, in one statement inside the
// caller's transaction (a few changes on a cluster: in several, see change-in-turn.ts).
import type { ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { asParameter, isOnCluster } from '@/lib/db/as-parameter';
import { one, rows, sql, type Sql, type Tx } from '@/lib/db/sql';
import { changeInTurn, totalsOf, type TagTotals } from './change-in-turn';
import {
  applyTags,
  isLocked,
  missing,
  onVisibleTags,
  recordChanges,
  removals,
  type Cause,
  type Claims,
  type Held,
  type Wanted,
} from './change-parts';

export type { Cause, Wanted } from './change-parts';

/** What really changed, in total and by tag. Unchanged tags are absent. */
export type Changed = {
  applied: number;
  removed: number;
  byTag: TagTotals[];
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
  const oppose = wanted.removes && (await hasClaimedTags(tx, cause.sectionId));
  const claims = oppose ? { held: await lockHeld(tx, cause, wanted), keepClaims } : {};
  if (wanted.few && (await isOnCluster())) {
    return summed(totalsOf((await changeInTurn(tx, cause, wanted, claims)).changes));
  }
  return recorded(tx, changeStatement(cause, wanted, claims), wanted);
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
  { before = sql``, answer = TOTALS, ...claims }: Claims & { before?: Sql; answer?: Sql } = {},
): Sql {
  const removing = wanted.removes ? removals(cause, claims) : undefined;
  return sql`
    with ${before} ${onVisibleTags(cause, wanted)},
    applied as (
      ${applyTags(sql`
        select ${cause.sectionId}::int, wanted.tag_id, wanted.profile_id, true
        ${missing(cause.sectionId)}`)}
    ),
    ${removing ? sql`${removing.ctes},` : sql``}
    changes as materialized (
      select tag_id, profile_id, 0 as holder_id, 1 as action, is_new as visible
      from applied
      ${removing ? sql`union all ${removing.ended}` : sql``}
    ),
    ${recordChanges(cause)}
    ${answer}`;
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

async function recorded(tx: Tx, statement: Sql, { few = false }: Wanted): Promise<Changed> {
  return summed(await rows<TagTotals>(tx, statement, { prepare: few }));
}

function summed(byTag: TagTotals[]): Changed {
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
