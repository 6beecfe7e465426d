// A made-up system that serves the connector contract (apsis-one-api, end).
import { createHash, createHmac } from 'node:crypto';
import { Deliveries } from './deliveries';
import { mutationsOf, Population, type Change, type SimContact } from './population';
import { Simulator } from './server';
import { json, type SimAnswer, type SimRequest } from './wire';

export const API_KEY = 'generic-key-of-the-simulator';
const ROOT = '/apsisendpoint/v1/';

type Field = { code_name: string; type: string; display_name: string; of: (contact: SimContact) => unknown };

const FIELDS: Field[] = [
  { code_name: 'profile_id', type: 'integer', display_name: 'Id', of: ({ id }) => Number(id) },
  { code_name: 'email', type: 'string', display_name: 'Email', of: ({ email }) => email },
  { code_name: 'first_name', type: 'string', display_name: 'First name', of: ({ firstName }) => firstName },
  { code_name: 'last_name', type: 'string', display_name: 'Last name', of: ({ lastName }) => lastName },
  // The contract has phone numbers as integers.
  {
    code_name: 'phone',
    type: 'integer',
    display_name: 'Phone',
    of: ({ phone }) => Number(phone.replace('+', '')) || null,
  },
  { code_name: 'company', type: 'string', display_name: 'Company', of: ({ company }) => company },
  { code_name: 'birthday', type: 'string', display_name: 'Birthday', of: ({ birthday }) => birthday },
  { code_name: 'vip', type: 'boolean', display_name: 'VIP', of: ({ position }) => position === 'ceo' },
];

export type GenericSimulator = {
  simulator: Simulator;
  world: Population;
  hideField: (name: string) => void;
  /** By callback address: what was registered. */
  hooks: Map<string, { id: string; secret: string }>;
  deliveries: Deliveries;
};

export async function startGeneric(port?: number): Promise<GenericSimulator> {
  let world!: Population;
  const hidden = new Set<string>();
  const hooks: GenericSimulator['hooks'] = new Map();
  const deliveries = new Deliveries();
  const visible = () => FIELDS.filter(({ code_name }) => !hidden.has(code_name));
  const present = () => [...world.contacts.values()].filter(({ deleted, active }) => active && !deleted);

  function answer(request: SimRequest): SimAnswer {
    const { url, headers, method } = request;
    if (headers['x-api-key'] !== API_KEY) return json(401, { message: 'Unauthorized' });
    if (!url.pathname.startsWith(ROOT)) return json(404, { message: 'Not found' });
    const path = url.pathname.slice(ROOT.length);
    if (path.startsWith('webhooks/')) return hook(request, path);
    if (method !== 'GET') return json(405, { message: 'Method not allowed' });
    if (path === 'profile_lists') {
      const lists = [...world.lists.values()].filter(({ deleted }) => !deleted);
      return paged(url, lists, ({ id, name }) => ({
        list_name: name,
        list_id: Number(id),
        list_entity: 'profile',
        is_dynamic: Number(id) % 2 === 0,
      }));
    }
    if (path === 'schema/profile') {
      return json(
        200,
        visible().map(({ of: _, ...field }) => field),
      );
    }
    if (path === 'records/profile') return records(url);
    if (path === 'records/profile/count') return json(200, { count: present().length });
    const list = /^profile_lists\/profile\/(\d+)\/records(\/count)?$/.exec(path);
    return list ? members(url, list[1] ?? '', list[2] !== undefined) : json(404, { message: 'Not found' });
  }

  function members(url: URL, id: string, count: boolean): SimAnswer {
    if (!world.lists.has(id) || world.list(id).deleted) return json(404, { message: 'Not found' });
    const ids = world.membersOf(id);
    return count ? json(200, { count: ids.length }) : paged(url, ids, (profile) => ({ profile_id: Number(profile) }));
  }

  function records(url: URL): SimAnswer {
    const [ids, fields] = ['ids', 'fields'].map((name) => url.searchParams.get(name)?.split(','));
    const chosen = ids
      ? ids.flatMap((id) => world.contacts.get(id) ?? []).filter(({ deleted, active }) => active && !deleted)
      : present();
    const columns = visible().filter(({ code_name }) => !fields || fields.includes(code_name));
    return paged(url, chosen, (contact) =>
      Object.fromEntries(columns.map(({ code_name, of }) => [code_name, of(contact)])),
    );
  }

  function hook({ method, body, url }: SimRequest, path: string): SimAnswer {
    const id = /^webhooks\/records\/subscriptions\/(.+)$/.exec(path)?.[1];
    if (method === 'DELETE' && id) {
      const known = [...hooks].find(([, registered]) => registered.id === id);
      if (known) hooks.delete(known[0]);
      return known ? { status: 204, body: '' } : json(404, { message: 'Not found' });
    }
    if (method !== 'POST' || path !== 'webhooks/records/profile') return json(405, { message: url.pathname });
    const { callback_url, secret } = JSON.parse(body) as { callback_url: string; secret: string };
    const known = hooks.get(callback_url);
    if (known) return json(409, { subscription_id: known.id });
    const made = { id: createHash('sha256').update(callback_url).digest('hex').slice(0, 12), secret };
    hooks.set(callback_url, made);
    return json(201, { subscription_id: made.id });
  }

  function notify({ what, contactId }: Change): void {
    const operation = { created: 'created', deleted: 'deleted' }[what as string] ?? 'updated';
    const body = JSON.stringify([{ record_id: Number(contactId), operation }]);
    for (const [address, { secret }] of hooks) {
      const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
      deliveries.post(address, body, { 'x-justin-signature': signature });
    }
  }

  const simulator = await Simulator.start(({ now }) => {
    world = new Population(now);
    world.onChange = notify;
    return {
      answer,
      throttled: (retryAfter) =>
        json(
          429,
          { message: 'Too many requests' },
          retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
        ),
      reset: (size) => {
        hidden.clear();
        hooks.clear();
        world.reset(size);
      },
      mutations: mutationsOf(world),
    };
  }, port);
  return { simulator, world, hideField: (name) => hidden.add(name), hooks, deliveries };
}

/** Page 0 is the first; both parameters are required. */
function paged<T>(url: URL, rows: readonly T[], asJson: (row: T) => unknown): SimAnswer {
  const [page, size] = ['page', 'page_size'].map((name) => Number(url.searchParams.get(name) ?? Number.NaN));
  if (page === undefined || size === undefined || !(page >= 0 && size > 0))
    return json(400, { message: 'Bad request' });
  return json(200, rows.slice(page * size, (page + 1) * size).map(asJson));
}
