// Copies definitions of tags from one section to another: names and descriptions, not who has them.
import type { SectionId, UserId } from '@/lib/db/ids';
import type { Models } from '@/lib/db/prisma';
import { newDiscriminator } from '@/lib/naming/discriminator';

/** Copies the visible tags that no list of a CRM keeps, except those whose names are taken. Returns how many. */
export async function copyTags(
  prisma: Models,
  { from, to, userId }: { from: SectionId; to: SectionId; userId: UserId | null },
): Promise<number> {
  const tags = await prisma.tag.findMany({
    where: { sectionId: from, hiddenAt: null, keptBy: { none: { sectionId: from } } },
    select: { name: true, nameKey: true, colour: true, groupName: true, description: true, ownerNote: true },
    orderBy: { id: 'asc' },
  });
  const { count } = await prisma.tag.createMany({
    data: tags.map((tag) => ({
      ...tag,
      sectionId: to,
      discriminator: newDiscriminator('tags', tag.name),
      createdBy: userId,
    })),
    skipDuplicates: true,
  });
  return count;
}
