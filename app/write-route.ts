// JSON for widgets that several pages share: the same commands and queries as server actions use. The server has refused what comes
// from pages of other sites (server/cross-origin.ts).
import type { UserActor } from '@/lib/access/actor';
import type { Command } from '@/lib/access/command';
import type { Query } from '@/lib/access/query';
import type { Result } from '@/lib/access/refusal';
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
 * A POST handler for a change that another system is asked about first: `signal` is aborted when the caller disconnects. The body has the
 * request id beside the input; `more` as with `writeRoute`.
 */
export function askingRoute<Names extends string = never>(
  work: (
    actor: UserActor,
    input: object,
    options: { requestId?: string; signal: AbortSignal },
  ) => Promise<Result<unknown>>,
  more: (params: Record<Names, string>) => object = () => ({}),
) {
  return readRoute<Names>(async ({ actor, section, params, request }) => {
    const { requestId, ...body } = (await bodyOf(request)) as { requestId?: unknown };
    const input = { ...body, ...more(params), sectionId: section.id };
    const id = typeof requestId === 'string' ? requestId : undefined;
    return resultJson(await work(actor, input, { requestId: id, signal: request.signal }));
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
