// Any system that serves the connector contract of Apsis One (apsis-one-api, end): it keeps lists of profiles and serves them by page.
// Known [C]: the paths, the parameters and the members of the answers. Ours: the limit on calls, since none is published.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { checkFailed } from '../check-failed';
import type { Connector, Contacts, CrmField, CrmList, FieldType, FieldValue, Session } from '../connector';
import { byIds } from '../by-ids';
import { CrmError } from '../crm-error';
import type { Http } from '../http';
import { readJson } from '../json';
import { requireNamed } from '../named-fields';
import { numberedPages } from '../numbered-pages';
import { nameIn } from '../person-name';
import { isSigned, jsonIn } from '../signature';
import { splitAddresses } from '../split-addresses';
import { FORM, Secrets, Settings } from './settings';

/** Characters of ids in one address: servers and proxies take some 8,000 in all. */
const ID_CHARS = 4_000;

/** How long lists that were read are used to look one up. */
const LISTS_LIVE_MS = 60_000;

/** What systems call the name of a person, whole or in parts; the first ones that are there count. */
const NAME_FIELDS = [['name'], ['full_name'], ['first_name', 'last_name'], ['firstname', 'lastname']] as const;

const Id = z.union([z.string().min(1), z.number().int()]).transform(String);
const ListRow = z.object({
  list_id: Id,
  list_name: z.string(),
  list_entity: z.string().nullish(),
  is_dynamic: z.boolean().nullish(),
});
const Member = z.object({ profile_id: Id });
const Field = z.object({ code_name: z.string().min(1), type: z.string(), display_name: z.string().nullish() });
const Value = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const Profile = z.object({ profile_id: Id }).catchall(Value);
const Count = z.object({ count: z.number().int().nonnegative() });
const Subscription = z.object({ subscription_id: Id });
const Delivery = z.array(z.object({ record_id: Id }));

const TYPES: Record<string, FieldType> = { integer: 'integer', double: 'decimal', boolean: 'boolean', string: 'text' };

export const generic: Connector<Settings, Secrets> = {
  kind: 'generic',
  name: 'Another system (connector contract)',
  listWords: 'Lists',
  prefix: 'List',
  settings: Settings,
  secrets: Secrets,
  form: FORM,
  limit: ({ address }) => ({
    key: `generic ${new URL(address).host}`,
    calls: 600,
    perMs: 60_000,
    concurrency: 2,
    throttledMs: 5_000,
  }),
  hosts: ({ address }) => [new URL(address).host],
  site: ({ address }) => [address],
  readWebhook: ({ headers, body }, secret) => {
    if (!isSigned(body, secret, headers['x-justin-signature'])) return null;
    const records = Delivery.safeParse(jsonIn(body));
    return { contactIds: records.success ? records.data.map(({ record_id }) => record_id) : [] };
  },
  webhooksByHand: {
    words:
      'Let the system post a JSON array such as [{"record_id": 7, "operation": "updated"}] to this address when profiles change, with the header x-justin-signature: “sha256=” and the HMAC-SHA256 of the body under the key, in hexadecimal.',
    secretIn: 'key',
  },
  open: ({ settings, secrets }, http) => openSession(settings, secrets, http),
};

function openSession(settings: Settings, { apiKey }: Secrets, http: Http): Session {
  const { address, pageSize } = settings;
  const headers = { 'x-api-key': apiKey, accept: 'application/json' };

  async function get<T>(
    path: string,
    schema: z.ZodType<T>,
    parameters: Record<string, string | number> = {},
  ): Promise<T> {
    const query = new URLSearchParams(Object.entries(parameters).map(([name, value]) => [name, String(value)]));
    const url = `${address}/${path}${query.size > 0 ? `?${query}` : ''}`;
    return readJson(await http.send({ method: 'GET', url, headers }), schema);
  }

  async function allLists(): Promise<CrmList[]> {
    const lists: CrmList[] = [];
    const pages = numberedPages({
      readPage: (page, size) => get('profile_lists', z.array(ListRow), { page, page_size: size }),
      keyOf: ({ list_id }) => list_id,
      pageSize,
    });
    for await (const rows of pages) lists.push(...rows.map(listOf));
    return lists;
  }

  let known: { at: number; lists: CrmList[] } | undefined;
  /** A list as it was read at this time or later: the contract has no way to ask for one. */
  async function findList(externalId: string, since: number): Promise<CrmList | null> {
    if (!known || known.at < since) {
      const at = Date.now();
      known = { at, lists: await allLists() };
    }
    return known.lists.find((list) => list.externalId === externalId) ?? null;
  }

  const describeFields = async (): Promise<CrmField[]> =>
    (await get('schema/profile', z.array(Field))).map(({ code_name, type, display_name }) => ({
      name: code_name,
      label: display_name || code_name,
      type: TYPES[type] ?? 'text',
      required: false,
    }));

  /**
   * The fields to ask for, with those that contacts are matched by, and their names if it has such fields. Throws if one that was asked
   * for is gone.
   */
  async function wanted(fields: readonly string[]): Promise<string[]> {
    const known = new Set((await describeFields()).map(({ name }) => name));
    const gone = fields.find((name) => !known.has(name));
    if (gone !== undefined) {
      throw new CrmError(
        'refused',
        `The system no longer has the field “${gone}”. Remove it from the fields of the connection, or restore it there.`,
      );
    }
    const names = NAME_FIELDS.flat().filter((name) => known.has(name));
    return [...new Set(['profile_id', ...settings.emailFields, ...settings.phoneFields, ...fields, ...names])];
  }

  /** Profiles by id. Those whose records the system does not give are absent. */
  async function profiles(ids: readonly string[], fields: readonly string[]) {
    const found = new Map<string, z.infer<typeof Profile>>();
    const read = (some: readonly string[]) =>
      get('records/profile', z.array(Profile), {
        page: 0,
        page_size: some.length,
        ids: some.join(','),
        fields: fields.join(','),
      });
    for (const some of inAddresses(ids)) {
      for (const [id, profile] of await byIds(some, read, ({ profile_id }) => profile_id)) found.set(id, profile);
    }
    return found;
  }

  async function* readMembers(list: CrmList, fields: readonly string[]): Contacts {
    const asked = await wanted(fields);
    const path = `profile_lists/profile/${encodeURIComponent(idOf(list.externalId))}/records`;
    const began = Date.now();
    let seen = 0;
    const pages = numberedPages({
      readPage: (page, size) => get(path, z.array(Member), { page, page_size: size }),
      keyOf: ({ profile_id }) => profile_id,
      pageSize,
    });
    for await (const rows of pages) {
      const ids = rows.map(({ profile_id }) => profile_id);
      const found = await profiles(ids, asked);
      if (found.size === 0 && ids.length > 1) {
        throw new CrmError(
          'incomplete',
          'The system names members of the list, but gives none of their records. Ask whether the API key may read profiles.',
        );
      }
      seen += ids.length;
      // The list names them, so they are members, even if nothing else is known of them.
      yield ids.map((id) => contactOf(found.get(id) ?? { profile_id: id }, settings, fields));
    }
    // A list that was deleted in the meantime may look as if it were empty.
    if (seen === 0 && !(await findList(list.externalId, began))) {
      throw new CrmError('missing', `The list “${list.name}” is no longer there.`);
    }
    const { count } = await get(`${path}/count`, Count);
    return { seen, skipped: 0, declared: { members: count, exact: true } };
  }

  return {
    async check() {
      try {
        const known = (await describeFields()).map(({ name }) => name);
        requireNamed(settings, ['emailFields', 'phoneFields'], { schema: Settings, form: FORM, known });
        await get('profile_lists', z.array(ListRow), { page: 0, page_size: 1 });
        const key = createHash('sha256').update(apiKey).digest('hex').slice(0, 16);
        const identity = `${address} ${key}`;
        return { ok: true, account: new URL(address).host, identity, identifies: 'credentials' };
      } catch (error) {
        return checkFailed(error);
      }
    },
    describeFields,
    listLists: async () => ({ lists: await allLists(), complete: true, notes: [] }),
    findList: (externalId) => findList(externalId, Date.now() - LISTS_LIVE_MS),
    readMembers,
    async registerWebhooks(callback, secret) {
      const answer = await http.send(
        {
          method: 'POST',
          url: `${address}/webhooks/records/profile`,
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify({ callback_url: callback, fields: settings.emailFields, secret }),
        },
        // It is registered already.
        { accept: [409] },
      );
      return [readJson(answer, Subscription).subscription_id];
    },
    async removeWebhooks(registrations) {
      for (const id of registrations) {
        const url = `${address}/webhooks/records/subscriptions/${encodeURIComponent(id)}`;
        await http.send({ method: 'DELETE', url, headers, repeatable: true }, { accept: [404] });
      }
    },
    close: () => Promise.resolve(),
  };
}

/** Parts of the ids that fit into an address each, with the commas percent-encoded. */
function inAddresses(ids: readonly string[]): string[][] {
  const parts: string[][] = [[]];
  let length = 0;
  for (const id of ids) {
    length += encodeURIComponent(id).length + 3;
    if (length > ID_CHARS) {
      parts.push([]);
      length = 0;
    }
    parts.at(-1)?.push(id);
  }
  return parts.filter((part) => part.length > 0);
}

const listOf = ({ list_id, list_name, list_entity, is_dynamic }: z.infer<typeof ListRow>): CrmList => ({
  externalId: `list:${list_id}`,
  name: list_name,
  kind: is_dynamic ? 'dynamic' : 'static',
  memberType: 'contact',
  active: true,
  ...(list_entity && list_entity !== 'profile'
    ? { problem: `Its members are “${list_entity}”, which are not profiles.` }
    : {}),
});

const idOf = (externalId: string) => externalId.replace(/^list:/, '');

function contactOf(profile: z.infer<typeof Profile>, settings: Settings, fields: readonly string[]) {
  const textsOf = (names: readonly string[]) => splitAddresses(names.map((name) => String(profile[name] ?? '')));
  return {
    entity: 'profile',
    id: profile.profile_id,
    name: nameIn(profile, NAME_FIELDS),
    emails: textsOf(settings.emailFields),
    phones: textsOf(settings.phoneFields),
    fields: Object.fromEntries(
      // What the answer leaves out is unknown, not empty.
      fields.flatMap((name): [string, FieldValue][] => {
        const value = profile[name];
        return value === undefined ? [] : [[name, value === '' ? null : value]];
      }),
    ),
    active: true,
  };
}
