// Prisma's models on a connection of ours. Prisma Client itself (prisma-client.ts) is loaded at the first call: it takes a tenth of a
// second and some 100 MB, and processes that answer API calls or do the work of the queue can mostly do without.
import type { PrismaClient } from './generated/client';
import type { Db } from './sql';

export type { Prisma } from './generated/client';

/** Prisma joins calls of these that come at the same moment into one statement, whosever transactions they belong to. */
type Joined = 'findUnique' | 'findUniqueOrThrow';

/** The models of schema.prisma, as Prisma Client has them. `findFirst` takes the place of `findUnique`. */
export type Models = {
  [Model in keyof PrismaClient as Model extends `$${string}` | symbol ? never : Model]: Omit<
    PrismaClient[Model],
    Joined
  >;
};

/**
 * Prisma's models on a connection: in a transaction they see what it has written, and are committed or rolled back with it.
 * An operation of several statements (a row with its children) needs a transaction, and is whole or not at all by a savepoint.
 * Errors are those of the driver, as SQL throws them: with code, constraint and message.
 */
export function prismaOn(db: Db): Models {
  return new Proxy({} as Models, {
    get: (_models, model: string) =>
      new Proxy(
        {},
        {
          get: (_operations, operation: string) => async (args: unknown) => {
            const { callModel } = await import('./prisma-client');
            return callModel(db, model, operation, args);
          },
        },
      ),
  });
}
