// Server actions as they arrive. Next answers a body that it cannot decode with 500 and a stack trace, so such requests are refused
// before they reach it. Our pages send arguments as JSON text: see `encodeReply` of React.
import fs from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';

const ACTION = 'next-action';
/** The id of an action as Next writes it. */
const ACTION_ID = /^[0-9a-f]{42}$/;
/** More arguments, or values nested more deeply, than any action takes. */
const ARGUMENTS_MAX = 10;
const DEPTH_MAX = 200;

/** Strings that begin with `$` stand for something else: an escaped `$`, a constant, a time, a large integer. */
const ENCODED = /^\$(\$|(undefined|NaN|Infinity|-Infinity|-0)$|D[\d:.TZ+-]{1,40}$|n-?\d{1,300}$)/;
/** An object that occurs again: the path to its first occurrence. */
const REPEATED = /^\$0(:|$)/;

const MALFORMED = 'This request is malformed. Reload the page and try again.\n';

type Request = Pick<IncomingMessage, 'method' | 'url' | 'headers'>;

/** Addresses of routes, for which Next runs no server actions; files are sent to some. */
const ROUTES = /^\/(api|data|uploads)\//;

/** Whether Next would run a server action for this request. */
export const isAction = ({ method, url = '', headers }: Request): boolean =>
  method === 'POST' && headers[ACTION] !== undefined && !ROUTES.test(url);

/** Whether this is a form sent to a page. Our pages have none: they send server actions, and files to data routes. */
export const isPageForm = ({ method, url = '', headers }: Request): boolean =>
  method === 'POST' && String(headers['content-type'] ?? '').startsWith('multipart/') && !ROUTES.test(url);

/** The ids of a built application's actions; undefined if it is not built. */
export function builtActions(): ReadonlySet<string> | undefined {
  const file = '.next/server/server-reference-manifest.json';
  if (!fs.existsSync(file)) return undefined;
  const { node } = JSON.parse(fs.readFileSync(file, 'utf8')) as { node: Record<string, unknown> };
  return new Set(Object.keys(node));
}

/** Refuses a request as malformed. */
export function refuseMalformed(response: ServerResponse): void {
  response.writeHead(400, { 'content-type': 'text/plain', 'cache-control': 'no-store' }).end(MALFORMED);
}

/**
 * Passes a server action on, with its body still to be read, or refuses it. `known`: the ids of the actions; undefined: any.
 * An unknown action, usually of an earlier version, is answered as Next does, so that the page can tell.
 */
export function checkAction(
  request: IncomingMessage,
  response: ServerResponse,
  known: ReadonlySet<string> | undefined,
  pass: () => void,
): void {
  const id = String(request.headers[ACTION]);
  if (!ACTION_ID.test(id) || isPageForm(request)) return refuseMalformed(response);
  if (known && !known.has(id)) {
    response
      .writeHead(409, { 'content-type': 'text/plain', 'x-nextjs-action-not-found': '1' })
      .end('Server Action unavailable.');
    return;
  }
  const pieces: Buffer[] = [];
  const read = () => {
    for (let piece; (piece = request.read() as Buffer | null) !== null;) pieces.push(piece);
    if (!request.complete) return;
    request.off('readable', read);
    const body = Buffer.concat(pieces);
    if (response.headersSent) return;
    if (!isArguments(body.toString())) return refuseMalformed(response);
    // `end` has not been emitted yet: what is put back is read before it.
    request.unshift(body);
    pass();
  };
  // A body that is refused or never completes: the front has answered.
  request.on('error', () => undefined);
  request.on('readable', read);
}

/** Whether a text is a list of arguments that React can decode without further parts. */
export function isArguments(text: string): boolean {
  const root = parsed(text);
  if (!Array.isArray(root) || root.length > ARGUMENTS_MAX) return false;
  let level: unknown[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEPTH_MAX) return false;
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value === 'string' && !isPlain(value, root)) return false;
      // Not spread: there may be more values than a call can have arguments.
      if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) next.push(item);
    }
    level = next;
  }
  return true;
}

function isPlain(text: string, root: unknown): boolean {
  if (!text.startsWith('$') || ENCODED.test(text)) return true;
  return REPEATED.test(text) && leadsToObject(text.split(':').slice(1), root);
}

function leadsToObject(path: readonly string[], root: unknown): boolean {
  let at = root;
  for (const name of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return false;
    at = (at as Record<string, unknown>)[name];
  }
  return typeof at === 'object' && at !== null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
