// Faults that a made-up CRM has at will.
import { z } from 'zod';
import { json, type SimAnswer, type SimRequest } from '@/demo/crm/wire';

export const FAULTS = [
  /** Throttled, in the vendor's own words; see `retryAfter`. */
  'throttled',
  /** The token or key is refused. */
  'unauthorised',
  'forbidden',
  /** Refused, in words that repeat all that was sent. */
  'echo',
  'missing',
  'error',
  'unavailable',
  /** No answer at all. */
  'timeout',
  'reset',
  /** Status 200, and a web page. */
  'html',
  /** Status 200, and half of the answer, of a length that fits. */
  'truncated',
  /** Status 200, and nothing. */
  'empty',
  /** The answer of the call before, of the same path. */
  'repeat',
  /** No more than `rows` of the rows that were asked for. */
  'short',
  /** Links lead to another host. */
  'elsewhere',
  /** The right answer, after `delayMs`. */
  'slow',
] as const;

export const Fault = z.object({
  kind: z.enum(FAULTS),
  /** Part of 'METHOD /path?query', percent-decoded: a regular expression. */
  match: z.string(),
  /** How many calls have it. Default: all. */
  times: z.number().int().positive().optional(),
  /** How many matching calls go well before. */
  after: z.number().int().nonnegative().default(0),
  /** Of `throttled`: seconds. Default: the answer has no such header. */
  retryAfter: z.number().nonnegative().optional(),
  /** Of `short`. */
  rows: z.number().int().positive().default(2),
  /** Of `slow`, in real milliseconds. */
  delayMs: z.number().nonnegative().default(5),
});
export type Fault = z.infer<typeof Fault>;

/** The faults that are set. */
export class Faults {
  #faults: { fault: Fault; matched: number; had: number }[] = [];

  set(fault: z.input<typeof Fault>): void {
    this.#faults.push({ fault: Fault.parse(fault), matched: 0, had: 0 });
  }

  clear(): void {
    this.#faults = [];
  }

  /** The fault that this call has, if any. Counts the call. */
  of(line: string): Fault | undefined {
    for (const entry of this.#faults) {
      if (!new RegExp(entry.fault.match).test(line)) continue;
      entry.matched += 1;
      if (entry.matched <= entry.fault.after || entry.had >= (entry.fault.times ?? Infinity)) continue;
      entry.had += 1;
      return entry.fault;
    }
    return undefined;
  }
}

/** A host that no link may lead to. */
export const ELSEWHERE = 'http://elsewhere.example';

/** What the answer becomes. Not for `timeout` and `reset`, which give none, nor for `throttled`. */
export function spoiled(
  { kind, rows }: Fault,
  answer: SimAnswer,
  { before, origin, sent }: { before?: SimAnswer; origin: string; sent: SimRequest },
): SimAnswer {
  switch (kind) {
    case 'unauthorised':
      return json(401, { message: 'Unauthorized' });
    case 'forbidden':
      return json(403, { message: 'Forbidden' });
    case 'echo':
      return json(400, { message: `${JSON.stringify(sent.headers)} ${sent.body}` });
    case 'missing':
      return json(404, { message: 'Not found' });
    case 'error':
      return json(500, { message: 'Internal error' });
    case 'unavailable':
      return json(503, { message: 'Service unavailable' });
    case 'html':
      return { status: 200, headers: { 'content-type': 'text/html' }, body: '<!DOCTYPE html><title>Sign in</title>' };
    case 'truncated':
      return { ...answer, body: answer.body.slice(0, Math.floor(answer.body.length / 2)) };
    case 'empty':
      return { ...answer, body: '' };
    case 'repeat':
      return before ?? answer;
    case 'short':
      return { ...answer, body: JSON.stringify(cut(JSON.parse(answer.body), rows)) };
    case 'elsewhere':
      return { ...answer, body: answer.body.replaceAll(origin, ELSEWHERE) };
    default:
      return answer;
  }
}

/** Where the CRMs' answers have rows: the answer itself, or one of these. */
const ROWS = ['value', 'objects', '#data', 'list'];

function cut(value: unknown, most: number, isRows = true): unknown {
  if (Array.isArray(value)) {
    // efficy: an array of operations, each with an array of functions.
    const isEnvelope = value.some((item: unknown) => typeof item === 'object' && item !== null && '@name' in item);
    return (isRows && !isEnvelope ? value.slice(0, most) : value).map((item: unknown) => cut(item, most, false));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, cut(part, most, ROWS.includes(name))]));
}
