// The one way to read on somebody's behalf. Declaring a query gives it the permission check, section access,
// validation, a time limit if it needs one, and typed refusals. A query that does not declare who may run it does not
// compile.
import type { z } from 'zod';
import type { AccountId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { prismaOn, type Models } from '@/lib/db/prisma';
import type { Db, Tx } from '@/lib/db/sql';
import type { Actor } from './actor';
import { admit, answered, declarations, type Declared, type SectionInput } from './declared';
import type { Allowed } from './policy';
import type { Result } from './refusal';
import { listWithTimeout, withTimeout } from './with-timeout';

/** What a query's body gets. `accountId`: the actor's account. */
export type QueryContext<Connection = Db> = {
  /** The pool; with `timeLimit`, the connection of a read-only transaction. */
  db: Connection;
  /** The models, on `db`. */
  prisma: Models;
  actor: Actor;
  accountId: AccountId;
  /** Aborted when the caller disconnects. */
  signal: AbortSignal | undefined;
  /** Runs one slow part of a query under its own time limit, as `timeLimit: 'slow'` does for a whole query. */
  limited: <Part>(part: (db: Tx) => Promise<Part>) => Promise<Part>;
};

/**
 * `timeLimit`: for queries that may take long. They run in one read-only transaction, are cancelled in the database
 * when the caller disconnects, and are refused with `too_slow` if they take too long. 'slow': a few at once per person
 * (`withTimeout`); 'list': nearly always quick, and never queued (`listWithTimeout`).
 */
type Body<Input extends z.ZodType, Output> =
  | { timeLimit?: undefined; run: (context: QueryContext, input: z.output<Input>) => Promise<Output> }
  | { timeLimit: 'slow' | 'list'; run: (context: QueryContext<Tx>, input: z.output<Input>) => Promise<Output> };

export type QueryOptions = {
  /** Aborted when the caller disconnects: a slow query is then cancelled in the database and throws `Cancelled`. */
  signal?: AbortSignal;
};

/** A declared query: call it with the actor and the raw input. Refusals are values; anything else is thrown. */
export type Query<Input, Output> = {
  (actor: Actor, input: Input, options?: QueryOptions): Promise<Result<Output>>;
  queryName: string;
  scope: 'section' | 'account';
  allow: Allowed;
};

/** Declares a query. `scope: 'section'`: the input has a `sectionId`, to which the actor must have access. */
export function query<Input extends SectionInput, Output>(
  declaration: Declared<Input> & { scope: 'section' } & Body<Input, Output>,
): Query<z.input<Input>, Output>;
export function query<Input extends z.ZodType, Output>(
  declaration: Declared<Input> & { scope: 'account' } & Body<Input, Output>,
): Query<z.input<Input>, Output>;
export function query<Input extends z.ZodType, Output>(
  declaration: Declared<Input> & Body<Input, Output>,
): Query<z.input<Input>, Output> {
  const { name, scope, allow } = declaration;
  const invoke = (actor: Actor, raw: z.input<Input>, { signal }: QueryOptions = {}): Promise<Result<Output>> =>
    answered('query', name, actor, async () => {
      const { input } = await admit(declaration, actor, raw);
      const limited = <Part>(part: (db: Tx) => Promise<Part>) => withTimeout({ actor, signal }, part);
      const on = <Connection extends Db>(db: Connection): QueryContext<Connection> => {
        return { db, prisma: prismaOn(db), actor, accountId: actor.accountId, signal, limited };
      };
      if (declaration.timeLimit === undefined) return declaration.run(on(pool()), input);
      const { timeLimit, run } = declaration;
      const within = timeLimit === 'slow' ? withTimeout : listWithTimeout;
      return within({ actor, signal }, (db) => run(on(db), input));
    });
  declarations.push({ kind: 'query', name, scope, allow, call: invoke });
  return Object.assign(invoke, { queryName: name, scope, allow });
}
