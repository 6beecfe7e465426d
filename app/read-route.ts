// JSON for live data in the browser: reads of one section, for the signed-in person.
import type { UserActor } from '@/lib/access/actor';
import { UNSTORABLE, valueOf, Refusal, type RefusalCode, type RefusalData, type Result } from '@/lib/access/refusal';
import { readSections } from '@/lib/accounts/reads';
import type { SectionView } from '@/lib/accounts/schema';
import { isUnstorable, unavailableReason } from '@/lib/db/condition';
import { Cancelled } from '@/lib/db/cancellable';
import { findViewer } from './viewer';

/** `Names`: dynamic segments of the route other than the section. */
export type Read<Names extends string = never> = {
  actor: UserActor;
  section: SectionView;
  sections: SectionView[];
  params: Record<Names, string>;
  search: URLSearchParams;
  request: Request;
};

const STATUS: Partial<Record<RefusalCode, number>> = {
  not_allowed: 403,
  not_found: 404,
  not_signed_in: 401,
  too_many_requests: 429,
  too_slow: 429,
  unavailable: 503,
};

/** nginx's status for a request that the client closed. */
const CLIENT_CLOSED_REQUEST = 499;

type Params<Names extends string> = { params: Promise<Record<Names | 'section', string>> };

/** A route handler for a path with `[section]`. The value of `read` is sent as JSON, a Response unchanged. */
export function readRoute<Names extends string = never>(
  read: (context: Read<Names>) => Promise<Result<unknown> | Response>,
) {
  return async (request: Request, { params }: Params<Names>): Promise<Response> => {
    // For HEAD, Next runs GET and does not read the body, which would keep a download's resources open.
    if (request.method === 'HEAD') return problem(405, 'HEAD is not supported here. Use GET.');
    try {
      const actor = await findViewer();
      if (!actor) return problem(401, 'Your session has ended. Sign in again, then try again.');
      const given = await params;
      const sections = valueOf(await readSections(actor, {}));
      const section = sections.find(({ slug }) => slug === given.section);
      if (!section) return problem(404, 'You do not have access to this section.');
      const search = new URL(request.url).searchParams;
      const answer = await read({ actor, section, sections, params: given, search, request });
      if (answer instanceof Response) return answer;
      return answer.ok ? Response.json(answer.value, { headers: NO_STORE }) : refused(answer.refusal);
    } catch (error) {
      if (error instanceof Refusal) return refused(error.toData());
      if (isUnstorable(error)) return problem(400, UNSTORABLE);
      if (error instanceof Cancelled) return problem(CLIENT_CLOSED_REQUEST, error.message);
      const reason = unavailableReason(error);
      if (reason !== null) return problem(503, reason);
      throw error;
    }
  };
}

/** The values of a list parameter: `?ids=1,2,3`. */
export const listed = (search: URLSearchParams, name: string): string[] =>
  (search.get(name) ?? '').split(',').filter(Boolean);

const NO_STORE = { 'cache-control': 'no-store' };

/** A full result as JSON: for writes, whose refusals are shown at their fields. */
export const resultJson = (result: Result<unknown>): Response => Response.json(result, { headers: NO_STORE });

const refused = ({ code, message }: RefusalData) => problem(STATUS[code] ?? 400, message);

export function problem(status: number, message: string): Response {
  return Response.json({ message }, { status, headers: NO_STORE });
}
