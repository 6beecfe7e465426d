// Finds the profiles of the contacts that a run has read, in sets. Nothing outside the run's own rows is changed.
import type { ConnectionListId, KeyspaceId, SectionId, SyncRunId } from '@/lib/db/ids';
import { execute, sql, type Sql, type Tx } from '@/lib/db/sql';
import { isLocked } from '@/lib/profiles/locks';
import { OUTCOMES } from './outcome';
import type { ConnectionOptions, MatchRule } from './schema';

export type Matching = {
  sectionId: SectionId;
  runId: SyncRunId;
  listId: ConnectionListId;
  /** The connection's own, and those of addresses. */
  keyspaces: Record<MatchRule | 'own', KeyspaceId>;
  options: Pick<ConnectionOptions, 'match' | 'unmatched'>;
};

const KEYS: Record<MatchRule, Sql> = {
  email: sql`member.emails`,
  mobile: sql`member.mobiles`,
  crm_id: sql`array_remove(array[member.crm_id], null)`,
};

const ofList = ({ sectionId, runId, listId }: Matching): Sql =>
  sql`member.section_id = ${sectionId} and member.run_id = ${runId} and member.list_id = ${listId}`;

const pending = (matching: Matching): Sql => sql`${ofList(matching)} and member.outcome = ${OUTCOMES.pending}`;

/**
 * Matches the contacts of a list: by the CRM's id, then by each rule in order. A rule that leads to several profiles
 * decides for none of them. Contacts that stay without a profile get the reason.
 */
export async function matchList(tx: Tx, matching: Matching): Promise<void> {
  const { options } = matching;
  await execute(
    tx,
    sql`update sync_member member set outcome = ${OUTCOMES.inactive} where ${pending(matching)} and not member.active`,
  );
  await matchLinked(tx, matching);
  await matchMerged(tx, matching);
  for (const rule of options.match) await matchBy(tx, matching, rule);
  await explain(tx, matching);
}

/** By the CRM's id, which an earlier run has linked to a profile. */
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
  const { sectionId, keyspaces } = matching;
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
      update sync_member member
      set profile_id = case when found.profiles = 1 then found.profile_id end,
        outcome = case when found.profiles = 1 then ${OUTCOMES[rule]}::smallint else ${OUTCOMES.ambiguous}::smallint end
      from found
      where ${pending(matching)} and found.key = member.key`,
  );
}

/** A condition: a key of the contact `member` is locked for good. */
export const isErased = (sectionId: SectionId, keyspaces: Matching['keyspaces']): Sql => sql`(
  exists (select from locked_key where section_id = ${sectionId})
  and exists (
    select from (
      select ${keyspaces.own}::int as keyspace_id, member.key as key
      union all select ${keyspaces.email}::int, unnest(member.emails)
      union all select ${keyspaces.mobile}::int, unnest(member.mobiles)
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
        and ${isErased(sectionId, keyspaces)}`,
  );
  const others = options.unmatched === 'create' ? OUTCOMES.create : OUTCOMES.unmatched;
  await execute(
    tx,
    sql`
      update sync_member member
      set outcome = case
        when cardinality(member.emails) + cardinality(member.mobiles) = 0 then ${OUTCOMES.no_address}::smallint
        else ${others}::smallint
      end
      where ${pending(matching)}`,
  );
}
