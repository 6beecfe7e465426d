// Consents set by API clients. Every change is recorded in the profile's history.
import { z } from 'zod';
import { actorApiKeyId, actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { KeyspaceIdSchema, SectionIdSchema, type TopicId } from '@/lib/db/ids';
import { execute, maybeOne, sql } from '@/lib/db/sql';
import { recordChanges } from '@/lib/profiles/change';
import { lockProfile } from '@/lib/profiles/fields';
import { findProfile, openKey } from '@/lib/profiles/keyspace';
import { newDiscriminator } from '@/lib/naming/discriminator';
import { requireFreeName } from '@/lib/naming/free-name';
import { nameKey, NameSchema } from '@/lib/naming/names';
import { ChannelSchema, ConsentTypeSchema, type ConsentType, type Topic } from './schema';

/** Creates a topic: something that profiles can agree to. */
export const createTopic = command({
  name: 'topics.create',
  scope: 'section',
  allow: 'integrators',
  input: z.object({ sectionId: SectionIdSchema, name: NameSchema }),
  run: async ({ prisma }, { sectionId, name }): Promise<Topic> => {
    await requireFreeName({ thing: 'a topic', name }, (key) =>
      prisma.topic.findFirst({ where: { sectionId, nameKey: key }, select: { id: true, name: true } }),
    );
    return prisma.topic.create({
      data: { sectionId, discriminator: newDiscriminator('topics', name), name, nameKey: nameKey(name) },
      select: { id: true, discriminator: true, name: true },
    });
  },
  audit: ({ name }, { id }) => ({ summary: `Created the topic “${name}”`, subject: `topic:${id}` }),
});

/** Sets a consent of the profile of a key: `{ created }`. Refuses with `conflict` if it is set already. */
export const setConsentByKey = command({
  name: 'consents.set-by-key',
  scope: 'section',
  allow: 'everyone',
  input: z.object({
    sectionId: SectionIdSchema,
    keyspaceId: KeyspaceIdSchema,
    key: z.string().max(1_000),
    topic: z.string().max(200),
    channel: ChannelSchema,
    type: ConsentTypeSchema,
    reason: z.string().trim().max(1_000).default(''),
    source: z.string().trim().max(1_000).default(''),
  }),
  run: async ({ tx, actor, accountId }, { topic: ref, channel, type, reason, source, ...where }) => {
    const { sectionId } = where;
    const profileId = await findProfile(tx, await openKey(tx, actor, accountId, where));
    if (profileId === undefined) refuse('not_found', 'There is no profile with this key in the section.');
    const topic = await maybeOne<{ id: TopicId; name: string }>(
      tx,
      sql`select id, name from topic where section_id = ${sectionId} and discriminator = ${ref}`,
    );
    if (!topic) return refuse('not_found', `There is no topic “${ref}” in this section.`, { field: ref });
    await lockProfile(tx, sectionId, profileId, { byKey: true });
    const before = await maybeOne<{ type: ConsentType }>(
      tx,
      sql`select type from consent
          where section_id = ${sectionId} and profile_id = ${profileId} and topic_id = ${topic.id} and channel = ${channel}`,
    );
    if (before?.type === type) refuse('conflict', `This consent is already “${type}”: nothing has changed.`);
    await execute(
      tx,
      sql`
        insert into consent (section_id, profile_id, topic_id, channel, type, reason, source, modified_at)
        values (${sectionId}, ${profileId}, ${topic.id}, ${channel}, ${type}, ${reason}, ${source}, ${new Date()})
        on conflict (section_id, profile_id, topic_id, channel) do update
        set type = excluded.type, reason = excluded.reason, source = excluded.source, modified_at = excluded.modified_at`,
    );
    const code = `consent:${topic.name}, ${channel}`;
    await recordChanges(
      tx,
      { sectionId, source: 'api', userId: actorUserId(actor), apiKeyId: actorApiKeyId(actor) },
      sql`
        select ${profileId}::bigint as profile_id, ${JSON.stringify({ [code]: before?.type ?? null })}::jsonb as before,
          ${JSON.stringify({ [code]: type })}::jsonb as after`,
    );
    return { created: before === undefined };
  },
  audit: () => null,
});
