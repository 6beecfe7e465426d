// A made-up Lime CRM (crm-apis §2.10): types, objects by keyset, the query API, webhooks, and saved filters at a path of ours.
import { createHmac } from 'node:crypto';
import { Deliveries } from '../deliveries';
import { mutationsOf, Population, type Change } from '../population';
import { Simulator } from '../server';
import { json, type SimAnswer, type SimRequest } from '@/demo/crm/wire';
import { afterIn, BadFilter, meets, type Thing } from './filter';
import { Things, TYPES } from './things';

export const API_KEY = 'lime-key-of-the-simulator';
const APPLICATION = '/lime';
/** The API user, whom '$me' means. */
const ME = 1_001;

const EVENTS: Record<Change['what'], string> = {
  created: 'new',
  updated: 'update',
  deleted: 'delete',
  restored: 'restore',
  joined: 'new',
  left: 'delete',
};

export type SavedFilter = { id: number; limetype: string; name: string | Record<string, string>; filter: unknown };

export type LimeSimulator = {
  simulator: Simulator;
  /** With the application. */
  address: string;
  world: Population;
  things: Things;
  filters: SavedFilter[];
  /** `filters`: how the path of filters answers. `most`: rows of a page, whatever is asked for. */
  options: { filters: 'embedded' | 'array' | 'object' | 'off'; filtersPerPage: number; most: number };
  hideContact: (id: string) => void;
  hideField: (name: string) => void;
  subscriptions: Map<number, { events: string[]; target_url: string; secret: string }>;
  deliveries: Deliveries;
};

export async function startLime(port?: number): Promise<LimeSimulator> {
  let world!: Population;
  let things!: Things;
  let origin = '';
  const filters: SavedFilter[] = [];
  const hidden = new Set<string>();
  /** Ids of contacts that the key may not read. */
  const unreadable = new Set<number>();
  const options: LimeSimulator['options'] = { filters: 'embedded', filtersPerPage: 100, most: 1_000 };
  const subscriptions: LimeSimulator['subscriptions'] = new Map();
  const deliveries = new Deliveries();

  const propertiesOf = (type: string) =>
    (TYPES[type] ?? []).filter(({ name }) => type !== 'person' || !hidden.has(name));
  const href = (path: string) => `${origin}${APPLICATION}/api/v1/${path}`;

  function answer(request: SimRequest): SimAnswer {
    const { url, headers } = request;
    const root = `${APPLICATION}/api/v1/`;
    if (!url.pathname.startsWith(root)) return json(404, { message: 'Not found' });
    if (headers['x-api-key'] !== API_KEY) return json(401, { message: 'Invalid API key' });
    const path = url.pathname.slice(root.length);
    if (path === '') return json(200, { _links: { self: { href: href('') } } });
    if (!path.endsWith('/')) return json(404, { message: 'Not found' });
    const [what = '', first = '', second = ''] = path.split('/');
    if (what === 'limetype') return limetype(first);
    if (what === 'limeobject') return limeobject(url, first, second);
    if (what === 'query') return query(url);
    if (what === 'filter') return savedFilters(url);
    if (what === 'subscription') return subscription(request, first);
    return json(404, { message: 'Not found' });
  }

  function limetype(name: string): SimAnswer {
    const describe = (type: string) => ({
      name: type,
      label: type,
      localname: { singular: type, plural: `${type}s` },
      acl: { read: true, create: false, update: false, delete: false },
      _embedded: {
        properties: propertiesOf(type).map(({ to, ...property }) => ({
          required: false,
          length: null,
          defaultvalue: null,
          ...property,
          _links: {
            self: { href: href(`limetype/${type}/`) },
            ...(to ? { related_type: { href: href(`limetype/${to}/`), name: to } } : {}),
          },
        })),
      },
      _links: { self: { href: href(`limetype/${type}/`) } },
    });
    if (name === '') return json(200, { _embedded: { limetypes: Object.keys(TYPES).map(describe) } });
    return TYPES[name] ? json(200, describe(name)) : json(404, { message: `Unknown limetype ${name}` });
  }

  /** What an object shows: related ones by id, and nothing that the key may not read. */
  const flat = (type: string, thing: Thing): Thing =>
    Object.fromEntries(
      Object.entries(thing)
        .filter(([name]) => name.startsWith('_') || propertiesOf(type).some((property) => property.name === name))
        .map(([name, value]) => [
          name,
          value !== null && typeof value === 'object' && '_id' in value ? value._id : value,
        ]),
    );

  function limeobject(url: URL, type: string, id: string): SimAnswer {
    if (!TYPES[type]) return json(404, { message: `Unknown limetype ${type}` });
    if (id !== '') {
      const found = [...things.after(type, Number(id) - 1)].find((thing) => String(thing._id) === id);
      return found ? json(200, flat(type, found)) : json(404, { message: 'No such object' });
    }
    const limit = Math.min(Number(url.searchParams.get('_limit') ?? 10), options.most);
    const offset = Number(url.searchParams.get('_offset_id') ?? 0);
    const rest = [...things.after(type, offset)];
    const page = rest.slice(0, limit);
    const next = `limeobject/${type}/?_limit=${limit}&_offset_id=${String(page.at(-1)?._id)}`;
    return json(200, {
      _embedded: { limeobjects: page.map((thing) => flat(type, thing)) },
      _links: { self: { href: url.href }, ...(rest.length > limit ? { next: { href: href(next) } } : {}) },
    });
  }

  function query(url: URL): SimAnswer {
    const asked = JSON.parse(url.searchParams.get('q') ?? '{}') as {
      limetype: string;
      responseFormat: { object: Thing };
      filter?: unknown;
      limit?: number;
      offset?: number;
    };
    if (!TYPES[asked.limetype]) return json(404, { message: `Unknown limetype ${asked.limetype}` });
    const { limit = 10, offset = 0 } = asked;
    try {
      const wanted = offset + Math.min(limit, options.most);
      const found: Thing[] = [];
      for (const thing of things.after(asked.limetype, afterIn(asked.filter))) {
        if (found.length === wanted) break;
        if (!asked.filter || meets(thing, asked.filter, ME)) found.push(thing);
      }
      return json(200, {
        objects: found.slice(offset).map((thing) => picked(asked.limetype, thing, asked.responseFormat.object)),
      });
    } catch (error) {
      if (error instanceof BadFilter) return json(400, { message: error.message });
      throw error;
    }
  }

  function picked(type: string, thing: Thing, format: Thing): Thing {
    return Object.fromEntries(
      Object.entries(format).map(([name, inner]) => {
        const property = propertiesOf(type).find((candidate) => candidate.name === name);
        if (!name.startsWith('_') && !property) throw new BadFilter(`No property '${name}' of ${type}`);
        const value = thing[name];
        if (property?.to === 'person' && unreadable.has(Number((value as Thing | null)?._id))) return [name, null];
        if (property?.to && typeof inner === 'object' && inner !== null) {
          return [name, value ? picked(property.to, value as Thing, inner as Thing) : null];
        }
        return [name, property?.to && value ? (value as Thing)._id : value];
      }),
    );
  }

  function savedFilters(url: URL): SimAnswer {
    if (options.filters === 'off') return json(404, { message: 'Not found' });
    const from = Number(url.searchParams.get('from') ?? 0);
    const page = filters.slice(from, from + options.filtersPerPage);
    if (options.filters === 'array') return json(200, page);
    const more = from + options.filtersPerPage < filters.length;
    const links = more ? { _links: { next: { href: href(`filter/?from=${from + options.filtersPerPage}`) } } } : {};
    return json(
      200,
      options.filters === 'object' ? { filters: page, ...links } : { _embedded: { filters: page }, ...links },
    );
  }

  function subscription({ method, body }: SimRequest, id: string): SimAnswer {
    if (method === 'POST') {
      const made = subscriptions.size + 1;
      subscriptions.set(made, JSON.parse(body) as { events: string[]; target_url: string; secret: string });
      return json(201, { id: made, ...subscriptions.get(made), secret: undefined, enabled: true });
    }
    if (id === '')
      return json(
        200,
        [...subscriptions].map(([key, value]) => ({ id: key, ...value, secret: undefined })),
      );
    if (method === 'DELETE' && subscriptions.delete(Number(id))) return { status: 204, body: '' };
    return json(404, { message: 'Not found' });
  }

  function notify(change: Change): void {
    const ofParticipant = 'listId' in change;
    const limetype = ofParticipant ? 'participant' : 'person';
    const id = ofParticipant ? things.participantId(change.listId, change.contactId) : Number(change.contactId);
    const event = `${limetype}.${EVENTS[change.what]}`;
    const body = JSON.stringify({ event, body: { id, limetype, values: {} } });
    for (const { events, target_url, secret } of subscriptions.values()) {
      if (!events.includes(event)) continue;
      const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
      deliveries.post(target_url, body, { 'x-lime-signature': signature });
    }
  }

  const simulator = await Simulator.start(({ now, origin: address }) => {
    world = new Population(now);
    things = new Things(world);
    world.onChange = notify;
    origin = address;
    return {
      answer,
      limit: { calls: 3_000, perMs: 5 * 60_000, keyOf: () => 'this address' },
      throttled: (retryAfter) =>
        json(
          429,
          { message: 'Too many requests' },
          retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
        ),
      reset: (size) => {
        hidden.clear();
        unreadable.clear();
        subscriptions.clear();
        Object.assign(options, { filters: 'embedded', filtersPerPage: 100, most: 1_000 });
        world.reset(size);
        things.reset();
        filters.splice(0, filters.length, {
          id: 1,
          limetype: 'person',
          name: { en: 'CFOs', sv: 'Ekonomichefer' },
          filter: { key: 'position', op: '=', exp: 'cfo' },
        });
      },
      mutations: mutationsOf(world),
    };
  }, port);
  simulator.reset();
  const address = `${simulator.origin}${APPLICATION}`;
  return {
    simulator,
    address,
    world,
    things,
    filters,
    options,
    subscriptions,
    deliveries,
    hideField: (name) => hidden.add(name),
    hideContact: (id) => unreadable.add(Number(id)),
  };
}
