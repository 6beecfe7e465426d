// An operation: work that takes longer than a request, done in steps.
import { z } from 'zod';
import type { ApiKeyId, OperationId, SectionId, UserId } from '@/lib/db/ids';

export const OPERATION_STATUSES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;
export type OperationStatus = (typeof OPERATION_STATUSES)[number];

/** An operation as its step sees it. `Input`: the parsed input of the row. */
export type OperationRow<Input = unknown> = {
  sectionId: SectionId;
  id: OperationId;
  kind: string;
  summary: string;
  input: Input;
  counts: Record<string, number>;
  /** The findings of earlier steps, for kinds that store more than counts. */
  result: unknown;
  total: number | null;
  progress: number;
  phase: number;
  cursor: number;
  undoOf: OperationId | null;
  userId: UserId | null;
  apiKeyId: ApiKeyId | null;
};

/** The state of the operation after a step; written in the step's own transaction. */
export type StepResult = {
  cursor: number;
  progress: number;
  counts: Record<string, number>;
  done: boolean;
  phase?: number;
  result?: unknown;
};

/** Counts of an undo or a redo: what it changed. */
export const UNDO_EFFECTS = [
  'undone',
  'profilesRemoved',
  'profilesRestored',
  'profilesCreated',
  'consentsRestored',
  'entriesEnded',
  'placesRestored',
] as const;

/** The payload of an operation's job in the queue. */
export const OperationJobSchema = z.object({ sectionId: z.number().int(), operationId: z.number().int() });

/** Adds the counts of two steps, key by key. */
export function addCounts(left: Record<string, number>, right: Record<string, number>): Record<string, number> {
  const sum = { ...left };
  for (const [key, value] of Object.entries(right)) sum[key] = (sum[key] ?? 0) + value;
  return sum;
}
