// What admins do to attributes. A marketer can create one too, while mapping an import.
import { z } from 'zod';
import { actorUserId, type Actor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { AttributeIdSchema, SectionIdSchema, type AttributeId, type SectionId } from '@/lib/db/ids';
import type { Models } from '@/lib/db/prisma';
import { execute, maybeOne, one, rows, sql, type Tx } from '@/lib/db/sql';
import { newDiscriminator } from '@/lib/naming/discriminator';
import { requireFreeName } from '@/lib/naming/free-name';
import { nameKey, NameSchema } from '@/lib/naming/names';
import { DescriptionSchema } from '@/lib/text/prose';
import { AttributeTypeSchema, type AttributeType } from './schema';
import { INDEXES_PER_SECTION, listIndexes, queueIndexWork } from './value-index';

const ChoicesSchema = z
  .array(z.string().trim().min(1).max(200))
  .max(500, 'Use at most 500 choices.')
  .transform((choices) => [...new Set(choices)]);

const NewAttribute = z
  .object({
    sectionId: SectionIdSchema,
    name: NameSchema,
    type: AttributeTypeSchema,
    choices: ChoicesSchema.default([]),
    description: DescriptionSchema.default(''),
  })
  .refine(({ type, choices }) => type !== 'choice' || choices.length > 0, {
    message: 'Enter at least one choice.',
    path: ['choices'],
  })
  .transform((attribute) => ({ ...attribute, choices: attribute.type === 'choice' ? attribute.choices : [] }));

/** Creates an attribute. Its type can never be changed. */
export const createAttribute = command({
  name: 'attributes.create',
  scope: 'section',
  allow: 'everyone',
  input: NewAttribute,
  run: async ({ tx, prisma, actor }, { sectionId, name, type, choices, description }) => {
    await requireFreeName({ thing: 'an attribute', name }, visibleAttribute(prisma, sectionId));
    const { id } = await one<{ id: AttributeId }>(tx, sql`select nextval('attribute_id_seq')::int as id`);
    return prisma.attribute.create({
      data: {
        sectionId,
        id,
        code: `a${id}`,
        discriminator: newDiscriminator('attributes', name),
        name,
        nameKey: nameKey(name),
        type,
        choices,
        description,
        createdBy: actorUserId(actor),
      },
      select: { id: true, code: true },
    });
  },
  audit: ({ name }, { id }) => ({ summary: `Created the attribute “${name}”`, subject: `attribute:${id}` }),
});

/** Renames or describes an attribute, or changes its choices. A choice that profiles have cannot be removed. */
export const updateAttribute = command({
  name: 'attributes.update',
  scope: 'section',
  allow: 'admins',
  input: z.object({
    sectionId: SectionIdSchema,
    attributeId: AttributeIdSchema,
    name: NameSchema,
    choices: ChoicesSchema.default([]),
    description: DescriptionSchema,
  }),
  run: async ({ tx, prisma }, { sectionId, attributeId, name, choices, description }) => {
    const before = await lockAttribute(tx, sectionId, attributeId);
    await requireFreeName({ thing: 'an attribute', name, except: attributeId }, visibleAttribute(prisma, sectionId));
    const kept = before.type === 'choice' ? choices : [];
    if (before.type === 'choice' && kept.length === 0) {
      refuse('invalid', 'Enter at least one choice.', { field: 'choices' });
    }
    await requireUnused(
      tx,
      sectionId,
      before.code,
      before.choices.filter((choice) => !kept.includes(choice)),
    );
    await prisma.attribute.update({
      where: { sectionId_id: { sectionId, id: attributeId } },
      data: { name, nameKey: nameKey(name), choices: kept, description },
      select: { id: true },
    });
    return { before: before.name };
  },
  audit: ({ attributeId, name }, { before }) => ({
    summary: before === name ? `Edited the attribute “${name}”` : `Renamed the attribute “${before}” to “${name}”`,
    subject: `attribute:${attributeId}`,
  }),
});

/**
 * Hides an attribute from profiles and imports, or shows it again, and locks it. Values are kept. The command is in lib/used-in, as forms go on
 * with what waited for it.
 */
export async function writeAttributeHidden(
  { tx, prisma, actor }: { tx: Tx; prisma: Models; actor: Actor },
  { sectionId, attributeId, hidden }: { sectionId: SectionId; attributeId: AttributeId; hidden: boolean },
): Promise<{ name: string }> {
  const attribute = await lockAttribute(tx, sectionId, attributeId);
  if (attribute.system) refuse('invalid', 'Attributes that Tagwell itself needs cannot be hidden.');
  if (!hidden)
    await requireFreeName(
      { thing: 'an attribute', name: attribute.name, except: attributeId },
      visibleAttribute(prisma, sectionId),
    );
  await prisma.attribute.update({
    where: { sectionId_id: { sectionId, id: attributeId } },
    data: { hiddenAt: hidden ? new Date() : null, hiddenBy: hidden ? actorUserId(actor) : null },
    select: { id: true },
  });
  return { name: attribute.name };
}

type Locked = { name: string; code: string; type: AttributeType; choices: string[]; system: boolean };

async function lockAttribute(tx: Tx, sectionId: SectionId, attributeId: AttributeId): Promise<Locked> {
  const attribute = await maybeOne<Locked>(
    tx,
    sql`select name, code, type, choices, system from attribute
        where section_id = ${sectionId} and id = ${attributeId} for update`,
  );
  return attribute ?? refuse('not_found', 'This attribute does not exist in this section.');
}

const visibleAttribute = (prisma: Models, sectionId: SectionId) => (key: string) =>
  prisma.attribute.findFirst({
    where: { sectionId, nameKey: key, hiddenAt: null },
    select: { id: true, name: true },
  });

async function requireUnused(tx: Tx, sectionId: SectionId, code: string, gone: string[]): Promise<void> {
  if (gone.length === 0) return;
  const used = await maybeOne<{ value: string }>(
    tx,
    sql`
      select attributes ->> ${code}::text as value from profile
      where section_id = ${sectionId} and attributes ->> ${code}::text = any(${gone})
      limit 1`,
  );
  if (used) refuse('in_use', `Profiles still have “${used.value}”. Change those profiles first.`, { field: 'choices' });
}

/** Requests an index on an attribute's values, or retries a failed build: 'answers at once in segments'. */
export const indexAttribute = command({
  name: 'attributes.index',
  scope: 'section',
  allow: 'admins',
  input: z.object({ sectionId: SectionIdSchema, attributeId: AttributeIdSchema }),
  run: async ({ tx, actor }, { sectionId, attributeId }) => {
    const attribute = await lockAttribute(tx, sectionId, attributeId);
    // Serialised by the section's row, so that concurrent requests do not read the same count.
    await rows(tx, sql`select from section where id = ${sectionId} for no key update`);
    const indexes = await listIndexes(tx, sectionId);
    const own = indexes.find((index) => index.attributeId === attributeId);
    if (!own && indexes.length >= INDEXES_PER_SECTION) {
      refuse(
        'in_use',
        `${INDEXES_PER_SECTION} attributes are already sped up, which is the maximum. Remove an index first.`,
      );
    }
    if (own?.status === 'ready') return { name: attribute.name, asked: false };
    await execute(
      tx,
      sql`
        insert into attribute_index (section_id, attribute_id, status, created_by)
        values (${sectionId}, ${attributeId}, 'building', ${actorUserId(actor)})
        on conflict (section_id, attribute_id) do update set status = 'building', problem = null`,
    );
    await queueIndexWork(tx, sectionId, attributeId);
    return { name: attribute.name, asked: true };
  },
  audit: ({ attributeId }, { name, asked }) =>
    asked ? { summary: `Added an index for the attribute “${name}”`, subject: `attribute:${attributeId}` } : null,
});

/** Removes the index of an attribute. Segments still work, but more slowly. */
export const unindexAttribute = command({
  name: 'attributes.unindex',
  scope: 'section',
  allow: 'admins',
  input: z.object({ sectionId: SectionIdSchema, attributeId: AttributeIdSchema }),
  run: async ({ tx }, { sectionId, attributeId }) => {
    const attribute = await lockAttribute(tx, sectionId, attributeId);
    const removed = await execute(
      tx,
      sql`delete from attribute_index where section_id = ${sectionId} and attribute_id = ${attributeId}`,
    );
    if (removed > 0) await queueIndexWork(tx, sectionId, attributeId);
    return { name: attribute.name, removed: removed > 0 };
  },
  audit: ({ attributeId }, { name, removed }) =>
    removed ? { summary: `Removed the index of the attribute “${name}”`, subject: `attribute:${attributeId}` } : null,
});
