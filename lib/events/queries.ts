// Reads of event definitions, and of a profile's events.
import type { EventVersionId, ProfileId, SectionId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import type { EventType } from './schema';

type Stored = Omit<EventType, 'versions'> & {
  versions: {
    id: EventVersionId;
    fields: EventType['versions'][number]['fields'];
    createdAt: string;
    deprecatedAt: string | null;
  }[];
};

/** The section's events by name, with their versions; hidden ones only when asked for. */
export async function listEventTypes(db: Db, sectionId: SectionId, { hidden = false } = {}): Promise<EventType[]> {
  const found = await rows<Stored>(
    db,
    sql`
      select id, discriminator, name, description, created_at as "createdAt", hidden_at as "hiddenAt",
        (
          select json_agg(json_build_object('id', version.id, 'fields', version.fields, 'createdAt', version.created_at,
                                            'deprecatedAt', version.deprecated_at) order by version.id desc)
          from event_version version
          where version.section_id = event_type.section_id and version.event_type_id = event_type.id
        ) as versions
      from event_type
      where section_id = ${sectionId} ${hidden ? sql`` : sql`and hidden_at is null`}
      order by hidden_at is not null, name_key`,
  );
  return found.map(({ versions, ...type }) => ({
    ...type,
    versions: versions.map(({ createdAt, deprecatedAt, ...version }) => ({
      ...version,
      createdAt: new Date(createdAt),
      deprecatedAt: deprecatedAt === null ? null : new Date(deprecatedAt),
    })),
  }));
}

export type StoredEvent = { at: Date; versionId: EventVersionId; data: Record<string, unknown> };

/** A profile's newest events, of visible definitions. */
export function eventsOfProfile(
  db: Db,
  sectionId: SectionId,
  profileId: ProfileId,
  limit: number,
): Promise<StoredEvent[]> {
  return rows<StoredEvent>(
    db,
    sql`
      select event.at, event.version_id as "versionId", event.data
      from profile_event event
      join event_version version on version.section_id = event.section_id and version.id = event.version_id
      join event_type type on type.section_id = version.section_id and type.id = version.event_type_id
      where event.section_id = ${sectionId} and event.profile_id = ${profileId} and type.hidden_at is null
      order by event.at desc, event.id desc
      limit ${limit}`,
  );
}
