// JSON for what the browser keeps live: reads of one section, for the person of the session.
import { listSections } from '@/lib/accounts/queries';
import type { SectionView } from '@/lib/accounts/schema';
import type { UserActor } from '@/lib/access/actor';
import { Refusal, UNSTORABLE, type RefusalCode } from '@/lib/access/refusal';
import { unavailableReason } from '@/lib/db/condition';
import { Cancelled } from '@/lib/db/cancellable';
import { isUnstorable, pool } from '@/lib/db/pool';
import { findViewer } from './viewer';

export type Read = {
  actor: UserActor;
  section: SectionView;
  sections: SectionView[];
  params: Record<string, string>;
  search: URLSearchParams;
  request: Request;
};

const STATUS: Partial<Record<RefusalCode, number>> = {
  not_allowed: 403,
  not_found: 404,
  not_signed_in: 401,
  too_many_requests: 429,
  unavailable: 503,
};

/** What nginx says of a caller who has left meanwhile; nobody reads it. */
const LEFT = 499;

/** A route handler for an address with `[section]` in it. What `read` returns is sent as JSON, a Response as it is. */
export function readRoute(read: (context: Read) => Promise<unknown>) {
  return async (request: Request, { params }: { params: Promise<Record<string, string>> }): Promise<Response> => {
    // Next asks for the answer of a GET and does not read it, which would keep open what a download holds.
    if (request.method === 'HEAD') return problem(405, 'There is nothing to ask for without reading it.');
    try {
      const actor = await findViewer();
      if (!actor) return problem(401, 'Your session has ended. Sign in again, then try again.');
      const given = await params;
      const sections = await listSections(pool(), actor);
      const section = sections.find(({ slug }) => slug === given.section);
      if (!section) return problem(404, 'You have no access to this section.');
      const answer = await read({
        actor,
        section,
        sections,
        params: given,
        search: new URL(request.url).searchParams,
        request,
      });
      return answer instanceof Response ? answer : Response.json(answer, { headers: { 'cache-control': 'no-store' } });
    } catch (error) {
      if (error instanceof Refusal) return problem(STATUS[error.code] ?? 400, error.message);
      if (isUnstorable(error)) return problem(400, UNSTORABLE);
      if (error instanceof Cancelled) return problem(LEFT, error.message);
      const reason = unavailableReason(error);
      if (reason !== null) return problem(503, reason);
      throw error;
    }
  };
}

export function problem(status: number, message: string): Response {
  return Response.json({ message }, { status, headers: { 'cache-control': 'no-store' } });
}
