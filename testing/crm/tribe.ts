// A made-up Tribe site with its sign-in, as a server (crm-apis §5.9).
import { createHash, randomUUID } from 'node:crypto';
import { Deliveries } from './deliveries';
import { mutationsOf } from './population';
import { Simulator, type Vendor } from './server';
import { answerOData } from './tribe/odata';
import { SCHEMA } from './tribe/schema';
import { TribeSite } from './tribe/site';
import { json, type SimAnswer, type SimRequest } from '@/demo/crm/wire';

const MINUTE = 60_000;
/** Calls too soon after a refusal, in a row, until the application is blocked. */
const ABUSES = 5;

export type RegisteredWebhook = {
  id: string;
  entityType: string;
  webhookUrl: string;
  headers: { name: string; value: string }[];
  /** As the management page shows it. */
  secret: string;
};

/** What the signature's header is called. */
const SIGNATURE = 'x-tribe-signature';

/** A running site. `settings`, `secrets`: what a connection to it enters. */
export type Tribe = {
  simulator: Simulator;
  site: TribeSite;
  webhooks: Map<string, RegisteredWebhook>;
  deliveries: Deliveries;
  settings: { api: string; authority: string; clientId: string };
  secrets: { clientSecret: string };
  organisation: string;
};

export async function startTribe(port = 0): Promise<Tribe> {
  const clientId = 'tagwell-client';
  const clientSecret = 'the-secret-of-tribe-tests';
  const organisation = 'organisation-1';
  const webhooks = new Map<string, RegisteredWebhook>();
  const deliveries = new Deliveries();
  const tokens = new Map<string, { until: number; scope: string }>();
  let site: TribeSite | undefined;
  let refusedAt = -Infinity;
  let abuses = 0;

  const vendorOf = ({ now }: { now: () => number }): Vendor => {
    const own = new TribeSite(now);
    site = own;
    own.onChange = (set, id, mutation) => {
      const type = SCHEMA[set]!.type;
      const kind = type.startsWith('Relationship.') ? 'relationship' : 'entity';
      for (const webhook of webhooks.values()) {
        if (webhook.entityType !== type) continue;
        const payload = { mutation: `${kind}${mutation}`, [`${kind}Id`]: id };
        const body = JSON.stringify({ webhookId: webhook.id, payload });
        const hash = createHash('sha512').update(`${body}${webhook.secret}`).digest('hex');
        deliveries.post(webhook.webhookUrl, body, {
          ...Object.fromEntries(webhook.headers.map(({ name, value }) => [name, value])),
          [SIGNATURE]: Buffer.from(hash).toString('base64'),
        });
      }
    };
    const signIn = (request: SimRequest): SimAnswer => {
      const form = new URLSearchParams(request.body);
      const id = form.get('organization_id');
      if (form.get('client_id') !== clientId || form.get('client_secret') !== clientSecret) {
        return json(401, { error: 'invalid_client', error_description: 'Client authentication failed' });
      }
      if (id !== null && id !== organisation) {
        return json(400, { error: 'invalid_request', error_description: 'Unknown organization' });
      }
      const token = `tribe-${randomUUID()}`;
      const scope = form.get('scope') ?? '';
      tokens.set(token, { until: now() + 3_600_000, scope });
      return json(200, { access_token: token, token_type: 'bearer', expires_in: 3_600, scope });
    };
    const answerWebhooks = (request: SimRequest, scope: string): SimAnswer => {
      if (!scope.includes('write')) return json(403, { error: { code: '403', message: 'The scope write is needed' } });
      const id = request.url.pathname.split('/')[3];
      if (request.method === 'DELETE' && id) {
        return webhooks.delete(id)
          ? { status: 204, body: '' }
          : json(404, { error: { code: '404', message: 'Unknown' } });
      }
      const asked = JSON.parse(request.body) as Omit<RegisteredWebhook, 'id' | 'secret'>;
      if (own.relationsOnly && !asked.entityType.startsWith('Relation.')) {
        return json(400, { error: { code: '400', message: `Unknown entity type ${asked.entityType}` } });
      }
      const webhook = { ...asked, id: randomUUID(), secret: randomUUID() };
      webhooks.set(webhook.id, webhook);
      return json(201, { id: webhook.id });
    };
    return {
      answer: (request) => {
        if (abuses >= ABUSES) return json(403, { error: { code: '403', message: 'This application is blocked' } });
        const { pathname } = request.url;
        if (pathname === '/oauth2/token') return signIn(request);
        const token = tokens.get(request.headers.authorization?.replace(/^Bearer /, '') ?? '');
        if (!token || token.until <= now()) return json(401, { error: { code: '401', message: 'Unauthorized' } });
        if (pathname.startsWith('/v1/odata/')) return answerOData(own, request);
        if (/^\/v1\/webhooks(\/|$)/.test(pathname)) return answerWebhooks(request, token.scope);
        return json(404, { error: { code: '404', message: 'Not found' } });
      },
      limit: { calls: 1_000, perMs: MINUTE, keyOf: ({ url }) => (url.pathname.startsWith('/v1/') ? clientId : null) },
      // Never says how long to wait, but counts who does not wait a minute.
      throttled: () => {
        abuses = now() - refusedAt < MINUTE ? abuses + 1 : 0;
        refusedAt = now();
        return json(429, { error: { code: '429', message: 'Too many requests' } });
      },
      reset: (size) => {
        [refusedAt, abuses] = [-Infinity, 0];
        webhooks.clear();
        own.reset(size);
      },
      mutations: mutationsOf(own),
    };
  };
  const simulator = await Simulator.start(vendorOf, port);
  return {
    simulator,
    site: site!,
    webhooks,
    deliveries,
    settings: { api: simulator.origin, authority: simulator.origin, clientId },
    secrets: { clientSecret },
    organisation,
  };
}
