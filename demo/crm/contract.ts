// A system that serves the connector contract (apsis-one-api, end) from some records.
import { createHash } from 'node:crypto';
import type { Contact, Records } from './records';
import { json, type SimAnswer, type SimRequest } from './wire';

const ROOT = '/apsisendpoint/v1/';

type Field = { code_name: string; type: string; display_name: string; of: (contact: Contact) => unknown };

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

export class Contract {
  /** Names of fields that the key may not read. */
  readonly hidden = new Set<string>();
  /** Ids of profiles whose records the key may not read, though lists name them. */
  readonly unreadable = new Set<string>();
  /** By callback address: what was registered. */
  readonly hooks = new Map<string, { id: string; secret: string }>();
  readonly #records: Records;
  readonly #apiKey: string;
  readonly #root: string;

  /** `base`: the path before the contract's own, such as '/shop'. */
  constructor({ records, apiKey, base = '' }: { records: Records; apiKey: string; base?: string }) {
    this.#records = records;
    this.#apiKey = apiKey;
    this.#root = `${base}${ROOT}`;
  }

  answer(request: SimRequest): SimAnswer {
    const { url, headers, method } = request;
    if (headers['x-api-key'] !== this.#apiKey) return json(401, { message: 'Unauthorized' });
    if (!url.pathname.startsWith(this.#root)) return json(404, { message: 'Not found' });
    const path = url.pathname.slice(this.#root.length);
    if (path.startsWith('webhooks/')) return this.#hook(request, path);
    if (method !== 'GET') return json(405, { message: 'Method not allowed' });
    if (path === 'profile_lists') {
      const lists = [...this.#records.lists.values()].filter(({ deleted }) => !deleted);
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
        this.#visible().map(({ of: _, ...field }) => field),
      );
    }
    if (path === 'records/profile') return this.#profiles(url);
    if (path === 'records/profile/count') return json(200, { count: this.#present().length });
    const list = /^profile_lists\/profile\/(\d+)\/records(\/count)?$/.exec(path);
    return list ? this.#members(url, list[1] ?? '', list[2] !== undefined) : json(404, { message: 'Not found' });
  }

  #visible(): Field[] {
    return FIELDS.filter(({ code_name }) => !this.hidden.has(code_name));
  }

  #present(): Contact[] {
    return [...this.#records.contacts.values()].filter(({ deleted, active }) => active && !deleted);
  }

  #members(url: URL, id: string, count: boolean): SimAnswer {
    if (!this.#records.lists.has(id) || this.#records.list(id).deleted) return json(404, { message: 'Not found' });
    const ids = this.#records.membersOf(id);
    return count ? json(200, { count: ids.length }) : paged(url, ids, (profile) => ({ profile_id: Number(profile) }));
  }

  #profiles(url: URL): SimAnswer {
    const [ids, fields] = ['ids', 'fields'].map((name) => url.searchParams.get(name)?.split(','));
    const chosen = ids
      ? ids.flatMap((id) => this.#records.contacts.get(id) ?? []).filter(({ deleted, active }) => active && !deleted)
      : this.#present();
    const readable = chosen.filter(({ id }) => !this.unreadable.has(id));
    const columns = this.#visible().filter(({ code_name }) => !fields || fields.includes(code_name));
    return paged(url, readable, (contact) =>
      Object.fromEntries(columns.map(({ code_name, of }) => [code_name, of(contact)])),
    );
  }

  #hook({ method, body, url }: SimRequest, path: string): SimAnswer {
    const id = /^webhooks\/records\/subscriptions\/(.+)$/.exec(path)?.[1];
    if (method === 'DELETE' && id) {
      const known = [...this.hooks].find(([, registered]) => registered.id === id);
      if (known) this.hooks.delete(known[0]);
      return known ? { status: 204, body: '' } : json(404, { message: 'Not found' });
    }
    if (method !== 'POST' || path !== 'webhooks/records/profile') return json(405, { message: url.pathname });
    const { callback_url, secret } = JSON.parse(body) as { callback_url: string; secret: string };
    const known = this.hooks.get(callback_url);
    if (known) return json(409, { subscription_id: known.id });
    const made = { id: createHash('sha256').update(callback_url).digest('hex').slice(0, 12), secret };
    this.hooks.set(callback_url, made);
    return json(201, { subscription_id: made.id });
  }
}

/** Page 0 is the first; both parameters are required. */
function paged<T>(url: URL, rows: readonly T[], asJson: (row: T) => unknown): SimAnswer {
  const [page, size] = ['page', 'page_size'].map((name) => Number(url.searchParams.get(name) ?? Number.NaN));
  if (page === undefined || size === undefined || !(page >= 0 && size > 0))
    return json(400, { message: 'Bad request' });
  return json(200, rows.slice(page * size, (page + 1) * size).map(asJson));
}
