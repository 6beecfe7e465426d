// Reads a CRM's answer as JSON of an agreed shape. What is not that is an error, never an empty list.
import type { z } from 'zod';
import { parseStorable } from '@/lib/text/storable';
import { CrmError } from './crm-error';
import type { HttpAnswer } from './http';

/** An answer's body, parsed, without characters that the database cannot store. Throws a `CrmError` of kind `unreadable` for anything but the shape of the schema. */
export function readJson<T>(answer: Pick<HttpAnswer, 'status' | 'headers' | 'body'>, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(jsonOf(answer));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.length ? `‘${issue.path.join('.')}’` : 'its outermost value';
  throw unreadable(answer, `is JSON of another shape than agreed: in ${where}, ${issue?.message ?? 'something'}`);
}

/** The cause of a parser's error is left out: it quotes the answer, which is personal data. */
function jsonOf(answer: Pick<HttpAnswer, 'status' | 'headers' | 'body'>): unknown {
  const text = answer.body.replace(/^\uFEFF/, '').trim();
  if (text === '') throw unreadable(answer, 'is empty');
  const encoding = answer.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw unreadable(answer, `is packed (${encoding}), which was not asked for`);
  if (/^<(!doctype|html|\?xml|head|body)/i.test(text)) {
    throw unreadable(answer, 'is a web page: a sign-in page or a proxy may be in between');
  }
  try {
    return parseStorable(text);
  } catch {
    throw unreadable(answer, /^[[{]/.test(text) ? 'breaks off or is not valid JSON' : 'is not JSON');
  }
}

function unreadable(answer: Pick<HttpAnswer, 'status'>, what: string): CrmError {
  const message = `The CRM’s answer ${what}. Check the address of the connection; if it is right, try again later.`;
  return new CrmError('unreadable', message, { status: answer.status });
}
