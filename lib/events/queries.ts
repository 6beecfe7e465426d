// Reads of event definitions, and of a profile's events.
import type { EventVersionId, ProfileId, SectionId } from '@/lib/db/ids';
import { prismaOn } from '@/lib/db/prisma';
import { rows, sql, type Db } from '@/lib/db/sql';
import type { EventField, EventType } from './schema';

/** The section's events by name, with their versions. `hidden`: also hidden ones, last; `builtIn`: also Tagwell's own. */
export async function listEventTypes(
  db: Db,
  sectionId: SectionId,
  { hidden = false, builtIn = false } = {},
): Promise<EventType[]> {
  const prisma = prismaOn(db);
  const found = await prisma.eventType.findMany({
    where: { sectionId, ...(!hidden && { hiddenAt: null }), ...(!builtIn && { builtIn: null }) },
    orderBy: { nameKey: 'asc' },
    select: {
      id: true,
      discriminator: true,
      name: true,
      description: true,
      createdAt: true,
      hiddenAt: true,
      builtIn: true,
    },
  });
  const versions = await prisma.eventVersion.findMany({
    where: { sectionId, eventTypeId: { in: found.map(({ id }) => id) } },
    orderBy: { id: 'desc' },
    select: { id: true, eventTypeId: true, fields: true, createdAt: true, deprecatedAt: true },
  });
  const types = found.map((type) => ({
    ...type,
    versions: versions
      .filter(({ eventTypeId }) => eventTypeId === type.id)
      .map(({ id, fields, createdAt, deprecatedAt }) => ({
        id,
        fields: fields as EventField[],
        createdAt,
        deprecatedAt,
      })),
  }));
  return [...types.filter(({ hiddenAt }) => !hiddenAt), ...types.filter(({ hiddenAt }) => hiddenAt)];
}

export type StoredEvent = { at: Date; versionId: EventVersionId; data: Record<string, unknown> };

/** A profile's newest events with visible definitions. */
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
