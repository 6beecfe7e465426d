// Making flows: drafts, what is published of them, and whether they let people in and move them.
import { z } from 'zod';
import { actorUserId, type Actor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { InSection } from '@/lib/access/declared';
import { refuse } from '@/lib/access/refusal';
import type { FlowId, SectionId } from '@/lib/db/ids';
import type { Models } from '@/lib/db/prisma';
import type { Tx } from '@/lib/db/sql';
import { freeCopyName, requireFreeName } from '@/lib/naming/free-name';
import { nameKey, NameSchema } from '@/lib/naming/names';
import { ofFlow } from './address';
import { lockDeleted, lockFlow, requireRevision, versionsWithPeople } from './lock';
import { requireKnown } from './known';
import { FlowDocumentSchema, FlowSettingsSchema, InFlow, type FlowDocument, type FlowSettings } from './schema';
import { writeFlowUses } from './uses';

const FLOWS_MAX = 2_000;
const EMPTY: FlowDocument = FlowDocumentSchema.parse({});

/** Makes a draft: `{ id, revision }`. */
export const createFlow = command({
  name: 'flows.create',
  scope: 'section',
  allow: 'everyone',
  input: InSection.extend({
    name: NameSchema,
    document: FlowDocumentSchema.default(EMPTY),
    settings: FlowSettingsSchema.prefault({}),
  }),
  run: async ({ tx, prisma, actor }, { sectionId, name, document, settings }) => {
    await requireFreeName({ thing: 'a flow', name }, flowNamed(prisma, sectionId));
    await requireKnown(tx, sectionId, document, settings);
    return insert(tx, prisma, actor, { sectionId, name, document, settings });
  },
  audit: ({ name }, { id }) => ({ summary: `Created the flow “${name}”`, subject: ofFlow(id) }),
});

async function insert(
  tx: Tx,
  prisma: Models,
  actor: Actor,
  given: { sectionId: SectionId; name: string; document: FlowDocument; settings: FlowSettings },
): Promise<{ id: FlowId; revision: number }> {
  const { sectionId, name, document, settings } = given;
  const count = await prisma.flow.count({ where: { sectionId, deletedAt: null } });
  if (count >= FLOWS_MAX) {
    refuse(
      'invalid',
      `A section has at most ${FLOWS_MAX.toLocaleString('en-GB')} flows. Delete some that are no longer used.`,
    );
  }
  const now = new Date();
  const who = actorUserId(actor);
  const made = await prisma.flow.create({
    data: {
      ...{ sectionId, name, nameKey: nameKey(name), document, settings },
      ...{ createdBy: who, createdAt: now, changedBy: who, changedAt: now },
    },
    select: { id: true, revision: true },
  });
  await writeFlowUses(tx, sectionId, made.id, [document], settings);
  return made;
}

/** Gives a flow another name. */
export const renameFlow = command({
  name: 'flows.rename',
  scope: 'section',
  allow: 'everyone',
  input: InFlow.extend({ name: NameSchema }),
  run: async ({ tx, prisma }, { sectionId, flowId, name }) => {
    const before = await lockFlow(tx, sectionId, flowId);
    await requireFreeName({ thing: 'a flow', name, except: flowId }, flowNamed(prisma, sectionId));
    await prisma.flow.update({
      where: { sectionId_id: { sectionId, id: flowId } },
      data: { name, nameKey: nameKey(name) },
      select: { id: true },
    });
    return { before: before.name };
  },
  audit: ({ flowId, name }, { before }) =>
    before === name ? null : { summary: `Renamed the flow “${before}” to “${name}”`, subject: ofFlow(flowId) },
});

/**
 * Saves a draft whole: `{ revision }`. People go on in what was published. `revision`: the last one that the person has seen; refused with
 * `conflict` if somebody has changed the flow since.
 */
export const saveFlow = command({
  name: 'flows.save',
  scope: 'section',
  allow: 'everyone',
  input: InFlow.extend({ revision: z.int().min(1), document: FlowDocumentSchema }),
  run: async ({ tx, prisma, actor }, { sectionId, flowId, revision, document }) => {
    const flow = await lockFlow(tx, sectionId, flowId);
    requireRevision(flow, revision);
    await requireKnown(tx, sectionId, document, flow.settings);
    await prisma.flow.update({
      where: { sectionId_id: { sectionId, id: flowId } },
      data: { document, revision: revision + 1, changedAt: new Date(), changedBy: actorUserId(actor) },
      select: { id: true },
    });
    const inUse = await versionsWithPeople(tx, sectionId, flowId);
    await writeFlowUses(tx, sectionId, flowId, [document, ...inUse.map((each) => each.document)], flow.settings);
    return { revision: revision + 1 };
  },
  // A draft is saved while somebody works.
  audit: () => null,
});

/** Copies a flow as a new draft, without anybody in it: `{ id, name }`. */
export const copyFlow = command({
  name: 'flows.copy',
  scope: 'section',
  allow: 'everyone',
  input: InFlow,
  run: async ({ tx, prisma, actor }, { sectionId, flowId }) => {
    const { name: from, document, settings } = await lockFlow(tx, sectionId, flowId);
    const name = await freeCopyName('flow', from, (keys) =>
      prisma.flow.findMany({ where: { sectionId, deletedAt: null, nameKey: { in: keys } }, select: { nameKey: true } }),
    );
    const { id } = await insert(tx, prisma, actor, { sectionId, name, document, settings });
    return { id, name, from };
  },
  audit: (_input, { id, name, from }) => ({ summary: `Copied the flow “${from}” to “${name}”`, subject: ofFlow(id) }),
});

/** Deletes a flow that nobody is in, or brings it back (`deleted: false`). */
export const deleteFlow = command({
  name: 'flows.delete',
  scope: 'section',
  allow: 'everyone',
  input: InFlow.extend({ deleted: z.boolean().default(true) }),
  run: async ({ tx, prisma }, { sectionId, flowId, deleted }) => {
    const where = { sectionId_id: { sectionId, id: flowId } };
    if (deleted) {
      const { name, state } = await lockFlow(tx, sectionId, flowId);
      if (state !== 'draft' && state !== 'stopped')
        refuse('conflict', 'Stop this flow first. Then everybody leaves it.');
      await prisma.flow.update({ where, data: { deletedAt: new Date() }, select: { id: true } });
      await writeFlowUses(tx, sectionId, flowId, [], null);
      return { name };
    }
    const { name, document, settings } = await lockDeleted(tx, sectionId, flowId);
    await requireFreeName({ thing: 'a flow', name }, flowNamed(prisma, sectionId));
    await requireKnown(tx, sectionId, document, settings);
    await prisma.flow.update({ where, data: { deletedAt: null }, select: { id: true } });
    await writeFlowUses(tx, sectionId, flowId, [document], settings);
    return { name };
  },
  audit: ({ flowId, deleted }, { name }) => ({
    summary: `${deleted ? 'Deleted' : 'Brought back'} the flow “${name}”`,
    subject: ofFlow(flowId),
  }),
});

const flowNamed = (prisma: Models, sectionId: SectionId) => (key: string) =>
  prisma.flow.findFirst({
    where: { sectionId, nameKey: key, deletedAt: null },
    select: { id: true, name: true },
  }) as Promise<{ id: FlowId; name: string } | null>;
