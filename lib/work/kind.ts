// A kind of operation, declared once: what it takes, what a step does, what people may do with it, and its result in words.
import type { z } from 'zod';
import type { OperationId, SectionId } from '@/lib/db/ids';
import type { Db, Tx } from '@/lib/db/sql';
import type { OperationRow, StepResult } from './schema';

/**
 * One step of an operation, in one transaction. It takes its work from `cursor` on, and is short enough for a live progress bar
 * (some seconds). A process that dies in a step leaves no trace of it; another process continues after the last step that committed.
 *
 * The transaction is run again, up to four times, after a deadlock or another writer's change (`transaction` in lib/db/pool.ts), and
 * once more for each failed attempt. So a step has no effects but those in `tx`, and makes no network call: it writes down what is
 * to be sent, and something else sends it after the commit.
 */
export type OperationStep<Input = unknown> = (tx: Tx, operation: OperationRow<Input>) => Promise<StepResult>;

/** What runs an operation in one process: its step, and what it holds open between steps. */
export type OperationHandler<Input = unknown> = { step: OperationStep<Input>; close?: () => Promise<void> };

/** An operation's counts and phases, for people. */
export type OperationWords = {
  /** Which counts are shown, in this order, each followed by its words: ['applied', 'tags applied']. */
  counts: readonly (readonly [key: string, words: string])[];
  /** Counts of what was asked for and not done: with one of them, the result is not shown as a full success. */
  left?: readonly string[];
  /** What it is doing in each phase; the last one stands for all that follow. */
  phases?: readonly string[];
};

/** Where the result of an operation is shown, below the section's address. */
export type OperationPage = { path: string; words: string };

type Operation = { sectionId: SectionId; id: OperationId; input: unknown; undoOf: OperationId | null };

type Declaration<Shape extends z.ZodType> = {
  /** Stable: it is in the rows and in what webhooks send. */
  kind: string;
  /** What `startOperation` is given. Parsed before each step. */
  input: Shape;
  /** `undoOperation` can take it back by the ledger. */
  undoable: boolean;
  /** People may stop it between two steps. */
  cancellable: boolean;
  /** People may try it again from Activity after it has failed. */
  retryable: boolean;
  /** Activity lists it. */
  listed: boolean;
  words: OperationWords;
  /** Refuses a retry that must not be, such as of work that would now collide with other work. In the retry's transaction. */
  beforeRetry?: (tx: Tx, operation: Operation) => Promise<void>;
  /** Where its result is shown, if it has a page of its own. */
  page?: (db: Db, operation: Pick<Operation, 'sectionId' | 'id'>) => Promise<OperationPage | null>;
} & (
  | { step: OperationStep<z.output<Shape>> }
  /** For kinds that hold something open between steps: called once for each turn of work. */
  | { open: () => OperationHandler<z.output<Shape>> }
);

/** A declared kind. `Input`: what an operation of it is started with. */
export type OperationKind<Input = never> = Pick<
  Declaration<z.ZodType>,
  'kind' | 'undoable' | 'cancellable' | 'retryable' | 'listed' | 'words' | 'beforeRetry' | 'page'
> & {
  /** The input as it is kept in the row. */
  toJson(input: Input): string;
  open: () => OperationHandler;
};

/** Declares a kind of operation. List it in `lib/activity/kinds.ts`: nothing else has to know of it. */
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

/** A kind by its name. Throws where this version has none of that name. */
export function kindNamed(kinds: readonly OperationKind[], name: string): OperationKind {
  const found = kinds.find(({ kind }) => kind === name);
  if (!found) throw new Error(`This version of Tagwell has no work of the kind '${name}'.`);
  return found;
}
