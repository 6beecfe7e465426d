// JSON for widgets that several pages share: the same commands and queries as server actions use, for our own pages only.
import type { Command } from '@/lib/access/command';
import { FOREIGN_ORIGIN, isOwnOrigin } from '@/lib/access/origin';
import type { Query } from '@/lib/access/query';
import type { Result } from '@/lib/access/refusal';
import { problem, readRoute, resultJson, type Read } from './read-route';

/** A POST handler for a path with `[section]`, for pages of this installation only. See `readRoute`. */
export function postRoute<Names extends string = never>(
  answer: (context: Read<Names>) => Promise<Result<unknown> | Response>,
) {
  return readRoute<Names>((context) =>
    isOwnOrigin(context.request.headers) ? answer(context) : Promise.resolve(problem(403, FOREIGN_ORIGIN)),
  );
}

async function bodyOf(request: Request): Promise<object> {
  const body: unknown = await request.json().catch(() => null);
  return typeof body === 'object' && body !== null ? body : {};
}

/**
 * A POST handler that runs a command on the section in the path and returns its `Result`. `more`: input from other parts of the
 * path.
 */
export function writeRoute<Output, Names extends string = never>(
  command: Command<Output>,
  more: (params: Record<Names, string>) => object = () => ({}),
) {
  return postRoute<Names>(async ({ actor, section, params, request }) => {
    const input = { ...(await bodyOf(request)), ...more(params), sectionId: section.id };
    return resultJson(await command(actor, input, { signal: request.signal }));
  });
}

/**
 * A POST handler for a query whose input is too long for a URL. Changes nothing; cancelled in the database when the caller
 * disconnects. `more`: input from other parts of the path.
 */
export function queryRoute<Input, Output, Names extends string = never>(
  query: Query<Input, Output>,
  more: (params: Record<Names, string>) => object = () => ({}),
) {
  return postRoute<Names>(async ({ actor, section, params, request }) => {
    const input: unknown = { ...(await bodyOf(request)), ...more(params), sectionId: section.id };
    return query(actor, input as Input, { signal: request.signal });
  });
}
