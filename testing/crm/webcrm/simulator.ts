// A made-up webCRM (crm-apis §3.9): sign-in for an hour, bare arrays without an end, /Queries, hooks, and overviews at paths of ours.
import { Deliveries } from '../deliveries';
import { mutationsOf, Population, type Change, randomOf, type SimContact } from '../population';
import { Simulator } from '../server';
import { json, type SimAnswer, type SimRequest } from '@/demo/crm/wire';
import { BadScript, runScript, type Row } from './script';

export const TOKEN = '7a9b4b54-0e6e-4f0e-9d5c-1c8f6a1f2b3c';
const HOUR_MS = 3_600_000;
const MOST = 1_000;

/** Name, display type, label. */
const FIELDS: [name: string, type: string, label: string, options?: string[]][] = [
  ['PersonFirstName', 'T', 'First name'],
  ['PersonLastName', 'T', 'Last name'],
  ['PersonEmail', 'EMA', 'Email'],
  ['PersonEmail2', 'EMA', 'Email 2'],
  ['PersonMobilePhone', 'TELE', 'Mobile'],
  ['PersonDirectPhone', 'TELE', 'Direct'],
  ['PersonStatus', 'D', 'Status', ['Active', 'Resigned', 'Other', 'Guest']],
  ['PersonBirthday', 'DA', 'Birthday'],
  ['PersonCheckMark1', 'C', 'VIP'],
  ['PersonCustom1', 'C', 'Newsletter', ['Yes']],
  ['PersonCustom2', 'ML', 'Interests', ['Wine', 'Ships']],
  ['PersonSortOrder', 'I', 'Order'],
  ['PersonUpdatedAt', 'DTGMT', 'Updated'],
];

export type WebcrmSimulator = {
  simulator: Simulator;
  world: Population;
  /** Switches the routes that may not be there, the order of rows, and how a failed sign-in comes. */
  options: {
    queries: boolean;
    overviews: boolean;
    unstable: boolean;
    failedLogin: 200 | 401;
    entity: string;
    callsPerMinute: number;
  };
  hideField: (name: string) => void;
  hooks: Map<number, { EventType: string; TargetUrl: string }>;
  deliveries: Deliveries;
};

export async function startWebcrm(port?: number): Promise<WebcrmSimulator> {
  let world!: Population;
  let now!: () => number;
  const hidden = new Set<string>();
  const options: WebcrmSimulator['options'] = {
    queries: true,
    overviews: true,
    unstable: false,
    failedLogin: 200,
    entity: 'Person',
    callsPerMinute: 250,
  };
  const hooks: WebcrmSimulator['hooks'] = new Map();
  const deliveries = new Deliveries();
  const tokens = new Map<string, number>();
  let reads = 0;

  function answer(request: SimRequest): SimAnswer {
    const { url, headers, method } = request;
    if (url.pathname === '/Auth/ApiLogin') return login(request);
    const until = tokens.get(headers.authorization?.replace('Bearer ', '') ?? '');
    if (until === undefined || until < now()) return problem(401, 'Unauthorized', 'UnauthorizedException');
    const [, first = '', second = '', third = ''] = url.pathname.split('/');
    if (second === 'Hooks') return hook(request, third);
    if (method !== 'GET') return problem(405, 'Method not allowed', 'MethodNotAllowedException');
    if (first === 'Auth') return json(200, { UserId: 1, UserName: 'api', SystemName: 'Simulator' });
    if (first === 'FieldsMetadata') return second === 'Person' ? json(200, metadata()) : notFound();
    if (first === 'Persons' && second === '') return paged(url, shuffled(present()), person);
    if (first === 'Organisations' && second === '') return paged(url, organisations());
    if (first === 'Queries' && options.queries) return queries(url);
    if (first === 'Overviews' && options.overviews) return overviews(url, second, third);
    return notFound();
  }

  function login({ method, body, headers }: SimRequest): SimAnswer {
    const code = headers['content-type']?.includes('urlencoded') ? new URLSearchParams(body).get('authCode') : null;
    if (method !== 'POST') return notFound();
    if (code !== TOKEN) {
      const words = { Error: 'invalid_code', ErrorDescription: 'The application token is unknown', IsError: true };
      return json(options.failedLogin, { AccessToken: null, RefreshToken: null, ...words });
    }
    const token = `eyJ.${tokens.size + 1}.${now()}`;
    tokens.set(token, now() + HOUR_MS);
    return json(200, {
      AccessToken: token,
      RefreshToken: `refresh-${tokens.size}`,
      Error: null,
      ErrorDescription: null,
      IsError: false,
      ExpiresIn: HOUR_MS / 1_000,
      TokenType: 'Bearer',
    });
  }

  const metadata = () =>
    FIELDS.filter(([name]) => !hidden.has(name)).map(([name, type, label, choices], index) => ({
      FieldMetadataId: index + 1,
      FieldMetadataDbFieldName: `p_${name.slice(6).toLowerCase()}`,
      FieldMetadataFriendlyFieldName: name,
      FieldMetadataLabel: label,
      FieldMetadataSortOrder: index,
      FieldMetadataDisplayType: type,
      FieldMetadataTextFieldMaxLength: 200,
      FieldMetadataDropdownListData: choices?.map((choice) => ({ Text: choice, Value: choice })) ?? [],
    }));

  /** In order of their first contact. */
  const companyIds = new Map<string, number>();
  const companyId = (name: string) => {
    const id = companyIds.get(name) ?? companyIds.size + 1;
    companyIds.set(name, id);
    return id;
  };

  const person = (contact: SimContact): Row => {
    const row: Row = {
      PersonId: Number(contact.id),
      PersonOrganisationId: companyId(contact.company),
      PersonFirstName: contact.firstName,
      PersonLastName: contact.lastName,
      PersonEmail: contact.email,
      PersonEmail2: '',
      PersonMobilePhone: contact.phone,
      PersonDirectPhone: null,
      PersonStatus: contact.active ? 'Active' : 'Resigned',
      PersonBirthday: contact.birthday === '' ? null : `${contact.birthday}T00:00:00`,
      PersonCheckMark1: contact.position === 'ceo',
      PersonCustom1: contact.position === 'cfo' ? 'Yes' : '',
      PersonCustom2: contact.position === 'cfo' ? 'Wine;Ships' : '',
      PersonSortOrder: 0,
      PersonUpdatedAt: new Date(contact.changedAt).toISOString().replace('Z', ''),
    };
    for (const name of hidden) delete row[name];
    return row;
  };
  const present = () => [...world.contacts.values()].filter(({ deleted }) => !deleted);
  const persons = () => present().map(person);
  const organisations = (): Row[] => {
    for (const { company } of world.contacts.values()) companyId(company);
    return [...companyIds].map(([name, id]) => ({
      OrganisationId: id,
      OrganisationName: name,
      OrganisationCountry: name.startsWith('Nordic') ? 'NO' : 'DK',
    }));
  };

  /** The order is not promised: another one each time, if so chosen. */
  function shuffled<T>(rows: T[]): T[] {
    if (!options.unstable) return rows;
    reads += 1;
    const random = randomOf(reads);
    return rows
      .map((row) => ({ row, at: random() }))
      .toSorted((left, right) => left.at - right.at)
      .map(({ row }) => row);
  }

  function queries(url: URL): SimAnswer {
    try {
      return paged(
        url,
        runScript(url.searchParams.get('script') ?? '', { Person: persons(), Organisation: organisations() }),
      );
    } catch (error) {
      if (error instanceof BadScript) return problem(400, error.message, 'SqlException');
      throw error;
    }
  }

  function overviews(url: URL, id: string, what: string): SimAnswer {
    const lists = [...world.lists.values()].filter(({ deleted }) => !deleted);
    if (id === '') {
      return paged(
        url,
        lists.map((list) => ({
          OverviewId: Number(list.id),
          OverviewName: list.name,
          OverviewEntityType: options.entity,
          OverviewUpdatedAt: new Date(list.changedAt).toISOString(),
        })),
      );
    }
    if (what !== 'Persons' || !lists.some((list) => list.id === id)) return notFound();
    const members = world.members.get(id);
    return paged(
      url,
      present().filter((contact) => members?.has(contact.id)),
      person,
    );
  }

  function hook({ method, body }: SimRequest, id: string): SimAnswer {
    if (method === 'POST') {
      const made = hooks.size + 1;
      hooks.set(made, JSON.parse(body) as { EventType: string; TargetUrl: string });
      return json(200, made);
    }
    if (method === 'DELETE' && hooks.delete(Number(id))) return json(200, Number(id));
    return notFound();
  }

  function notify({ what, contactId }: Change): void {
    const type = { created: 'Create', updated: 'Update', deleted: 'Delete' }[what as string];
    for (const { EventType, TargetUrl } of hooks.values()) {
      if (EventType === type) deliveries.post(TargetUrl, JSON.stringify({ EventType, PersonId: Number(contactId) }));
    }
  }

  const simulator = await Simulator.start((base) => {
    now = base.now;
    world = new Population(now);
    world.onChange = notify;
    return {
      answer,
      limit: {
        calls: () => options.callsPerMinute,
        perMs: 60_000,
        keyOf: ({ url }) => (url.pathname.startsWith('/Auth/') ? null : 'token'),
      },
      throttled: (retryAfter) =>
        json(
          429,
          {
            RetryAfterSeconds: retryAfter ?? 0,
            Message: 'The request was throttled. The limit of 250 requests per minute is reached',
            Type: 'TooManyRequestsException',
          },
          retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
        ),
      reset: (size) => {
        hidden.clear();
        hooks.clear();
        companyIds.clear();
        Object.assign(options, {
          queries: true,
          overviews: true,
          unstable: false,
          failedLogin: 200,
          entity: 'Person',
          callsPerMinute: 250,
        });
        world.reset(size);
      },
      mutations: mutationsOf(world),
    };
  }, port);
  return { simulator, world, options, hooks, deliveries, hideField: (name) => hidden.add(name) };
}

const problem = (status: number, Message: string, Type: string) => json(status, { Message, Type });
const notFound = () => problem(404, 'Not found', 'NotFoundException');

function paged<T>(url: URL, rows: T[], asRow: (row: T) => unknown = (row) => row): SimAnswer {
  const [page, size] = ['Page', 'Size'].map((name) => Number(url.searchParams.get(name) ?? Number.NaN));
  if (!page || !size || page < 1 || size < 1 || size > MOST)
    return problem(400, 'Page or Size is invalid', 'ArgumentException');
  return json(200, rows.slice((page - 1) * size, page * size).map(asRow));
}
