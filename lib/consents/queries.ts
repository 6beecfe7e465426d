// Reads of topics and of the consents of profiles.
import type { ProfileId, SectionId } from '@/lib/db/ids';
import { prismaOn } from '@/lib/db/prisma';
import { rows, sql, type Db } from '@/lib/db/sql';
import type { Consent, ConsentType, ShownConsent, Topic } from './schema';

/** The section's topics, by name. `hidden`: also hidden ones. */
export function listTopics(db: Db, sectionId: SectionId, { hidden = false } = {}): Promise<Topic[]> {
  return prismaOn(db).topic.findMany({
    where: { sectionId, ...(!hidden && { hiddenAt: null }) },
    orderBy: { nameKey: 'asc' },
    select: { id: true, discriminator: true, name: true, folder: true, description: true, hiddenAt: true },
  });
}

/** A profile's consents of the given types, or all. */
export function consentsOf(
  db: Db,
  sectionId: SectionId,
  profileId: ProfileId,
  types: readonly ConsentType[] | null,
): Promise<Consent[]> {
  return rows<Consent>(
    db,
    sql`
      select topic.discriminator as topic, channel, type, reason, source, modified_at as "modifiedAt"
      from consent
      join topic on topic.section_id = consent.section_id and topic.id = consent.topic_id
      where consent.section_id = ${sectionId} and consent.profile_id = ${profileId}
        ${types === null ? sql`` : sql`and type = any(${types}::text[])`}
      order by topic.name_key, channel`,
  );
}

/** The consents of profiles, with the names of the topics. */
export function shownConsents(db: Db, sectionId: SectionId, ids: readonly ProfileId[]): Promise<ShownConsent[]> {
  return rows<ShownConsent>(
    db,
    sql`
      select consent.profile_id as "profileId", topic.id as "topicId", topic.name as topic, channel, type, source,
        modified_at as "modifiedAt"
      from consent
      join topic on topic.section_id = consent.section_id and topic.id = consent.topic_id
      where consent.section_id = ${sectionId} and consent.profile_id = any(${ids}::bigint[])
      order by topic.name_key, topic.id, channel`,
  );
}
