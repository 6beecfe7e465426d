// Long work: what an operation is, and what a kind of operation has to provide.
import { z } from 'zod';
import type { ImportId, OperationId, SectionId, UserId } from '@/lib/db/ids';
import type { Tx } from '@/lib/db/sql';

export const OPERATION_KINDS = ['bulk_tag', 'import', 'undo', 'merge_tag'] as const;
export type OperationKind = (typeof OPERATION_KINDS)[number];

export const OPERATION_STATUSES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;
export type OperationStatus = (typeof OPERATION_STATUSES)[number];

/** What a step is told of its operation. `input` is what `startOperation` was given: the kind parses it. */
export type OperationRow = {
  sectionId: SectionId;
  id: OperationId;
  kind: OperationKind;
  summary: string;
  input: unknown;
  counts: Record<string, number>;
  total: number | null;
  progress: number;
  phase: number;
  cursor: number;
  undoOf: OperationId | null;
  userId: UserId | null;
};

/** Where the operation stands after a step; written in the step's own transaction. */
export type StepResult = {
  cursor: number;
  progress: number;
  counts: Record<string, number>;
  done: boolean;
  phase?: number;
};

/**
 * One step of an operation, in one transaction: it must take its work from `cursor` on and be quick enough for a live
 * progress bar (some seconds). A process that dies in a step leaves no trace of it; another goes on from the last one.
 */
export type OperationStep = (tx: Tx, operation: OperationRow) => Promise<StepResult>;

/** An operation as pages show it. */
export type OperationView = {
  id: OperationId;
  kind: OperationKind;
  status: OperationStatus;
  summary: string;
  counts: Record<string, number>;
  total: number | null;
  progress: number;
  undoOf: OperationId | null;
  /** The operation that undid (or undoes) this one. */
  undoneBy: OperationId | null;
  importId: ImportId | null;
  userName: string | null;
  error: string | null;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
};

/** What graphile-worker carries for an operation. */
export const OperationJobSchema = z.object({ sectionId: z.number().int(), operationId: z.number().int() });

/** Kinds that `undoOperation` can take back. */
export const UNDOABLE_KINDS: readonly OperationKind[] = ['bulk_tag', 'import'];

/** Adds up the counts of two steps, key by key. */
export function addCounts(left: Record<string, number>, right: Record<string, number>): Record<string, number> {
  const sum = { ...left };
  for (const [key, value] of Object.entries(right)) sum[key] = (sum[key] ?? 0) + value;
  return sum;
}
