// Copies definitions of attributes from one section to another.
import type { AttributeId, SectionId, UserId } from '@/lib/db/ids';
import { prismaOn } from '@/lib/db/prisma';
import { rows, sql, type Tx } from '@/lib/db/sql';
import { newDiscriminator } from '@/lib/naming/discriminator';

/** Copies the visible attributes of the account's own, except those whose names are taken. Returns how many. */
export async function copyAttributes(
  tx: Tx,
  { from, to, userId }: { from: SectionId; to: SectionId; userId: UserId | null },
): Promise<number> {
  const prisma = prismaOn(tx);
  const attributes = await prisma.attribute.findMany({
    where: { sectionId: from, hiddenAt: null, system: false },
    select: { name: true, nameKey: true, type: true, choices: true, description: true },
    orderBy: { id: 'asc' },
  });
  const ids = await rows<{ id: AttributeId }>(
    tx,
    sql`select nextval('attribute_id_seq')::int as id from generate_series(1, ${attributes.length}::int)`,
  );
  const { count } = await prisma.attribute.createMany({
    data: attributes.map((attribute, index) => ({
      ...attribute,
      sectionId: to,
      id: ids[index]!.id,
      code: `a${ids[index]!.id}`,
      discriminator: newDiscriminator('attributes', attribute.name),
      createdBy: userId,
    })),
    skipDuplicates: true,
  });
  return count;
}
