// JSON writes from widgets that several pages share: the same commands as server actions, same origin only.
import type { Command } from '@/lib/access/command';
import { problem, readRoute } from './read-route';

/** Whether the request comes from a page of this installation: browsers say so, other sites cannot make them lie. */
export function isSameOrigin(request: Request): boolean {
  const origin = request.headers.get('origin');
  const host = request.headers.get('x-forwarded-host') ?? request.headers.get('host');
  return origin !== null && URL.canParse(origin) && new URL(origin).host === host;
}

/** A POST handler that runs a command on the section of the address. Answers the command's `Result`. */
export function writeRoute<Output>(command: Command<Output>) {
  return readRoute(async ({ actor, section, request }) => {
    if (!isSameOrigin(request)) return problem(403, 'This request did not come from a page of Tagwell.');
    const body: unknown = await request.json().catch(() => null);
    const fields = typeof body === 'object' && body !== null ? body : {};
    return command(actor, { ...fields, sectionId: section.id });
  });
}
