// Prisma's models on our own connections. Prisma Client itself (prisma-client.ts) is loaded on first use: it takes a
// tenth of a second and about 100 MB, and processes for the API or the work queue seldom need it.
import type { PrismaClient } from './generated/client';
import type { Db } from './sql';

export type { Prisma } from './generated/client';

/** Prisma batches concurrent calls of these into one statement, even across transactions. */
type Joined = 'findUnique' | 'findUniqueOrThrow';

/** The models of schema.prisma, as in Prisma Client. Use `findFirst` instead of `findUnique`. */
export type Models = {
  [Model in keyof PrismaClient as Model extends `$${string}` | symbol ? never : Model]: Omit<
    PrismaClient[Model],
    Joined
  >;
};

/**
 * Prisma's models on a connection. In a transaction they see its writes, and are committed or rolled back with it. An
 * operation of several statements (a row with its children) needs a transaction, and is made atomic by a savepoint.
 * Errors are those of the driver, as for SQL: with code, constraint and message.
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
