// A kind of operation, declared once: its input, its step, what people may do with it, and its texts.
import type { z } from 'zod';
import type { Allowed } from '@/lib/access/policy';
import type { OperationId, SectionId } from '@/lib/db/ids';
import type { Db, Tx } from '@/lib/db/sql';
import type { OperationRow, StepResult } from './schema';

/**
 * One step of an operation, in one transaction. It continues from `cursor` and takes a few seconds at most, so that the
 * progress bar moves. If a process dies during a step, the step is rolled back, and another process continues after the
 * last committed step. The transaction is retried up to four times after a deadlock or a conflict (`transaction` in
 * lib/db/pool.ts), and once more for each failed attempt. So a step has no effects outside `tx` and makes no network
 * call: it records what to send, and something else sends it after the commit.
 */
export type OperationStep<Input = unknown> = (tx: Tx, operation: OperationRow<Input>) => Promise<StepResult>;

/** Runs an operation in one process: its step, and the resources it keeps open between steps. */
export type OperationHandler<Input = unknown> = { step: OperationStep<Input>; close?: () => Promise<void> };

/** An operation's name, counts and phases, for people. */
export type OperationWords = {
  /** What several of them are called: 'Bulk tag changes'. */
  name: string;
  /** The counts to show, in this order, each with its words: ['applied', 'tags applied']. */
  counts: readonly (readonly [key: string, words: string])[];
  /** What its toast says before the counts once it is done; by default 'Done.' */
  done?: string;
  /** The result if all of them are zero; by default, that nothing needed to change. */
  none?: string;
  /**
   * Counts of requested changes that were not made: if any is above zero, the result is not shown as a full success.
   */
  left?: readonly string[];
  /** The name of each phase; the last one also covers all later phases. */
  phases?: readonly string[];
};

/**
 * The page of an operation's result, below the section's address. `allow`: who may see it, if not all readers. `began`: of work that comes
 * again and again under one name, when this one began, as the page says.
 */
export type OperationPage = { path: string; words: string; allow?: 'admins'; began?: Date };

type Operation = { sectionId: SectionId; id: OperationId; input: unknown; undoOf: OperationId | null };

type Declaration<Shape extends z.ZodType> = {
  /** Stable: stored in rows and sent by webhooks. */
  kind: string;
  /** The input of `startOperation`. Parsed before each step. */
  input: Shape;
  /** Who may cancel, retry, undo and redo it: those who may start it. Default: everyone. */
  allow?: Allowed;
  /** `undoOperation` can revert it by the ledger. */
  undoable: boolean;
  /** People may stop it between two steps. */
  cancellable: boolean;
  /** People may retry it from Activity after it has failed. */
  retryable: boolean;
  /** Activity lists it. */
  listed: boolean;
  words: OperationWords;
  /**
   * Refuses a retry that is not possible, for example because it would collide with other work. Runs in the retry's
   * transaction.
   */
  beforeRetry?: (tx: Tx, operation: Operation) => Promise<void>;
  /** The page that shows its result, if it has one. */
  page?: (db: Db, operation: Pick<Operation, 'sectionId' | 'id'>) => Promise<OperationPage | null>;
} & (
  | { step: OperationStep<z.output<Shape>> }
  /** For kinds that keep resources open between steps: called once per turn of work. */
  | { open: () => OperationHandler<z.output<Shape>> }
);

/** A declared kind. `Input`: what its operations are started with. */
export type OperationKind<Input = never> = Pick<
  Declaration<z.ZodType>,
  'kind' | 'allow' | 'undoable' | 'cancellable' | 'retryable' | 'listed' | 'words' | 'beforeRetry' | 'page'
> & {
  /** The input as stored in the row. */
  toJson(input: Input): string;
  open: () => OperationHandler;
};

/** Declares a kind of operation. List it in `lib/activity/kinds.ts`; nothing else needs to know it. */
export function operationKind<Shape extends z.ZodType>(declaration: Declaration<Shape>): OperationKind<z.input<Shape>> {
  const { input, ...rest } = declaration;
  const open: () => OperationHandler<z.output<Shape>> =
    'open' in declaration ? declaration.open : () => ({ step: declaration.step });
  return {
    ...rest,
    toJson: (value) => JSON.stringify(value),
    open: () => {
      const { step, close } = open();
      return { step: (tx, operation) => step(tx, { ...operation, input: input.parse(operation.input) }), close };
    },
  };
}

/** A kind by its name. Throws if this version does not have it. */
export function kindNamed(kinds: readonly OperationKind[], name: string): OperationKind {
  const found = kinds.find(({ kind }) => kind === name);
  if (!found) throw new Error(`This version of Tagwell has no work of the kind '${name}'.`);
  return found;
}
