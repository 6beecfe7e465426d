// Flows for tests.
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { z } from 'zod';
import { valueOf } from '@/lib/access/refusal';
import type { FlowId, ProfileId, SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { maybeOne, rows, sql } from '@/lib/db/sql';
import { createFlow } from '@/lib/flows/commands';
import { publishFlow } from '@/lib/flows/publish';
import { readCounts } from '@/lib/flows/queries';
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

/** Where somebody is in a flow, and all that happened to them there, oldest first. */
export type SeenRun = {
  step: string | null;
  dueAt: Date | null;
  outcome: string | null;
  entry: number;
  version: number;
};

export async function runOf(sectionId: SectionId, flowId: FlowId, profileId: ProfileId): Promise<SeenRun | undefined> {
  return maybeOne(
    pool(),
    sql`
      select step, due_at as "dueAt", outcome, entry, version from flow_run
      where section_id = ${sectionId} and flow_id = ${flowId} and profile_id = ${profileId}`,
  );
}

/** The history of somebody in a flow: 'entered', 'step1 passed', 'left done'. */
export async function historyOf(sectionId: SectionId, flowId: FlowId, profileId: ProfileId): Promise<string[]> {
  const found = await rows<{ step: string | null; what: string; note: string | null }>(
    pool(),
    sql`
      select step, what, note from flow_visit
      where section_id = ${sectionId} and flow_id = ${flowId} and profile_id = ${profileId}
      order by id`,
  );
  return found.map(({ step, what, note }) => [step, what, note].filter((part) => part !== null).join(' '));
}

/** What is counted must be what the rows say: of everybody who is in a flow, and all that happened. */
export async function expectCountsToFit(sectionId: SectionId, flowId: FlowId): Promise<void> {
  const counted = await readCounts(pool(), sectionId, flowId, null);
  const inside = await rows<{ step: string; number: number }>(
    pool(),
    sql`
      select step, count(*)::int as number from flow_run
      where section_id = ${sectionId} and flow_id = ${flowId} and due_at is not null
      group by step`,
  );
  const waiting = Object.entries(counted.steps).flatMap(([step, { waiting: number }]) =>
    number === 0 ? [] : [{ step, number }],
  );
  const byStep = (left: { step: string }, right: { step: string }) => left.step.localeCompare(right.step);
  expect(waiting.sort(byStep)).toEqual(inside.sort(byStep));
  expect(counted.inside).toBe(inside.reduce((sum, { number }) => sum + number, 0));
}
