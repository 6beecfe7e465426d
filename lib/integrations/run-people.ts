// The people of a run: who gets a tag, who loses it, and who is left out.
import type { AttributeValues } from '@/lib/attributes/schema';
import { refuse } from '@/lib/access/refusal';
import {
  ProfileIdSchema,
  type AccountId,
  type ConnectionListId,
  type ProfileId,
  type SectionId,
  type SyncRunId,
} from '@/lib/db/ids';
import { one, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { profileName, type ProfileKey } from '@/lib/profiles/schema';
import { hasValue, openTarget, wantedValue, type OfAttribute } from './custom-holders';
import { BEGIN, CHANGE_STATES, END, OUTCOMES } from './outcome';
import { ConnectionOptionsSchema } from './schema';

/** Groups of profiles that a run changes, or would. */
export const CHANGE_GROUPS = ['adds', 'removes', 'joins', 'leaves', 'left', 'refused'] as const;
/** Groups of contacts without a profile. People who were erased are only counted. */
export const CONTACT_GROUPS = ['create', 'unmatched', 'noAddress', 'ambiguous', 'inactive'] as const;
export type ChangeGroup = (typeof CHANGE_GROUPS)[number];
export type ContactGroup = (typeof CONTACT_GROUPS)[number];
export type PeopleGroup = ChangeGroup | ContactGroup;

/**
 * A person of a list in a run. `profileId`: null if nobody here was found. `matches`: of a contact that is ambiguous, the profiles that
 * match, at most `MATCHES_SHOWN`. `place`: where the next page begins.
 */
export type RunPerson = {
  place: string;
  profileId: ProfileId | null;
  name: string;
  keys: string[];
  matches: { id: ProfileId; name: string }[];
};

const MATCHES_SHOWN = 5;

type PeoplePage = { runId: SyncRunId; listId: ConnectionListId; after?: string; limit: number };

export const isChangeGroup = (group: PeopleGroup): group is ChangeGroup =>
  (CHANGE_GROUPS as readonly PeopleGroup[]).includes(group);

/** A page of a group of people, in the order of their places. */
export function peopleOfRun(db: Db, sectionId: SectionId, group: PeopleGroup, page: PeoplePage): Promise<RunPerson[]> {
  return isChangeGroup(group) ? changedPeople(db, sectionId, group, page) : contactsWithout(db, sectionId, group, page);
}

const isMade = sql`change.state not in (${CHANGE_STATES.refused}, ${CHANGE_STATES.rejected})`;

/** Whether a row of `sync_change` is in a group. */
export const IN_GROUP: Record<ChangeGroup, Sql> = {
  adds: sql`change.action = ${BEGIN} and change.moves and ${isMade}`,
  removes: sql`change.action = ${END} and change.moves and ${isMade}`,
  joins: sql`change.action = ${BEGIN} and not change.moves and ${isMade}`,
  leaves: sql`change.action = ${END} and not change.moves and ${isMade}`,
  left: sql`change.state = ${CHANGE_STATES.rejected}`,
  refused: sql`change.state = ${CHANGE_STATES.refused}`,
};

/** The profile after which a page begins. Refuses with `invalid` what is no place of an earlier page. */
export function profileBefore(after: string | undefined): number {
  if (!after) return 0;
  const read = ProfileIdSchema.safeParse(after);
  return read.success
    ? read.data
    : refuse('invalid', '`after` must be the `next` of the previous page. Leave it out to begin with the first page.', {
        field: 'after',
      });
}

async function changedPeople(
  db: Db,
  sectionId: SectionId,
  group: ChangeGroup,
  { runId, listId, after, limit }: PeoplePage,
): Promise<RunPerson[]> {
  const found = await rows<{ profileId: ProfileId; attributes: AttributeValues | null; keys: ProfileKey[] }>(
    db,
    sql`
      select shown.profile_id as "profileId", profile.attributes,
        coalesce((
          select json_agg(json_build_object('keyspaceId', profile_key.keyspace_id, 'key', key) order by keyspace_id)
          from profile_key
          join keyspace on keyspace.id = profile_key.keyspace_id and keyspace.kind <> 'integration'
          where profile_key.section_id = ${sectionId} and profile_key.profile_id = shown.profile_id
        ), '[]') as keys
      from (
        select change.profile_id
        from sync_change change
        where change.section_id = ${sectionId} and change.run_id = ${runId} and change.list_id = ${listId}
          and change.profile_id > ${profileBefore(after)} and ${IN_GROUP[group]}
        order by change.profile_id
        limit ${limit}
      ) shown
      left join profile on profile.section_id = ${sectionId} and profile.id = shown.profile_id
      order by shown.profile_id`,
  );
  return found.map(({ profileId, attributes, keys }) => ({
    place: String(profileId),
    // Somebody may have deleted the profile since.
    profileId: attributes === null ? null : profileId,
    name: attributes === null ? 'A deleted profile' : profileName(profileId, attributes, keys),
    keys: keys.map(({ key }) => key),
    matches: [],
  }));
}

/** The outcome of the contacts in a group. */
export const OUTCOME_OF: Record<ContactGroup, number> = {
  create: OUTCOMES.create,
  unmatched: OUTCOMES.unmatched,
  noAddress: OUTCOMES.no_address,
  ambiguous: OUTCOMES.ambiguous,
  inactive: OUTCOMES.inactive,
};

async function contactsWithout(
  db: Db,
  sectionId: SectionId,
  group: ContactGroup,
  { runId, listId, after = '', limit }: PeoplePage,
): Promise<RunPerson[]> {
  const found = await rows<{ place: string; name: string; keys: string[] }>(
    db,
    sql`
      select key as place, name, emails || mobiles || custom as keys from sync_member
      where section_id = ${sectionId} and run_id = ${runId} and list_id = ${listId}
        and outcome = ${OUTCOME_OF[group]} and key > ${after}
      order by key
      limit ${limit}`,
  );
  const matches =
    group === 'ambiguous'
      ? await matchesOf(db, sectionId, { runId, listId }, found)
      : new Map<string, RunPerson['matches']>();
  return found.map((contact) => ({ ...contact, profileId: null, matches: matches.get(contact.place) ?? [] }));
}

/** The profiles that have the values of contacts in an attribute. */
const haveValue = (sectionId: SectionId, target: OfAttribute, shown: Sql): Sql => sql`
  select member.key, known.id
  from sync_member member
  cross join lateral unnest(member.custom) address
  join profile known on known.section_id = ${sectionId} and ${hasValue(target, sql`known.attributes`, wantedValue(target, sql`address`))}
  where ${shown}`;

/** The profiles that match contacts by what the connection matches by, as they are now; by the contacts' places. */
async function matchesOf(
  db: Db,
  sectionId: SectionId,
  { runId, listId }: Pick<PeoplePage, 'runId' | 'listId'>,
  contacts: readonly { place: string }[],
): Promise<Map<string, RunPerson['matches']>> {
  if (contacts.length === 0) return new Map();
  const connection = await one<{ accountId: AccountId; options: unknown }>(
    db,
    sql`
      select section.account_id as "accountId", connection.options
      from sync_run run
      join connection on connection.section_id = ${sectionId} and connection.id = run.connection_id
      join section on section.id = ${sectionId}
      where run.section_id = ${sectionId} and run.id = ${runId}`,
  );
  const options = ConnectionOptionsSchema.parse(connection.options);
  const custom = await openTarget(db, { sectionId, options });
  const shown = sql`
    member.section_id = ${sectionId} and member.run_id = ${runId} and member.list_id = ${listId}
      and member.key = any(${contacts.map(({ place }) => place)}::text[])`;
  const found = await rows<{ place: string; id: ProfileId; attributes: AttributeValues; keys: ProfileKey[] }>(
    db,
    sql`
      select match.place, profile.id, profile.attributes,
        coalesce((
          select json_agg(json_build_object('keyspaceId', profile_key.keyspace_id, 'key', key) order by keyspace_id)
          from profile_key
          join keyspace on keyspace.id = profile_key.keyspace_id and keyspace.kind <> 'integration'
          where profile_key.section_id = ${sectionId} and profile_key.profile_id = profile.id
        ), '[]') as keys
      from (
        select distinct member.key as place, known.profile_id
        from sync_member member
        cross join lateral (
          select 'email' as rule, 'email' as kind, unnest(member.emails) as key
          union all select 'mobile', 'mobile', unnest(member.mobiles)
          union all select 'crm_id', 'crm_id', member.crm_id
          ${custom?.kind === 'key' ? sql`union all select 'custom', ${custom.of}::text, unnest(member.custom)` : sql``}
        ) address
        join keyspace on keyspace.account_id = ${connection.accountId} and keyspace.kind = address.kind
        join profile_key known
          on known.section_id = ${sectionId} and known.keyspace_id = keyspace.id and known.key = address.key
        where ${shown} and address.rule = any(${options.match}::text[])
        ${custom?.kind === 'attribute' ? sql`union ${haveValue(sectionId, custom, shown)}` : sql``}
      ) match
      join profile on profile.section_id = ${sectionId} and profile.id = match.profile_id
      order by match.place, profile.id`,
  );
  const matches = new Map<string, RunPerson['matches']>();
  for (const { place, id, attributes, keys } of found) {
    const known = matches.get(place) ?? [];
    if (known.length < MATCHES_SHOWN) matches.set(place, [...known, { id, name: profileName(id, attributes, keys) }]);
  }
  return matches;
}
