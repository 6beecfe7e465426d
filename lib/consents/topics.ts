// Topics: what people can agree to. Hiding one takes it out of every choice; its consents stay as they are.
import { z } from 'zod';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { SectionIdSchema, TopicIdSchema, type SectionId, type TopicId } from '@/lib/db/ids';
import type { Models } from '@/lib/db/prisma';
import { execute, maybeOne, one, sql, type Tx } from '@/lib/db/sql';
import { newDiscriminator } from '@/lib/naming/discriminator';
import { requireFreeName } from '@/lib/naming/free-name';
import { nameKey, NameSchema } from '@/lib/naming/names';
import { DescriptionSchema } from '@/lib/text/prose';
import { FolderSchema, type Topic } from './schema';

const ofTopic = (topicId: TopicId) => `topic:${topicId}`;

/** Creates a topic: something that profiles can agree to. */
export const createTopic = command({
  name: 'topics.create',
  scope: 'section',
  allow: 'integrators',
  input: z.object({
    sectionId: SectionIdSchema,
    name: NameSchema,
    folder: FolderSchema.default(''),
    description: DescriptionSchema.default(''),
  }),
  run: async ({ prisma }, { sectionId, name, folder, description }): Promise<Topic> => {
    await requireFreeName({ thing: 'a topic', name }, topicNamed(prisma, sectionId));
    return prisma.topic.create({
      data: {
        sectionId,
        discriminator: newDiscriminator('topics', name),
        name,
        nameKey: nameKey(name),
        folder,
        description,
      },
      select: { id: true, discriminator: true, name: true, folder: true, description: true, hiddenAt: true },
    });
  },
  audit: ({ name }, { id }) => ({ summary: `Created the topic “${name}”`, subject: ofTopic(id) }),
});

/** Renames or describes a topic, or puts it into another folder. */
export const updateTopic = command({
  name: 'topics.update',
  scope: 'section',
  allow: 'admins',
  input: z.object({
    sectionId: SectionIdSchema,
    topicId: TopicIdSchema,
    name: NameSchema,
    folder: FolderSchema,
    description: DescriptionSchema,
  }),
  run: async ({ tx, prisma }, { sectionId, topicId, name, folder, description }) => {
    const before = await lockTopic(tx, sectionId, topicId);
    await requireFreeName({ thing: 'a topic', name, except: topicId }, topicNamed(prisma, sectionId));
    await prisma.topic.update({
      where: { sectionId_id: { sectionId, id: topicId } },
      data: { name, nameKey: nameKey(name), folder, description },
      select: { id: true },
    });
    return { before: before.name };
  },
  audit: ({ topicId, name }, { before }) => ({
    summary: before === name ? `Edited the topic “${name}”` : `Renamed the topic “${before}” to “${name}”`,
    subject: ofTopic(topicId),
  }),
});

/** Hides a topic, or shows it again, and locks it. The command is in lib/used-in, as forms go on with what waited for it. */
export async function writeTopicHidden(
  { tx, prisma }: { tx: Tx; prisma: Models },
  { sectionId, topicId, hidden }: { sectionId: SectionId; topicId: TopicId; hidden: boolean },
): Promise<{ name: string }> {
  const { name } = await lockTopic(tx, sectionId, topicId);
  await prisma.topic.update({
    where: { sectionId_id: { sectionId, id: topicId } },
    data: { hiddenAt: hidden ? new Date() : null },
    select: { id: true },
  });
  return { name };
}

/** Deletes a topic that nobody has ever agreed to. Refuses with `in_use` otherwise: its history must remain readable. */
export const deleteTopic = command({
  name: 'topics.delete',
  scope: 'section',
  allow: 'admins',
  input: z.object({ sectionId: SectionIdSchema, topicId: TopicIdSchema }),
  run: async ({ tx }, { sectionId, topicId }) => {
    const { name } = await lockTopic(tx, sectionId, topicId);
    const { used } = await one<{ used: boolean }>(
      tx,
      sql`
        select exists (select from consent where section_id = ${sectionId} and topic_id = ${topicId})
          or exists (select from consent_change where section_id = ${sectionId} and topic_id = ${topicId}) as used`,
    );
    const inMessage = await maybeOne(
      tx,
      sql`select from use where section_id = ${sectionId} and used_kind = 'topic' and used_id = ${topicId} limit 1`,
    );
    if (inMessage)
      refuse(
        'in_use',
        `A message goes to those who have agreed to “${name}”, or a form asks for it. Choose another topic there, or hide this one.`,
      );
    if (used) refuse('in_use', `People have given or withdrawn consent to “${name}”, so it stays. Hide it instead.`);
    await execute(tx, sql`delete from topic where section_id = ${sectionId} and id = ${topicId}`);
    return { name };
  },
  audit: ({ topicId }, { name }) => ({ summary: `Deleted the topic “${name}”`, subject: ofTopic(topicId) }),
});

async function lockTopic(tx: Tx, sectionId: SectionId, topicId: TopicId): Promise<{ name: string }> {
  const topic = await maybeOne<{ name: string }>(
    tx,
    sql`select name from topic where section_id = ${sectionId} and id = ${topicId} for update`,
  );
  return topic ?? refuse('not_found', 'This topic does not exist in this section.');
}

/** Refuses with `hidden` or `not_found` unless the topic is offered. Locks it, so that it stays so. */
export async function requireOffered(
  tx: Tx,
  sectionId: SectionId,
  topic: { id: TopicId } | { discriminator: string },
): Promise<{ id: TopicId; name: string }> {
  const which = 'id' in topic ? sql`id = ${topic.id}` : sql`discriminator = ${topic.discriminator}`;
  const found = await maybeOne<{ id: TopicId; name: string; hidden: boolean }>(
    tx,
    sql`
      select id, name, hidden_at is not null as hidden from topic
      where section_id = ${sectionId} and ${which}
      for key share`,
  );
  if (!found) {
    if ('id' in topic) return refuse('not_found', 'This topic does not exist in this section.');
    const { discriminator } = topic;
    return refuse('not_found', `There is no topic “${discriminator}” in this section.`, { field: discriminator });
  }
  if (found.hidden) refuse('hidden', `The topic “${found.name}” is hidden, so its consents are not changed any more.`);
  return found;
}

const topicNamed = (prisma: Models, sectionId: SectionId) => (key: string) =>
  prisma.topic.findFirst({ where: { sectionId, nameKey: key }, select: { id: true, name: true } });
