// Copies definitions of events from one section to another.
import type { SectionId, UserId } from '@/lib/db/ids';
import type { Models } from '@/lib/db/prisma';
import { newDiscriminator } from '@/lib/naming/discriminator';
import { FieldsSchema } from './schema';

/** Copies the visible events that are not Tagwell's own, with their present fields, except those whose names are taken. Returns how many. */
export async function copyEvents(
  prisma: Models,
  { from, to, userId }: { from: SectionId; to: SectionId; userId: UserId | null },
): Promise<number> {
  const [events, taken] = await Promise.all([
    prisma.eventType.findMany({
      where: { sectionId: from, hiddenAt: null, builtIn: null },
      select: {
        name: true,
        nameKey: true,
        description: true,
        versions: { orderBy: { id: 'desc' }, take: 1, select: { fields: true } },
      },
      orderBy: { id: 'asc' },
    }),
    prisma.eventType.findMany({ where: { sectionId: to, hiddenAt: null }, select: { nameKey: true } }),
  ]);
  const names = new Set(taken.map(({ nameKey }) => nameKey));
  const fresh = events.filter(({ nameKey }) => !names.has(nameKey));
  const made = await prisma.eventType.createManyAndReturn({
    data: fresh.map(({ versions: _versions, ...event }) => ({
      ...event,
      sectionId: to,
      discriminator: newDiscriminator('events', event.name),
      createdBy: userId,
    })),
    select: { id: true, nameKey: true },
  });
  const idOf = new Map(made.map(({ id, nameKey }) => [nameKey, id]));
  await prisma.eventVersion.createMany({
    data: fresh.map(({ nameKey, versions }) => ({
      sectionId: to,
      eventTypeId: idOf.get(nameKey)!,
      fields: FieldsSchema.parse(versions[0]?.fields ?? []),
    })),
  });
  return made.length;
}
