// Finds the profiles of the contacts that a run has read, in sets. Nothing outside the run's own rows is changed.
import type { ConnectionListId, KeyspaceId, SectionId, SyncRunId } from '@/lib/db/ids';
import { execute, one, sql, type Sql, type Tx } from '@/lib/db/sql';
import type { EnteredKind } from '@/lib/profiles/keys';
import { isLocked } from '@/lib/profiles/locks';
import { hasValue, wantedValue, type OfAttribute } from './custom-holders';
import type { CustomTarget } from './custom-match';
import { OUTCOMES } from './outcome';
import type { ConnectionOptions, MatchRule } from './schema';

/** The connection's own, those of addresses, and that of the field that an Admin has chosen, if it is compared with keys. */
export type Keyspaces = Record<EnteredKind | 'own', KeyspaceId> & { custom: KeyspaceId | null };

export type Matching = {
  sectionId: SectionId;
  runId: SyncRunId;
  listId: ConnectionListId;
  keyspaces: Keyspaces;
  /** What the field that an Admin has chosen is compared with. */
  custom: CustomTarget | null;
  options: Pick<ConnectionOptions, 'match' | 'unmatched'>;
};

const KEYS: Record<MatchRule, Sql> = {
  email: sql`member.emails`,
  mobile: sql`member.mobiles`,
  crm_id: sql`array_remove(array[member.crm_id], null)`,
  custom: sql`member.custom`,
};

const ofList = ({ sectionId, runId, listId }: Matching): Sql =>
  sql`member.section_id = ${sectionId} and member.run_id = ${runId} and member.list_id = ${listId}`;

const pending = (matching: Matching): Sql => sql`${ofList(matching)} and member.outcome = ${OUTCOMES.pending}`;

/**
 * Matches the contacts of a list: by the CRM's id, then by each rule in order. A rule that leads to several profiles
 * decides for none of them. Contacts that stay without a profile get the reason. Most have had theirs since they were read, so that often
 * there is nothing to do.
 */
export async function matchList(tx: Tx, matching: Matching): Promise<void> {
  const { options } = matching;
  const { left } = await one<{ left: boolean }>(
    tx,
    sql`select exists (select from sync_member member where ${pending(matching)}) as left`,
  );
  if (!left) return;
  await execute(
    tx,
    sql`update sync_member member set outcome = ${OUTCOMES.inactive} where ${pending(matching)} and not member.active`,
  );
  await matchLinked(tx, matching);
  await matchMerged(tx, matching);
  for (const rule of options.match) await matchBy(tx, matching, rule);
  await explain(tx, matching);
}

/** By the CRM's id, which an earlier run has linked to a profile: those linked since the contact was read. */
async function matchLinked(tx: Tx, matching: Matching): Promise<void> {
  const { sectionId, keyspaces } = matching;
  await execute(
    tx,
    sql`
      update sync_member member
      set profile_id = linked.profile_id, outcome = ${OUTCOMES.linked}
      from profile_key linked
      where ${pending(matching)}
        and linked.section_id = ${sectionId} and linked.keyspace_id = ${keyspaces.own} and linked.key = member.key`,
  );
}

/** By the id of a contact that was merged into this one, through a chain of merges if there is one. */
async function matchMerged(tx: Tx, matching: Matching): Promise<void> {
  const { sectionId, runId, keyspaces } = matching;
  await execute(
    tx,
    sql`
      with recursive merged as (
        select distinct member.key, member.merged_into as heir
        from sync_member member
        where member.section_id = ${sectionId} and member.run_id = ${runId} and member.merged_into is not null
        union
        select merged.key, later.merged_into
        from merged
        join sync_member later
          on later.section_id = ${sectionId} and later.run_id = ${runId} and later.key = merged.heir
            and later.merged_into is not null
      ),
      heirs as (
        select merged.heir, min(linked.profile_id) as profile_id
        from merged
        join profile_key linked
          on linked.section_id = ${sectionId} and linked.keyspace_id = ${keyspaces.own} and linked.key = merged.key
        group by merged.heir
        having count(distinct linked.profile_id) = 1
      )
      update sync_member member
      set profile_id = heirs.profile_id, outcome = ${OUTCOMES.merged}
      from heirs
      where ${pending(matching)} and heirs.heir = member.key`,
  );
}

/** By the contact's keys of one kind. Several of them may lead to one profile, but not to several. */
async function matchBy(tx: Tx, matching: Matching, rule: MatchRule): Promise<void> {
  const { sectionId, keyspaces, custom } = matching;
  if (rule === 'custom' && custom?.kind === 'attribute') return matchByAttribute(tx, matching, custom);
  await execute(
    tx,
    sql`
      with found as (
        select member.key, count(distinct known.profile_id) as profiles, min(known.profile_id) as profile_id
        from sync_member member
        cross join lateral unnest(${KEYS[rule]}) address
        join profile_key known
          on known.section_id = ${sectionId} and known.keyspace_id = ${keyspaces[rule]} and known.key = address
        where ${pending(matching)}
        group by member.key
      )
      ${takeFound(matching, rule)}`,
  );
}

/**
 * By the values of an attribute, which many contacts and many profiles may have: each value is looked up once. The planner knows nothing
 * of values that are worked out, so they are put into tables which it can look at.
 */
async function matchByAttribute(tx: Tx, matching: Matching, target: OfAttribute): Promise<void> {
  const { sectionId } = matching;
  await tx.query('drop table if exists sync_wanted, sync_known');
  const wanted = await execute(
    tx,
    sql`
      create temporary table sync_wanted on commit drop as
      select distinct ${wantedValue(target, sql`address`)} as value
      from sync_member member
      cross join lateral unnest(member.custom) address
      where ${pending(matching)}`,
  );
  // No profile is read for nothing.
  if (wanted === 0) return;
  await tx.query('analyze sync_wanted');
  await execute(
    tx,
    sql`
      create temporary table sync_known on commit drop as
      select wanted.value, count(*) as profiles, min(profile.id) as profile_id
      from sync_wanted wanted
      join profile on profile.section_id = ${sectionId} and ${hasValue(target, sql`profile.attributes`, sql`wanted.value`)}
      group by wanted.value`,
  );
  await tx.query('analyze sync_known');
  await execute(
    tx,
    sql`
      with found as (
        select member.key, min(known.profile_id) as profile_id,
          case when min(known.profile_id) = max(known.profile_id) then max(known.profiles) else 2 end as profiles
        from sync_member member
        cross join lateral unnest(member.custom) address
        join sync_known known on known.value = ${wantedValue(target, sql`address`)}
        where ${pending(matching)}
        group by member.key
      )
      ${takeFound(matching, 'custom')}`,
  );
}

/** The end of a statement: contacts get the profile in `found`, unless there are several. */
const takeFound = (matching: Matching, rule: MatchRule): Sql => sql`
  update sync_member member
  set profile_id = case when found.profiles = 1 then found.profile_id end,
    outcome = case when found.profiles = 1 then ${OUTCOMES[rule]}::smallint else ${OUTCOMES.ambiguous}::smallint end
  from found
  where ${pending(matching)} and found.key = member.key`;

/** A condition: a key of the contact `member` is locked for good. Its id is one of the CRM IDs here only if contacts match by it. */
export const isErased = (
  sectionId: SectionId,
  { keyspaces, match }: { keyspaces: Keyspaces; match: readonly MatchRule[] },
): Sql => sql`(
  exists (select from locked_key where section_id = ${sectionId})
  and exists (
    select from (
      select ${keyspaces.own}::int as keyspace_id, member.key as key
      union all select ${keyspaces.email}::int, unnest(member.emails)
      union all select ${keyspaces.mobile}::int, unnest(member.mobiles)
      ${keyspaces.custom === null ? sql`` : sql`union all select ${keyspaces.custom}::int, unnest(member.custom)`}
      ${match.includes('crm_id') ? sql`union all select ${keyspaces.crm_id}::int, member.crm_id` : sql``}
    ) own
    where ${isLocked(sectionId, sql`own.keyspace_id`, sql`own.key`)}
  )
)`;

/** Why the others have no profile, or that one is to be created. */
async function explain(tx: Tx, matching: Matching): Promise<void> {
  const { sectionId, keyspaces, options } = matching;
  await execute(
    tx,
    sql`
      update sync_member member set outcome = ${OUTCOMES.erased}
      where ${pending(matching)}
        and ${isErased(sectionId, { keyspaces, match: options.match })}`,
  );
  const others = options.unmatched === 'create' ? OUTCOMES.create : OUTCOMES.unmatched;
  await execute(
    tx,
    sql`
      update sync_member member
      set outcome = case
        -- A profile needs an address.
        when cardinality(member.emails) + cardinality(member.mobiles) = 0
          and (cardinality(member.custom) = 0 or ${options.unmatched === 'create'}::boolean)
        then ${OUTCOMES.no_address}::smallint
        else ${others}::smallint
      end
      where ${pending(matching)}`,
  );
}
