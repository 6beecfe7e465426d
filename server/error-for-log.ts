// An error as the log has it: what it is and where it comes from, without the values that were being worked on. PostgreSQL's errors have
// those in `detail` and `where`, and errors about a value itself quote it in their message.
import pg from 'pg';
import { originalFrame } from './original-stack';

const DEEPEST_CAUSE = 3;

/** Facts of an error that are names in our code or schema, never values. */
const FACTS = ['code', 'constraint', 'table', 'column', 'routine', 'syscall', 'digest'] as const;

/** What is logged of something thrown. */
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

/** Data exceptions of PostgreSQL (class 22) and errors of parsers quote what they could not read. */
function withoutValues(error: Error): string {
  const quotes = error instanceof SyntaxError || error instanceof pg.DatabaseError;
  return quotes ? error.message.replace(/"[^"]*"?/g, '"…"') : error.message;
}
