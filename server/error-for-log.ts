// Errors as they are logged: what they are and where they come from, without the values being processed. PostgreSQL's errors have
// values in `detail` and `where`, and errors about a value quote it in their message.
import pg from 'pg';
import { originalFrame } from './original-stack';

const DEEPEST_CAUSE = 3;

/** Properties of an error that are names in our code or schema, never values. */
const FACTS = ['code', 'constraint', 'table', 'column', 'routine', 'syscall', 'digest'] as const;

/** What is logged of a thrown value. */
export function errorForLog(error: unknown, depth = 0): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const message = withoutValues(error);
  const frames = (error.stack?.match(/^ {4}at .*$/gm) ?? []).map(originalFrame);
  const facts = FACTS.flatMap((name) => {
    const fact = (error as unknown as Record<string, unknown>)[name];
    return typeof fact === 'string' ? [[name, fact]] : [];
  });
  return {
    type: error.name,
    message,
    stack: [`${error.name}: ${message}`, ...frames].join('\n'),
    ...(Object.fromEntries(facts) as object),
    ...(error.cause !== undefined && depth < DEEPEST_CAUSE && { cause: errorForLog(error.cause, depth + 1) }),
  };
}

/** PostgreSQL's data exceptions (class 22) and parser errors quote their input. */
function withoutValues(error: Error): string {
  const quotes = error instanceof SyntaxError || error instanceof pg.DatabaseError;
  return quotes ? error.message.replace(/"[^"]*"?/g, '"…"') : error.message;
}
