// The REST API: authorisation, limits and problem responses around the routes. Contains no business rules.
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Next } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { matchedRoutes } from 'hono/route';
import { originOf } from '@/lib/access/origin';
import { Refusal, UNSTORABLE } from '@/lib/access/refusal';
import { BODY } from '@/lib/config/limits';
import { TOO_SLOW_FOR_CLIENTS } from '@/lib/access/with-timeout';
import { isUnstorable, unavailableReason } from '@/lib/db/condition';
import { Cancelled } from '@/lib/db/cancellable';
import { DENIED } from '@/lib/access/api-key';
import { ARCHIVE_PATH } from '@/lib/messages/archive';
import { loadCall, loadCallCached } from '@/lib/accounts/callers';
import { takeCall } from '@/lib/accounts/api-rate';
import { addArchive } from './archive';
import { addBatches } from './batches';
import { addBounceHooks } from './bounce-hooks';
import { addConsents } from './consents';
import { isCheckingKeyItself, recordDenied, originOfCall, type ApiContext, type ApiEnvironment } from './context';
import { addDefinitions } from './definitions';
import { addDeliveries } from './deliveries';
import { problem, refusalProblem } from './problem';
import { addEvents } from './events';
import { addFeed } from './feed';
import { addFlows } from './flows';
import { addForms, FORMS_PATH } from './forms';
import { addHooks } from './hooks';
import { addIntegrations } from './integrations';
import { addJobs } from './jobs';
import { addMessages } from './messages';
import { addPreferences, PREFERENCES_PATH } from './preferences';
import { addPictures, PICTURE_PATH } from './pictures';
import { addProfiles } from './profiles';
import type { ApiDocument } from './reference/operations';
import { FONT_PATH } from './reference/assets';
import { referenceFont, referencePage } from './reference/page';
import { addSegments } from './segments';
import { addSmsHooks } from './sms-hooks';
import { addSubmissions } from './submissions';
import { addSuppressionList } from './suppressions';
import { addToken, readToken } from './token';
import { addTracking, TRACKING_PATH } from './tracking';
import { addTransfers } from './transfers';
import { addWebhooks } from './webhooks';

/** Body limits for sets of changes, lists of keys, deliveries of CRMs and what visitors submit, which are larger than other requests. */
const LONGER: [path: RegExp, bytes: number][] = [
  [/\/profiles\/tags$/, BODY.apiSets],
  [/\/sections\/[^/]+\/tags\/jobs$/, BODY.apiJobs],
  [/\/sections\/[^/]+\/flows\/[^/]+\/(entries|exits)$/, BODY.apiSets],
  [/\/suppressions(\/lifts)?$/, BODY.apiSets],
  [/^\/hooks\/(crm|bounces|ses)\//, BODY.hook],
  [/^\/f\//, BODY.form],
  [/\/forms\/[^/]+\/submissions$/, BODY.form],
];

export type ApiOptions = {
  /** Key for signing tokens. */
  secret: string;
  /** Limit per account. */
  callsPerSecond: number;
  /** Called for unexpected errors. */
  onError: (error: unknown, call: FailedCall) => void;
};

/** A failed call. `route`: the route's pattern, without keys and tokens. */
export type FailedCall = { requestId: string | undefined; method: string; route: string | undefined };

/** Creates the API as an application that answers requests. */
export function createApi({ secret, callsPerSecond, onError }: ApiOptions): OpenAPIHono<ApiEnvironment> {
  const api = new OpenAPIHono<ApiEnvironment>({
    defaultHook: (result) => {
      if (result.success) return undefined;
      const issue = result.error.issues[0];
      return problem('invalid', issue?.message ?? 'The request is not valid.', { pointer: issue?.path.join('.') });
    },
  });
  api.onError(async (error, context) => {
    if (error instanceof Refusal) {
      await recordDenied(context.get('client'), [error.toData()]);
      return refusalProblem(error.toData());
    }
    if (error instanceof HTTPException && error.status < 500) {
      return problem('invalid', 'The body is not JSON: send `Content-Type: application/json` and a JSON object.');
    }
    if (error instanceof Cancelled) return problem('too-slow', TOO_SLOW_FOR_CLIENTS);
    const reason = unavailableReason(error);
    if (reason !== null) return problem('unavailable', reason, { headers: { 'retry-after': '5' } });
    if (isUnstorable(error)) return problem('invalid', UNSTORABLE);
    onError(error, {
      requestId: originOf(context.req.raw.headers).requestId,
      method: context.req.method,
      route: matchedRoutes(context).at(-1)?.path,
    });
    return problem('went-wrong', 'Something went wrong on our side. The log has the details.');
  });
  api.notFound(() => problem('not-found', 'This API has no such endpoint. See /api-reference.'));
  api.use('*', limitBody);
  api.use('*', leaveUnread);
  for (const path of ['/audience/*', '/v2/audience/*']) {
    api.use(path, async (context: ApiContext, next) => {
      const token = /^Bearer (\S+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
      const apiKeyId = token ? await readToken(token, secret) : null;
      const from = originOf(context.req.raw.headers);
      const load = isCheckingKeyItself(context) ? loadCallCached : loadCall;
      const call = apiKeyId === null ? null : await load(apiKeyId, namesIn(context.req.path), from);
      if (!call) return problem('not-authorised', DENIED, { headers: { 'www-authenticate': 'Bearer' } });
      const { client, named } = call;
      const taken = await takeCall(client.accountId, 'calls', { limit: callsPerSecond, seconds: 1 });
      const policy = `"account";q=${callsPerSecond};w=1`;
      if (!taken.ok) {
        return problem('too-many-requests', `At most ${callsPerSecond} calls a second. Wait, then continue.`, {
          headers: {
            'retry-after': String(taken.retryAfter),
            'ratelimit-policy': policy,
            ratelimit: '"account";r=0;t=1',
          },
        });
      }
      context.set('client', client);
      context.set('named', named);
      context.header('ratelimit-policy', policy);
      context.header('ratelimit', `"account";r=${taken.left};t=1`);
      context.header('cache-control', 'no-store');
      return next();
    });
  }
  addToken(api, secret);
  addDefinitions(api);
  addProfiles(api);
  addEvents(api);
  addConsents(api);
  addBatches(api);
  addJobs(api);
  addFeed(api);
  addSegments(api);
  addWebhooks(api);
  addTransfers(api);
  addIntegrations(api);
  addHooks(api);
  addSmsHooks(api);
  addBounceHooks(api);
  addSuppressionList(api);
  addMessages(api);
  addSubmissions(api);
  addDeliveries(api);
  addFlows(api);
  addPreferences(api);
  addTracking(api, (error) =>
    onError(error, { requestId: undefined, method: 'GET', route: 'answers to messages, which are tried again' }),
  );
  addPictures(api, (error) => onError(error, { requestId: undefined, method: 'GET', route: '/i/:section/:id' }));
  addArchive(api);
  addForms(api, (error) => onError(error, { requestId: undefined, method: 'POST', route: 'public forms' }));
  api.openAPIRegistry.registerComponent('securitySchemes', 'oauth', {
    type: 'oauth2',
    flows: { clientCredentials: { tokenUrl: '/oauth/token', scopes: {} } },
  });
  api.doc31('/openapi.json', DOCUMENT);
  api.get('/api-reference', (context) => {
    const document = JSON.parse(JSON.stringify(api.getOpenAPI31Document(DOCUMENT))) as ApiDocument;
    return referencePage(document, originOfCall(context));
  });
  api.get(FONT_PATH, () => referenceFont());
  return api;
}

const DOCUMENT = {
  openapi: '3.1.0',
  info: {
    title: 'Tagwell',
    version: '1',
    description: 'Compatible with the Apsis One Audience API: an existing client only needs a new base URL.',
  },
  security: [{ oauth: [] }],
};

/** Refuses bodies that are too large, with or without a Content-Length. */
async function limitBody(context: ApiContext, next: Next): Promise<Response | undefined> {
  const { raw, path } = context.req;
  // Uploads have their own limit and are not kept in memory.
  if (path.startsWith('/uploads/')) return void (await next());
  const max = LONGER.find(([of]) => of.test(path))?.[1] ?? BODY.api;
  const tooLarge = () => problem('too-large', `The body may have at most ${max / 1_000} kB here. Split the request.`);
  if (Number(raw.headers.get('content-length') ?? 0) > max) return tooLarge();
  if (raw.headers.has('transfer-encoding') && raw.body) {
    const chunks: Uint8Array[] = [];
    let size = 0;
    const reader = raw.body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      size += part.value.length;
      if (size > max) return tooLarge();
      chunks.push(part.value);
    }
    const { url, method, headers } = raw;
    context.req.raw = new Request(url, { method, headers, body: Buffer.concat(chunks) });
  }
  await next();
  return undefined;
}

/** HEAD runs the GET handler, but the body is not sent, so its stream is closed to release the file behind it. */
async function leaveUnread(context: ApiContext, next: Next): Promise<void> {
  await next();
  if (context.req.method === 'HEAD') await context.res.body?.cancel();
}

/** The section and the keyspace in an address, before decoding. */
function namesIn(path: string): { section: string | null; keyspace: string | null } {
  const name = (of: RegExp) => of.exec(path)?.[1] ?? null;
  return { section: name(/\/sections\/([^/]+)/), keyspace: name(/\/keyspaces\/([^/]+)/) };
}

/** Whether the API answers a path. All other paths are pages. */
export function isApiPath(path: string): boolean {
  return (
    /^\/(oauth|audience|v2\/audience|uploads|hooks\/(crm|sms|bounces|ses))(\/|$|\?)/.test(path) ||
    PREFERENCES_PATH.test(path) ||
    TRACKING_PATH.test(path) ||
    PICTURE_PATH.test(path) ||
    ARCHIVE_PATH.test(path) ||
    FORMS_PATH.test(path) ||
    ['/openapi.json', '/api-reference', FONT_PATH].includes(path.split('?')[0] ?? '')
  );
}
