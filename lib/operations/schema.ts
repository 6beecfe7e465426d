// Long work: what an operation is, and what a kind of operation has to provide.
import { z } from 'zod';
import type { ApiKeyId, ImportId, OperationId, ProfileId, SectionId, UserId } from '@/lib/db/ids';
import type { Tx } from '@/lib/db/sql';

export type OperationKind = 'bulk_tag' | 'api_tags' | 'import' | 'dry_run' | 'undo' | 'merge_tag';

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
  /** What earlier steps found, for kinds that keep more than counts. */
  result: unknown;
  total: number | null;
  progress: number;
  phase: number;
  cursor: number;
  undoOf: OperationId | null;
  userId: UserId | null;
  apiKeyId: ApiKeyId | null;
};

/** Where the operation stands after a step; written in the step's own transaction. */
export type StepResult = {
  cursor: number;
  progress: number;
  counts: Record<string, number>;
  done: boolean;
  phase?: number;
  result?: unknown;
};

/**
 * One step of an operation, in one transaction: it must take its work from `cursor` on and be quick enough for a live
 * progress bar (some seconds). A process that dies in a step leaves no trace of it; another goes on from the last one.
 */
export type OperationStep = (tx: Tx, operation: OperationRow) => Promise<StepResult>;

/** What runs an operation in one process: its steps, and what they hold open between them. */
export type OperationHandler = { step: OperationStep; close?: () => Promise<void> };

/** By kind: a new handler for each operation that a process takes on. */
export type OperationHandlers = Record<OperationKind, () => OperationHandler>;

/** An operation as pages show it. */
export type OperationView = {
  id: OperationId;
  kind: OperationKind;
  status: OperationStatus;
  summary: string;
  counts: Record<string, number>;
  result: unknown;
  total: number | null;
  progress: number;
  phase: number;
  /** How often a step has failed since the last one that succeeded. */
  attempts: number;
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

/** Something that an undo left as it is. `tag`: null for the profile itself or its values. */
export type UndoException = {
  id: number;
  profileId: ProfileId;
  /** A key of the profile; null where it is gone or has none. */
  profileKey: string | null;
  tag: string | null;
  reason: 'changed_since' | 'hidden' | 'gone';
};

/** Why an undo left something, for a person. */
export const UNDO_REASONS: Record<UndoException['reason'], string> = {
  changed_since: 'Kept: changed since by somebody',
  hidden: 'Could not: the tag has been hidden',
  gone: 'Could not: the profile has been deleted',
};

/** What graphile-worker carries for an operation. */
export const OperationJobSchema = z.object({ sectionId: z.number().int(), operationId: z.number().int() });

/** Kinds that `undoOperation` can take back. */
export const UNDOABLE_KINDS: readonly OperationKind[] = ['bulk_tag', 'api_tags', 'import'];

/** Adds up the counts of two steps, key by key. */
export function addCounts(left: Record<string, number>, right: Record<string, number>): Record<string, number> {
  const sum = { ...left };
  for (const [key, value] of Object.entries(right)) sum[key] = (sum[key] ?? 0) + value;
  return sum;
}
