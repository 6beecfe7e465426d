// Gives a section the data model of another one, so that nobody defines the same things twice.
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { accessible } from '@/lib/access/declared';
import { refuse } from '@/lib/access/refusal';
import { copyAttributes } from '@/lib/attributes/copy';
import { copyTopics } from '@/lib/consents/copy-topics';
import { SectionIdSchema } from '@/lib/db/ids';
import { copyEvents } from '@/lib/events/copy';
import { copyTags } from '@/lib/tags/copy';

/**
 * Copies attributes, tags, events and topics that the section does not have by name: `{ attributes, tags, events, topics }`, how many of each.
 * People, values and applications are not copied. Refuses with `not_found` if the person may not see the other section.
 */
export const copyDataModel = command({
  name: 'sections.copy-data-model',
  scope: 'section',
  allow: 'admins',
  input: z.object({ sectionId: SectionIdSchema, from: SectionIdSchema }),
  run: async ({ tx, prisma, actor }, { sectionId, from }) => {
    const [source] = await accessible(actor, [from]);
    if (source === undefined) return refuse('not_found', 'You do not have access to the other section.');
    if (source === sectionId) return refuse('invalid', 'Choose another section.', { field: 'from' });
    const of = { from, to: sectionId, userId: actorUserId(actor) };
    const attributes = await copyAttributes(tx, of);
    const tags = await copyTags(prisma, of);
    const events = await copyEvents(prisma, of);
    const topics = await copyTopics(prisma, of);
    const { name } = await prisma.section.findFirstOrThrow({ where: { id: from }, select: { name: true } });
    return { attributes, tags, events, topics, name };
  },
  audit: (_input, { name, ...numbers }) => ({
    summary: `Copied the data model of the section “${name}”`,
    subject: 'data-model',
    details: numbers,
  }),
});
