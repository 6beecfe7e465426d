// What happens to events when their profiles are erased, merged or undone; and their lines in the timeline.
import { execute, rows, sql, type Db } from '@/lib/db/sql';
import { displayValue } from '@/lib/attributes/display';
import type { AttributeValues } from '@/lib/attributes/schema';
import type { ProfileFollower } from '@/lib/followers/profile-follower';
import type { TimelineEntry, TimelinePage } from '@/lib/followers/timeline';
import { sourceInWords } from '@/lib/tags/source';
import type { EventField } from './schema';

export const eventFollower: ProfileFollower = {
  tables: ['profile_event'],
  erase: async (tx, { cause: { sectionId }, profileIds }) => {
    await execute(
      tx,
      sql`delete from profile_event where section_id = ${sectionId} and profile_id = any(${profileIds}::bigint[])`,
    );
  },
  merge: async (tx, { cause: { sectionId }, into, from }) => {
    await execute(
      tx,
      sql`update profile_event set profile_id = ${into}
          where section_id = ${sectionId} and profile_id = any(${from}::bigint[])`,
    );
  },
  keepReasons: [
    {
      why: 'has done something since',
      when: ({ sectionId, profileId }) => sql`exists (
        select from profile_event event where event.section_id = ${sectionId} and event.profile_id = ${profileId}
      )`,
    },
  ],
  timeline: { stream: 'events', words: 'Events', read: readEventLines },
};

type EventLine = {
  id: number;
  at: Date;
  name: string;
  fields: EventField[];
  data: AttributeValues;
  client: string | null;
};

/** Lines of visible events, with the fields of the version that recorded them. */
async function readEventLines(db: Db, { sectionId, profileId, older, limit }: TimelinePage): Promise<TimelineEntry[]> {
  const found = await rows<EventLine>(
    db,
    sql`
      select event.id, event.at, type.name, version.fields, event.data, api_key.name as client
      from profile_event event
      join event_version version on version.section_id = event.section_id and version.id = event.version_id
      join event_type type
        on type.section_id = version.section_id and type.id = version.event_type_id and type.hidden_at is null
      left join api_key on api_key.id = event.api_key_id
      where event.section_id = ${sectionId} and event.profile_id = ${profileId} and ${older(sql`event.at`, sql`event.id`)}
      order by event.at desc, event.id desc
      limit ${limit}`,
  );
  return found.map(({ id, at, name, fields, data, client }) => ({
    id,
    at,
    icon: 'event',
    about: name,
    what: '',
    details: fields
      .filter(({ code }) => data[code] !== undefined && data[code] !== null)
      .map(({ code, name: field, type }) => ({ name: field, after: displayValue(type, data[code]) })),
    from: sourceInWords({ source: 'api', by: null, through: client }),
    undone: null,
  }));
}
