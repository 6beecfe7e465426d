// Reads of topics and of the consents of profiles.
import type { ProfileId, SectionId } from '@/lib/db/ids';
import { prismaOn } from '@/lib/db/prisma';
import { rows, sql, type Db } from '@/lib/db/sql';
import { mergedInto } from '@/lib/profiles/merged';
import { throughOf } from '@/lib/tags/origin';
import type { Consent, ConsentType, HeldConsent, ShownConsent, Topic, TopicCount } from './schema';
import { CONSENT_SOURCES, consentSourceInWords } from './source';

/** The section's topics, by folder and name. `hidden`: also hidden ones. */
export function listTopics(db: Db, sectionId: SectionId, { hidden = false } = {}): Promise<Topic[]> {
  return prismaOn(db).topic.findMany({
    where: { sectionId, ...(!hidden && { hiddenAt: null }) },
    orderBy: [{ folder: 'asc' }, { nameKey: 'asc' }],
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
      select consent.profile_id as "profileId", topic.id as "topicId", topic.name as topic, channel, type,
        modified_at as "modifiedAt"
      from consent
      join topic on topic.section_id = consent.section_id and topic.id = consent.topic_id
      where consent.section_id = ${sectionId} and consent.profile_id = any(${ids}::bigint[])
      order by topic.name_key, topic.id, channel`,
  );
}

/**
 * The consents of a profile by folder and topic, each with where it is from: the newest change that made it what it is.
 * An undo or a merge brought back what was there before, so they are passed over.
 */
export async function heldConsents(db: Db, sectionId: SectionId, profileId: ProfileId): Promise<HeldConsent[]> {
  const ids = [profileId, ...(await mergedInto(db, sectionId, [profileId]))];
  const found = await rows<
    Omit<HeldConsent, 'from'> & { given: string; source: number | null; by: string | null; through: string | null }
  >(
    db,
    sql`
      select consent.profile_id as "profileId", topic.id as "topicId", topic.name as topic, topic.folder,
        topic.hidden_at is not null as hidden, consent.channel, consent.type, consent.modified_at as "modifiedAt",
        consent.source as given, entry.source, app_user.name as by, ${throughOf(sectionId, sql`entry`)} as through
      from consent
      join topic on topic.section_id = consent.section_id and topic.id = consent.topic_id
      left join lateral (
        select change.*, 0 as holder_id from consent_change change
        where change.section_id = ${sectionId} and change.profile_id = any(${ids}::bigint[])
          and change.topic_id = consent.topic_id and change.channel = consent.channel and change.after = consent.type
          and change.source not in (${CONSENT_SOURCES.undo}, ${CONSENT_SOURCES.merge})
        order by change.at desc, change.id desc
        limit 1
      ) entry on true
      left join app_user on app_user.id = entry.user_id
      where consent.section_id = ${sectionId} and consent.profile_id = ${profileId}
      order by lower(topic.folder), topic.folder, topic.name_key, topic.id, consent.channel`,
  );
  return found.map(({ given, source, by, through, ...consent }) => ({
    ...consent,
    from: given || (source === null ? '' : consentSourceInWords(source, { by, through })),
  }));
}

/** How many people have each consent: from the index by topic. */
export function countConsents(db: Db, sectionId: SectionId): Promise<TopicCount[]> {
  return rows<TopicCount>(
    db,
    sql`
      select topic_id as "topicId", channel, type, count(*) as people
      from consent
      where section_id = ${sectionId}
      group by topic_id, channel, type
      order by topic_id, channel, people desc`,
  );
}
