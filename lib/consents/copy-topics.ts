// Copies topics from one section to another: what can be agreed to, not who has.
import type { SectionId } from '@/lib/db/ids';
import type { Models } from '@/lib/db/prisma';
import { newDiscriminator } from '@/lib/naming/discriminator';

/** Copies the visible topics, except those whose names are taken. Returns how many. */
export async function copyTopics(prisma: Models, { from, to }: { from: SectionId; to: SectionId }): Promise<number> {
  const topics = await prisma.topic.findMany({
    where: { sectionId: from, hiddenAt: null },
    select: { name: true, nameKey: true, folder: true, description: true },
    orderBy: { id: 'asc' },
  });
  const { count } = await prisma.topic.createMany({
    data: topics.map((topic) => ({ ...topic, sectionId: to, discriminator: newDiscriminator('topics', topic.name) })),
    skipDuplicates: true,
  });
  return count;
}
