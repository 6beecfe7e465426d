// JSON writes from widgets that several pages share: the same commands as server actions, same origin only.
import type { Command } from '@/lib/access/command';
import { FOREIGN_ORIGIN, isOwnOrigin } from '@/lib/access/origin';
import { problem, readRoute, type Read } from './read-route';

/** A POST handler for an address with `[section]` in it, for pages of this installation only. */
export function postRoute(answer: (context: Read) => Promise<unknown>) {
  return readRoute((context) =>
    isOwnOrigin(context.request.headers) ? answer(context) : Promise.resolve(problem(403, FOREIGN_ORIGIN)),
  );
}

/**
 * A POST handler that runs a command on the section of the address. Answers the command's `Result`. `more`: what else of the
 * input the address says.
 */
export function writeRoute<Output>(command: Command<Output>, more: (params: Read['params']) => object = () => ({})) {
  return postRoute(async ({ actor, section, params, request }) => {
    const body: unknown = await request.json().catch(() => null);
    const fields = typeof body === 'object' && body !== null ? body : {};
    return command(actor, { ...fields, ...more(params), sectionId: section.id }, { signal: request.signal });
  });
}
