// Invariants of a section's data. Each query finds the rows that violate one.
import type { SectionId } from '@/lib/db/ids';
import { sql, type Sql } from '@/lib/db/sql';

export type Invariant = {
  /** What must be true, in plain words. */
  rule: string;
  /** Selects a text `what` for each violation. */
  offenders: (sectionId: SectionId) => Sql;
};

const counts: Invariant[] = [
  {
    rule: 'The count of a tag is the number of profiles that have it',
    offenders: (section) => sql`
      select 'tag ' || coalesce(counted.tag_id, held.tag_id) || ': counted ' || coalesce(counted.profiles, 0)
        || ', ' || coalesce(held.profiles, 0) || ' have it' as what
      from (
        select tag_id, sum(profiles) as profiles from tag_count where section_id = ${section} group by tag_id
      ) counted
      full join (
        select tag_id, count(*) as profiles from profile_tag where section_id = ${section} group by tag_id
      ) held using (tag_id)
      where coalesce(counted.profiles, 0) <> coalesce(held.profiles, 0)`,
  },
  {
    rule: 'The days of a tag add up to the number of profiles that have it',
    offenders: (section) => sql`
      select 'tag ' || coalesce(days.tag_id, held.tag_id) || ': the days add up to ' || coalesce(days.profiles, 0)
        || ', ' || coalesce(held.profiles, 0) || ' have it' as what
      from (
        select tag_id, sum(applied - removed) as profiles from tag_day where section_id = ${section} group by tag_id
      ) days
      full join (
        select tag_id, count(*) as profiles from profile_tag where section_id = ${section} group by tag_id
      ) held using (tag_id)
      where coalesce(days.profiles, 0) <> coalesce(held.profiles, 0)`,
  },
  {
    rule: 'The count of profiles is the number of profiles',
    offenders: (section) => sql`
      select 'counted ' || counted || ', there are ' || there as what
      from (
        select
          (select coalesce(sum(profiles), 0) from profile_count where section_id = ${section}) as counted,
          (select count(*) from profile where section_id = ${section}) as there
      ) both_counts
      where counted <> there`,
  },
  {
    rule: 'The people who opened and clicked are as many as were counted of each send',
    offenders: (section) => sql`
      select 'send ' || send_id || ': counted ' || counted || ', there are ' || there as what
      from (
        select send_id, row(coalesce(response.opened, 0), coalesce(response.clicked, 0))::text as counted,
          row(coalesce(people.opened, 0), coalesce(people.clicked, 0))::text as there
        from (
          select send_id, sum(opened) as opened, sum(clicked) as clicked from send_response
          where section_id = ${section} group by send_id
        ) response
        full join (
          select send_id, count(opened_at) as opened, count(clicked_at) as clicked from recipient
          where section_id = ${section} and (opened_at is not null or clicked_at is not null) group by send_id
        ) people using (send_id)
      ) both_counts
      where counted <> there`,
  },
];

const flows: Invariant[] = [
  {
    rule: 'Those who are counted at a step of a flow are those who are there',
    offenders: (section) => sql`
      select 'flow ' || coalesce(counted.flow_id, there.flow_id) || ', version '
        || coalesce(counted.version, there.version) || ', step ' || coalesce(counted.step, there.step) || ': counted '
        || coalesce(counted.people, 0) || ', ' || coalesce(there.people, 0) || ' are there' as what
      from (
        select flow_id, version, step, sum(case when what = 'arrived' then number else -number end) as people
        from flow_count
        where section_id = ${section} and what in ('arrived', 'passed', 'skipped', 'timed_out', 'failed', 'left')
        group by flow_id, version, step
      ) counted
      full join (
        select flow_id, version, step, count(*) as people from flow_run
        where section_id = ${section} and due_at is not null
        group by flow_id, version, step
      ) there using (flow_id, version, step)
      where coalesce(counted.people, 0) <> coalesce(there.people, 0)`,
  },
  {
    rule: 'Nobody is in a flow without a step, and nobody has left without how',
    offenders: (section) => sql`
      select 'flow ' || flow_id || ', profile ' || profile_id as what from flow_run
      where section_id = ${section}
        and (due_at is not null and (step is null or outcome is not null) or due_at is null and outcome is null)`,
  },
];

const ledger: Invariant[] = [
  {
    rule: 'A profile has a tag exactly when the last visible change in the ledger applied it',
    offenders: (section) => sql`
      select 'profile ' || profile_id || ', tag ' || tag_id || ': '
        || case when held.profile_id is null then 'the ledger says applied' else 'the ledger does not say applied' end as what
      from (
        select profile_id, tag_id
        from (
          select distinct on (profile_id, tag_id) profile_id, tag_id, action
          from tag_change
          where section_id = ${section} and visible and profile_id is not null
          order by profile_id, tag_id, id desc
        ) last
        where action = 1
      ) applied
      full join (
        select profile_id, tag_id, profile_id as held from profile_tag where section_id = ${section}
      ) held using (profile_id, tag_id)
      where applied.profile_id is null or held.held is null`,
  },
  {
    rule: 'Visible changes of a tag on a profile are applied and removed by turns, beginning with applied',
    offenders: (section) => sql`
      select 'profile ' || profile_id || ', tag ' || tag_id || ', ledger row ' || id as what
      from (
        select profile_id, tag_id, id, action, lag(action, 1, -1::smallint) over (partition by profile_id, tag_id order by id) as before
        from tag_change
        where section_id = ${section} and visible and profile_id is not null
      ) entries
      where action = before`,
  },
  {
    rule: 'A claim holds a tag exactly when the last change of that claim in the ledger began it',
    offenders: (section) => sql`
      select 'profile ' || coalesce(entry.profile_id, claim.profile_id) || ', tag ' || coalesce(entry.tag_id, claim.tag_id)
        || ', holder ' || coalesce(entry.holder_id, claim.holder_id) as what
      from (
        select profile_id, tag_id, holder_id
        from (
          select distinct on (profile_id, tag_id, holder_id) profile_id, tag_id, holder_id, action
          from tag_change
          where section_id = ${section} and profile_id is not null
          order by profile_id, tag_id, holder_id, id desc
        ) last
        where action = 1
      ) entry
      full join (
        select profile_id, tag_id, 0 as holder_id from profile_tag where section_id = ${section} and direct
        union all
        select profile_id, tag_id, holder_id from tag_claim where section_id = ${section} and not suppressed
      ) claim on claim.profile_id = entry.profile_id and claim.tag_id = entry.tag_id and claim.holder_id = entry.holder_id
      where entry.profile_id is null or claim.profile_id is null`,
  },
];

const claims: Invariant[] = [
  {
    rule: 'A tag that nobody set directly is held by a list’s claim',
    offenders: (section) => sql`
      select 'profile ' || profile_id || ', tag ' || tag_id as what
      from profile_tag held
      where held.section_id = ${section} and not held.direct and not exists (
        select from tag_claim claim
        where claim.section_id = ${section} and claim.tag_id = held.tag_id and claim.profile_id = held.profile_id
          and not claim.suppressed
      )`,
  },
  {
    rule: 'A profile has each tag that a list claims for it',
    offenders: (section) => sql`
      select 'profile ' || profile_id || ', tag ' || tag_id || ', holder ' || holder_id as what
      from tag_claim claim
      where claim.section_id = ${section} and not claim.suppressed and not exists (
        select from profile_tag held
        where held.section_id = ${section} and held.tag_id = claim.tag_id and held.profile_id = claim.profile_id
      )`,
  },
  {
    rule: 'Claims are on profiles that are there',
    offenders: (section) => sql`
      select 'profile ' || profile_id || ', tag ' || tag_id || ', holder ' || holder_id as what
      from tag_claim claim
      where claim.section_id = ${section}
        and not exists (select from profile where section_id = ${section} and id = claim.profile_id)`,
  },
];

const tags: Invariant[] = [
  {
    rule: 'A tag that was merged into another is hidden',
    offenders: (section) => sql`
      select 'tag ' || id as what from tag
      where section_id = ${section} and merged_into is not null and hidden_at is null`,
  },
  {
    rule: 'Every profile that had a merged tag got the other tag at some time',
    offenders: (section) => sql`
      select 'profile ' || held.profile_id || ', tag ' || held.tag_id || ' merged into ' || tag.merged_into as what
      from tag
      join profile_tag held on held.section_id = ${section} and held.tag_id = tag.id
      where tag.section_id = ${section} and tag.merged_into is not null
        and not exists (
          select from profile_tag other
          where other.section_id = ${section} and other.tag_id = tag.merged_into and other.profile_id = held.profile_id
        )
        and not exists (
          select from tag_change entry
          where entry.section_id = ${section} and entry.tag_id = tag.merged_into and entry.profile_id = held.profile_id
        )`,
  },
];

const profiles: Invariant[] = [
  {
    rule: 'Nobody has a key that was locked for good',
    offenders: (section) => sql`
      select 'profile ' || key.profile_id || ', keyspace ' || key.keyspace_id as what
      from locked_key locked
      join profile_key key
        on key.section_id = ${section} and key.keyspace_id = locked.keyspace_id
        and sha256(convert_to(key.key, 'UTF8')) = locked.key_hash
      where locked.section_id = ${section}`,
  },
  {
    rule: 'A profile that was merged into another is gone',
    offenders: (section) => sql`
      select 'profile ' || from_id as what
      from profile_merge
      join profile on profile.section_id = ${section} and profile.id = profile_merge.from_id
      where profile_merge.section_id = ${section}`,
  },
];

const work: Invariant[] = [
  {
    rule: 'An operation has an end exactly when it has ended',
    offenders: (section) => sql`
      select 'operation ' || id || ' is ' || status as what
      from operation
      where section_id = ${section} and (status in ('done', 'failed', 'cancelled')) <> (finished_at is not null)`,
  },
  {
    rule: 'The applied and removed counts of an operation match the ledger',
    offenders: (section) => sql`
      select 'operation ' || operation.id || ': counted ' || wanted.applied || ' applied and ' || wanted.removed
        || ' removed, the ledger has ' || coalesce(entries.applied, 0) || ' and ' || coalesce(entries.removed, 0) as what
      from operation
      cross join lateral (
        select coalesce((operation.counts ->> 'applied')::bigint, 0) as applied,
          coalesce((operation.counts ->> 'removed')::bigint, 0) as removed
      ) wanted
      left join (
        select operation_id, count(*) filter (where visible and action = 1) as applied,
          count(*) filter (where visible and action = -1) as removed
        from tag_change
        where section_id = ${section} and operation_id is not null
        group by operation_id
      ) entries on entries.operation_id = operation.id
      where operation.section_id = ${section} and operation.kind in ('bulk_tag', 'api_tags', 'import')
        and (wanted.applied <> coalesce(entries.applied, 0) or wanted.removed <> coalesce(entries.removed, 0))`,
  },
  {
    rule: 'The rows of an import are new, updated, unchanged, left out, rejected or repeated',
    offenders: (section) => sql`
      select 'operation ' || id as what
      from operation
      where section_id = ${section} and kind in ('import', 'dry_run') and counts ? 'rows'
        and (counts ->> 'rows')::bigint <> (
          select sum((counts ->> part)::bigint)
          from unnest(array['created', 'updated', 'unchanged', 'skipped', 'rejected', 'repeated']) part
        )`,
  },
  {
    rule: 'An operation is undone by one undo at most, besides those that failed, were stopped or were redone',
    offenders: (section) => sql`
      select 'operation ' || undo_of || ' is undone by ' || string_agg(id::text, ', ' order by id) as what
      from operation
      where section_id = ${section} and undo_of is not null and status in ('queued', 'running', 'done')
        and not exists (
          select from operation redo
          where redo.section_id = ${section} and redo.undo_of = operation.id
            and redo.status in ('queued', 'running', 'done')
        )
      group by undo_of
      having count(*) > 1`,
  },
  {
    rule: 'An import is done exactly when its operation is',
    offenders: (section) => sql`
      select 'import ' || import.id || ' is ' || import.status || ', operation ' || operation.id || ' is ' || operation.status as what
      from import
      join operation on operation.section_id = ${section} and operation.id = import.operation_id
      where import.section_id = ${section} and (import.status = 'done') <> (operation.status = 'done')`,
  },
  {
    rule: 'Nothing is kept of the file of an import that is done, but the rows that were rejected',
    offenders: (section) => sql`
      select 'import ' || id as what
      from import
      where section_id = ${section} and status = 'done' and (
        exists (select from import_chunk where section_id = ${section} and import_id = import.id)
        or exists (select from import_row where section_id = ${section} and import_id = import.id)
        or exists (select from import_repeat where section_id = ${section} and import_id = import.id)
      )`,
  },
  {
    rule: 'The keys of a job are kept only until it is done',
    offenders: (section) => sql`
      select distinct 'operation ' || operation.id as what
      from operation_key
      join operation on operation.section_id = ${section} and operation.id = operation_key.operation_id
      where operation_key.section_id = ${section} and operation.status = 'done'`,
  },
];

/** References without a foreign key: to a row of the same section, or of the same account. */
function belongs(rule: string, table: Sql, column: Sql, target: Sql, scope: 'section' | 'account'): Invariant {
  return {
    rule,
    offenders: (section) => sql`
      select ${column} || ' is not of this ' || ${scope}::text as what
      from (select distinct ${column} from ${table} where section_id = ${section} and ${column} is not null) named
      where not exists (
        select from ${target} target
        where target.id = ${column} and ${
          scope === 'section'
            ? sql`target.section_id = ${section}`
            : sql`target.account_id = (select account_id from section where id = ${section})`
        }
      )`,
  };
}

const places: Invariant[] = [
  belongs('Ledger rows name users of the account', sql`tag_change`, sql`user_id`, sql`app_user`, 'account'),
  belongs('Ledger rows name API keys of the account', sql`tag_change`, sql`api_key_id`, sql`api_key`, 'account'),
  belongs('Ledger rows name operations of the section', sql`tag_change`, sql`operation_id`, sql`operation`, 'section'),
  belongs('Profile changes name users of the account', sql`profile_change`, sql`user_id`, sql`app_user`, 'account'),
  belongs(
    'Profile changes name operations of the section',
    sql`profile_change`,
    sql`operation_id`,
    sql`operation`,
    'section',
  ),
  belongs('Operations name users of the account', sql`operation`, sql`user_id`, sql`app_user`, 'account'),
  belongs('Operations name API keys of the account', sql`operation`, sql`api_key_id`, sql`api_key`, 'account'),
  belongs('Imports name users of the account', sql`import`, sql`user_id`, sql`app_user`, 'account'),
  belongs('Tags name users of the account', sql`tag`, sql`created_by`, sql`app_user`, 'account'),
  belongs('Profile keys are in keyspaces of the account', sql`profile_key`, sql`keyspace_id`, sql`keyspace`, 'account'),
  belongs('Locked keys are in keyspaces of the account', sql`locked_key`, sql`keyspace_id`, sql`keyspace`, 'account'),
  belongs(
    'Allowed Operations name keyspaces of the account',
    sql`tag_permission`,
    sql`keyspace_id`,
    sql`keyspace`,
    'account',
  ),
  belongs(
    'People with access to the section are of its account',
    sql`user_section`,
    sql`user_id`,
    sql`app_user`,
    'account',
  ),
  belongs('API keys of the section are of its account', sql`api_key_section`, sql`api_key_id`, sql`api_key`, 'account'),
  belongs('Events name API keys of the account', sql`profile_event`, sql`api_key_id`, sql`api_key`, 'account'),
];

/** All invariants of a section. Each query reads its tables once. */
export const INVARIANTS: readonly Invariant[] = [
  ...counts,
  ...flows,
  ...ledger,
  ...claims,
  ...tags,
  ...profiles,
  ...work,
  ...places,
];
