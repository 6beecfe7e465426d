// Contacts that go in and out of a list again and again: a sign of a list in the CRM whose rules contradict each other.
import type { AttributeValues } from '@/lib/attributes/schema';
import type { ConnectionId, ConnectionListId, ProfileId, SectionId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import { profileName, type ProfileKey } from '@/lib/profiles/schema';
import { undoneBy } from '@/lib/work/queries';
import { CHANGE_STATES, END } from './outcome';

const DAYS = 7;
/** Changes of one person by one list within these days. */
const TIMES = 3;

/** A person and the list. `times`: how often the list has given or taken its tag; `lastAt`: the last time, ISO 8601. */
export type FlappingContact = {
  profileId: ProfileId;
  name: string;
  keys: string[];
  listId: ConnectionListId;
  listName: string;
  times: number;
  lastAt: string;
};

/**
 * The people whose tag the syncs of a connection changed at least three times in the last seven days, most changes first. What was undone
 * does not count: that was somebody here, not the CRM.
 */
export async function flappingContacts(
  db: Db,
  {
    sectionId,
    connectionId,
    limit,
    now = new Date(),
  }: { sectionId: SectionId; connectionId: ConnectionId; limit: number; now?: Date },
): Promise<FlappingContact[]> {
  const since = new Date(now.getTime() - DAYS * 86_400_000);
  const changesOf = sql`
    from recent run
    join sync_change change on change.section_id = ${sectionId} and change.run_id = run.id
    where change.state = ${CHANGE_STATES.applied}`;
  const found = await rows<
    Omit<FlappingContact, 'name' | 'keys' | 'lastAt'> & {
      attributes: AttributeValues;
      keys: ProfileKey[];
      lastAt: Date;
    }
  >(
    db,
    sql`
      with recent as materialized (
        select run.id, run.created_at from sync_run run
        where run.section_id = ${sectionId} and run.connection_id = ${connectionId} and run.created_at >= ${since}
          and ${undoneBy(sectionId, sql`run.operation_id`)} is null
      )
      select flapping.profile_id as "profileId", flapping.list_id as "listId", list.name as "listName", flapping.times,
        flapping.last_at as "lastAt", profile.attributes,
        coalesce((
          select json_agg(json_build_object('keyspaceId', profile_key.keyspace_id, 'key', key) order by keyspace_id)
          from profile_key
          join keyspace on keyspace.id = profile_key.keyspace_id and keyspace.kind <> 'integration'
          where profile_key.section_id = ${sectionId} and profile_key.profile_id = flapping.profile_id
        ), '[]') as keys
      from (
        select change.list_id, change.profile_id, count(*) as times, max(run.created_at) as last_at
        ${changesOf}
          -- Few are ever taken off a list, so this leaves out nearly everyone before they are counted.
          and (change.list_id, change.profile_id) in (
            select change.list_id, change.profile_id ${changesOf} and change.action = ${END}
          )
        group by change.list_id, change.profile_id
        having count(*) >= ${TIMES}
        order by times desc, last_at desc, change.list_id, change.profile_id
        limit ${limit}
      ) flapping
      join connection_list list on list.section_id = ${sectionId} and list.id = flapping.list_id
      join profile on profile.section_id = ${sectionId} and profile.id = flapping.profile_id
      order by flapping.times desc, flapping.last_at desc, flapping.list_id, flapping.profile_id`,
  );
  return found.map(({ attributes, keys, lastAt, ...contact }) => ({
    ...contact,
    name: profileName(contact.profileId, attributes, keys),
    keys: keys.map(({ key }) => key),
    lastAt: lastAt.toISOString(),
  }));
}
