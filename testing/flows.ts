// Flows for tests.
import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { valueOf } from '@/lib/access/refusal';
import type { FlowId, SectionId } from '@/lib/db/ids';
import { createFlow } from '@/lib/flows/commands';
import { publishFlow } from '@/lib/flows/publish';
import type { FlowDocumentSchema, FlowSettingsSchema } from '@/lib/flows/schema';
import type { TestAccount } from './fixtures';

export type FlowDraft = z.input<typeof FlowDocumentSchema>;
export type FlowDraftSettings = z.input<typeof FlowSettingsSchema>;

/** A draft. */
export async function createTestFlow(
  { marketer, sectionId }: TestAccount & { sectionId: SectionId },
  document: FlowDraft,
  settings: FlowDraftSettings = {},
): Promise<{ id: FlowId; revision: number }> {
  const name = `Flow ${randomUUID().slice(0, 8)}`;
  return valueOf(await createFlow(marketer, { sectionId, name, document, settings }));
}

/** A live flow. */
export async function publishTestFlow(
  account: TestAccount,
  document: FlowDraft,
  settings: FlowDraftSettings = {},
): Promise<FlowId> {
  const { id, revision } = await createTestFlow(account, document, settings);
  valueOf(await publishFlow(account.marketer, { sectionId: account.sectionId, flowId: id, revision }));
  return id;
}
