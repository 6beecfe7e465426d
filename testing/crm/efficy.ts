// A made-up efficy of either flavour, as a server (crm-apis §6.11).
import { Deliveries } from './deliveries';
import { Rpc } from './efficy/rpc';
import { EfficySite, type Flavour } from './efficy/site';
import { mutationsOf } from './population';
import { Simulator, type Vendor } from './server';
import { json, type SimRequest } from '@/demo/crm/wire';

/** A running efficy. `settings`, `secrets`: what a connection to it enters. */
export type Efficy = {
  simulator: Simulator;
  site: EfficySite;
  rpc: Rpc;
  /** Addresses of webhooks, as people enter them in the Designer. */
  webhooks: Set<string>;
  deliveries: Deliveries;
  settings: { address: string; flavour: Flavour };
  secrets: { apiKey: string };
};

const CREDENTIALS = { apiKey: 'efficy-key-of-the-tests', user: 'tagwell', password: 'password-of-tests' };

/** What a call is about: all have the same address. ' login': it has no session yet. */
function describe({ url, headers, body }: SimRequest): string {
  const login = headers.cookie ? '' : ' login';
  if (url.pathname.endsWith('/query')) return `${login} ${(JSON.parse(body) as { tableName: string }).tableName}`;
  const operations = JSON.parse(body) as { '@name': string; '@func': { '@name': string; sql?: string }[] }[];
  const funcs = operations.flatMap((operation) =>
    operation['@func'].map((func) => `${operation['@name']}/${func['@name']} ${func.sql ?? ''}`),
  );
  return `${login} ${funcs.join(' ')}`;
}

export async function startEfficy(flavour: Flavour = 'enterprise', port = 0): Promise<Efficy> {
  let rpc: Rpc | undefined;
  const webhooks = new Set<string>();
  const deliveries = new Deliveries();
  const vendorOf = ({ now }: { now: () => number }): Vendor => {
    const site = new EfficySite(flavour, now);
    const own = new Rpc(site, CREDENTIALS);
    rpc = own;
    site.onChange = (key, operation) => {
      const table = flavour === 'u' ? 'Contact' : 'Contacts';
      const records = [{ table, key, operation, date: new Date(now()).toISOString() }];
      for (const address of webhooks)
        deliveries.post(address, JSON.stringify({ database: 'crm', version: '12', records }));
    };
    return {
      answer: (request) => (/^\/crm\/(json|query)$/.test(request.url.pathname) ? own.answer(request) : json(404, {})),
      describe,
      throttled: (retryAfter) =>
        json(
          429,
          { message: 'Too many requests' },
          retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
        ),
      reset: (size) => {
        webhooks.clear();
        own.sessions.clear();
        own.contexts = 0;
        own.withoutData = false;
        Object.assign(own.options, {
          shape: 'exception',
          sql: true,
          lists: true,
          mostSessions: Infinity,
          timeZone: 'Europe/Brussels',
        });
        site.reset(size);
      },
      mutations: mutationsOf(site),
    };
  };
  const simulator = await Simulator.start(vendorOf, port);
  return {
    simulator,
    site: rpc!.site,
    rpc: rpc!,
    webhooks,
    deliveries,
    settings: { address: simulator.origin, flavour },
    secrets: { apiKey: CREDENTIALS.apiKey },
  };
}
