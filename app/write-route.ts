// JSON for widgets that several pages share: the same commands and queries as server actions use. The server has refused what comes
// from pages of other sites (server/cross-origin.ts).
import type { Command } from '@/lib/access/command';
import type { Query } from '@/lib/access/query';
import { readRoute, resultJson } from './read-route';

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
  return readRoute<Names>(async ({ actor, section, params, request }) => {
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
  return readRoute<Names>(async ({ actor, section, params, request }) => {
    const input: unknown = { ...(await bodyOf(request)), ...more(params), sectionId: section.id };
    return query(actor, input as Input, { signal: request.signal });
  });
}
