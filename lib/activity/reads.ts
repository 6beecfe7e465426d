// Reads of operations for pages.
import { z } from 'zod';
import { withinActorLimit } from '@/lib/access/actor-limit';
import { InSection } from '@/lib/access/declared';
import { mayAct } from '@/lib/access/policy';
import { query } from '@/lib/access/query';
import { refuse } from '@/lib/access/refusal';
import { inAddress, OperationIdSchema, UserIdSchema } from '@/lib/db/ids';
import { readStarters } from '@/lib/work/queries';
import { backgroundWork } from './background';
import { getOperation, listOperations } from './queries';
import { undoPreview } from './undo-preview';
import { requireMayChange } from './undoable';

/** One operation. */
export const readOperation = query({
  name: 'operations.read',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ operationId: inAddress(OperationIdSchema) }),
  run: async ({ db, actor }, { sectionId, operationId }) => {
    const operation = operationId === null ? undefined : await getOperation(db, sectionId, operationId);
    if (!operation) return refuse('not_found', 'This operation does not exist in this section.');
    const { page } = operation;
    return page?.allow && !mayAct(actor, page.allow) ? { ...operation, page: null } : operation;
  },
});

/** What runs in the section, and what of the person's own work has ended without their being told. */
export const readBackgroundWork = query({
  name: 'operations.background',
  scope: 'section',
  allow: 'readers',
  input: InSection,
  run: async ({ db, actor }, { sectionId }) =>
    actor.kind === 'user'
      ? backgroundWork(db, actor, sectionId)
      : refuse('not_allowed', 'Only a person in the browser is told about background work.'),
});

/** The section's operations that match, newest first; `before`: only those older than this id. `people`: who has started any. */
export const readOperations = query({
  name: 'operations.list',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({
    kind: z.string().optional(),
    userId: UserIdSchema.optional(),
    text: z.string().trim().max(200).optional(),
    before: OperationIdSchema.optional(),
    limit: z.int().positive().max(1_000),
  }),
  run: async ({ db }, { sectionId, ...filter }) => ({
    operations: await listOperations(db, sectionId, filter),
    people: await readStarters(db, sectionId),
  }),
});

/** The effect of undoing an operation. Refuses for the same reasons as `undoOperation`. */
export const readUndoPreview = query({
  name: 'operations.preview-undo',
  scope: 'section',
  allow: 'everyone',
  input: InSection.extend({ operationId: inAddress(OperationIdSchema) }),
  run: async ({ db, actor, signal }, { sectionId, operationId }) => {
    if (operationId === null) return refuse('not_found', 'This operation does not exist in this section.');
    await requireMayChange(db, actor, { sectionId, operationId });
    return withinActorLimit(actor, signal, () => undoPreview({ sectionId, operationId }, { signal }));
  },
});
