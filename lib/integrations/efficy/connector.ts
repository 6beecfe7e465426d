// efficy CRM, Enterprise and U: profiles, stored queries and manual lists over JSON-RPC. What it relies on is in crm-apis §6.
import { z } from 'zod';
import { checkFailed } from '../check-failed';
import type { Check, Connector, CrmField, Delivery, Hint, Session } from '../connector';
import { CrmError } from '../crm-error';
import { isSame, jsonIn } from '../signature';
import { isZone } from '../zoned-time';
import { readChanged } from './changes';
import { openClient, type Client, type Func, type Operation } from './client';
import { readColumns, type Reading, type Selects } from './contacts';
import { findList, listLists, readManual } from './lists';
import { readMembers } from './members';
import { FORM, namesOf, Secrets, Settings } from './settings';

const MINUTE = 60_000;

export const efficy: Connector<Settings, Secrets> = {
  kind: 'efficy',
  name: 'efficy CRM',
  listWords: 'Profiles and queries',
  prefix: 'efficy',
  settings: Settings,
  secrets: Secrets,
  form: FORM,
  manual: {
    words: 'Query key or SQL',
    hint: "The key of a stored query, such as 99990034, or 99990034|Paris if it needs a value. Or SQL, such as SELECT K_CONTACT FROM CONTACTS WHERE CITY = 'Paris'. Each row needs the key of a contact.",
    problem: (definition) => {
      const read = readManual(definition);
      return 'problem' in read ? read.problem : null;
    },
  },
  // No limit is published. More than two calls at the same time gain little.
  limit: ({ address, customer = '' }) => ({
    key: `efficy ${new URL(address).host} ${customer}`,
    calls: 600,
    perMs: MINUTE,
    concurrency: 2,
    throttledMs: 5_000,
  }),
  readWebhook,
  webhooksByHand: {
    words:
      'In efficy, open Designer → Content Management → WebHooks, and add one for contacts (and for profiles, if it lists them) that posts to this address.',
    secretIn: 'address',
  },
  hosts: ({ address }) => [new URL(address).host],
  site: ({ address, customer = '' }) => [address, customer],
  open: ({ settings, secrets, manual }, http): Session => {
    const client = openClient(settings, secrets, http);
    const names = namesOf(settings);
    let columns: Promise<CrmField[]> | undefined;
    let zone: Promise<string> | undefined;
    const selects: { can: Selects } = { can: 'with_names' };

    const readingOf = async (fields: readonly string[]): Promise<Reading> => {
      const { pageSize } = settings;
      if (fields.length === 0) return { names, fields: [], zone: 'UTC', pageSize, selects };
      const known = await (columns ??= readColumns(client, names));
      const wanted = fields.map((name) => known.find((column) => column.name === name) ?? unseen(name, known));
      const needsZone = wanted.some(({ type }) => type === 'date_time');
      const own = needsZone ? await (zone ??= readZone(client, settings)) : 'UTC';
      return { names, fields: wanted, zone: own, pageSize, selects };
    };

    return {
      check: () => check(client, settings),
      describeFields: () => (columns ??= readColumns(client, names)),
      listLists: () => listLists(client, settings, names, manual),
      findList: (externalId) => findList(client, settings, names, manual, externalId),
      readMembers: async function* (list, fields) {
        const exists = async () => (await findList(client, settings, names, manual, list.externalId)) !== null;
        return yield* readMembers(client, settings, list, await readingOf(fields), exists);
      },
      ...(names.changedField !== undefined && {
        readChanged: async function* (cursor, fields) {
          const reading = await readingOf(fields);
          const own = { ...reading, zone: await (zone ??= readZone(client, settings)) };
          return yield* readChanged(client, cursor, own, names.changedField!, await client.serverTime());
        },
      }),
      close: () => client.close(),
    };
  },
};

/** A column that the sample does not have: of no rows at all nothing can be said. */
function unseen(name: string, known: readonly CrmField[]): CrmField {
  if (known.length === 0) return { name, label: name, type: 'text', required: false };
  throw new CrmError(
    'refused',
    `Contacts in efficy no longer have the column “${name}”, or the user of the connection may not read it. Remove it from the fields of the connection, or restore it in efficy.`,
  );
}

const api = (name: string): [Operation, Func] => [{ '@name': 'api' }, { '@name': name }];
async function readZone(client: Client, { timeZone }: Settings): Promise<string> {
  if (timeZone !== undefined) return timeZone;
  const [result] = await client.run([api('currentdatabasetimezone')]);
  const zone = z.string().safeParse(result);
  if (zone.success && isZone(zone.data)) return zone.data;
  throw new CrmError(
    'unreadable',
    'The efficy server did not name the time zone of its database in a way that Tagwell knows. Enter it in the settings of the connection.',
  );
}

async function check(client: Client, { address, customer = '' }: Settings): Promise<Check> {
  try {
    const [result] = await client.run([api('currentusername'), api('currentdatabasetimezone')]);
    const name = z.string().safeParse(result);
    if (!name.success) {
      throw new CrmError(
        'unreadable',
        'The efficy server did not say who is signed in. Check the address of the server.',
      );
    }
    return {
      ok: true,
      account: `${name.data} at ${new URL(address).host}`,
      identity: [customer, name.data].join('/'),
      identifies: 'user',
    };
  } catch (error) {
    return checkFailed(error);
  }
}

const Text = z.union([z.string(), z.number()]).transform(String);
const Notice = z.object({ records: z.array(z.object({ table: Text, key: Text })) });
/** By name, or by the number of the table: both are documented. */
const CONTACTS = /^(contacts?|11000)$/i;

/** Webhooks are made in the Designer, and nothing signs them (crm-apis §6.8): the secret follows the address there. */
function readWebhook({ body, path = '' }: Delivery, secret: string): Hint | null {
  if (!isSame(path, encodeURIComponent(secret))) return null;
  const notice = Notice.safeParse(jsonIn(body));
  if (!notice.success) return null;
  const contacts = notice.data.records.filter(({ table }) => CONTACTS.test(table));
  return { contactIds: [...new Set(contacts.map(({ key }) => key))] };
}
