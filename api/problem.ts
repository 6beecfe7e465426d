// Refusals as `application/problem+json` (RFC 9457), with `message` beside it for clients that look for that.
import { z } from '@hono/zod-openapi';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { RefusalCode, RefusalData } from '@/lib/access/refusal';

export const ProblemSchema = z
  .object({
    type: z.string().openapi({ example: 'urn:tagwell:problem:not-found' }),
    status: z.int().openapi({ example: 404 }),
    title: z.string().openapi({ example: 'Not found' }),
    detail: z.string().openapi({ example: 'There is no profile with this key in the section.' }),
    message: z.string().openapi({ description: 'The same as `detail`.' }),
    pointer: z.string().optional().openapi({ description: 'The field or the reference that is wrong.' }),
    errors: z
      .array(z.object({ pointer: z.string(), detail: z.string() }))
      .optional()
      .openapi({ description: 'Where several fields may be wrong: each of them.' }),
  })
  .openapi('Problem');

/** Every kind of problem with its status and title. The kind is the last part of `type` and never changes. */
export const PROBLEMS = {
  invalid: [400, 'Not valid'],
  'invalid-client': [401, 'The credentials are wrong'],
  'not-authorised': [403, 'Not authorised'],
  'not-allowed': [403, 'Not allowed'],
  'not-found': [404, 'Not found'],
  'too-slow': [408, 'Too slow'],
  conflict: [409, 'Conflict'],
  locked: [410, 'Locked for good'],
  'too-large': [413, 'Too large'],
  'too-many-requests': [429, 'Too many requests'],
  'went-wrong': [500, 'Something went wrong on our side'],
  unavailable: [503, 'Not available'],
} as const satisfies Record<string, readonly [ContentfulStatusCode, string]>;
export type ProblemKind = keyof typeof PROBLEMS;

const KINDS: Record<RefusalCode, ProblemKind> = {
  not_signed_in: 'not-authorised',
  not_allowed: 'not-allowed',
  not_found: 'not-found',
  hidden: 'not-found',
  invalid: 'invalid',
  name_taken: 'conflict',
  conflict: 'conflict',
  in_use: 'conflict',
  locked: 'locked',
  too_many_requests: 'too-many-requests',
  too_slow: 'too-slow',
  unavailable: 'unavailable',
};

/** A problem response. `detail` says what is wrong and what to do. */
export function problem(
  kind: ProblemKind,
  detail: string,
  {
    pointer,
    errors,
    headers = {},
  }: { pointer?: string; errors?: ProblemBody['errors']; headers?: Record<string, string> } = {},
): Response {
  const body = { ...problemBody(kind, detail, pointer), ...(errors && { errors }) };
  return new Response(JSON.stringify(body), {
    status: body.status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
  });
}

export type ProblemBody = z.output<typeof ProblemSchema>;

/** A problem's body. */
export function problemBody(kind: ProblemKind, detail: string, pointer?: string): ProblemBody {
  const [status, title] = PROBLEMS[kind];
  return { type: `urn:tagwell:problem:${kind}`, status, title, detail, message: detail, ...(pointer && { pointer }) };
}

/** A refusal as a problem inside a response, such as for one change in a set. */
export function refusalBody(refusal: RefusalData): ProblemBody {
  return problemBody(KINDS[refusal.code], refusal.message, refusal.field);
}

/** A refusal as a problem response. */
export function refusalProblem(refusal: RefusalData): Response {
  return problem(KINDS[refusal.code], refusal.message, { pointer: refusal.field, errors: errorsIn(refusal) });
}

const Errors = z.object({ errors: z.array(z.strictObject({ pointer: z.string(), detail: z.string() })) });

const errorsIn = ({ details }: RefusalData): ProblemBody['errors'] => Errors.safeParse(details).data?.errors;

/** The problems that any call can return, for the API's document. */
export const PROBLEM_RESPONSES = Object.fromEntries(
  [400, 401, 403, 404, 408, 409, 410, 413, 429, 503].map((status) => [
    status,
    {
      description: Object.values(PROBLEMS).find(([own]) => own === status)?.[1] ?? 'Problem',
      content: { 'application/problem+json': { schema: ProblemSchema } },
    },
  ]),
);
