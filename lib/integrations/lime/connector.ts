// Lime CRM: campaigns and filters, over its REST and query API. What it relies on is in crm-apis §2.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { checkFailed } from '../check-failed';
import type { Connector, ContactRecord, Contacts, CrmField, CrmList, Session } from '../connector';
import { CrmError } from '../crm-error';
import { EachOnce } from '../each-once';
import { readJson } from '../json';
import { knownById } from '../known-by-id';
import { isSigned, jsonIn } from '../signature';
import { requireNamed } from '../named-fields';
import { nameIn } from '../person-name';
import { cursorAfter, sinceIn } from '../since';
import { splitAddresses } from '../split-addresses';
import { valuesIn } from '../wire-values';
import { openClient, type Client, type Row, type Wanted } from './client';
import { readExpression, type Expression } from './expression';
import { readFields, valueOf } from './fields';
import { findList, isOfOrganisations, listLists } from './lists';
import { FORM, Secrets, Settings } from './settings';

const Root = z.looseObject({ _links: z.looseObject({}) });
const Registered = z.object({ id: z.union([z.number(), z.string()]) });
const Delivery = z.object({ body: z.object({ id: z.number().int(), limetype: z.string() }) });
const Related = z.looseObject({ _id: z.number().int() }).nullish();
const Status = z.looseObject({ key: z.string().nullish() });
/** As the base solution and sites call the name of a person. */
const NAME_FIELDS = [['name'], ['fullname'], ['firstname', 'lastname']] as const;

export const lime: Connector<Settings, Secrets> = {
  kind: 'lime',
  name: 'Lime CRM',
  listWords: 'Campaigns and filters',
  prefix: 'Lime',
  settings: Settings,
  secrets: Secrets,
  form: FORM,
  manual: {
    words: 'Filter (JSON)',
    hint: 'A filter of contacts, as Lime’s query API takes it, such as {"key":"position","op":"=","exp":"cfo"}.',
    problem: (definition) => {
      const read = readExpression(definition);
      return 'problem' in read ? read.problem : null;
    },
  },
  // §2.8: per address of the caller, so all connections to a host share it. No Retry-After is documented.
  limit: ({ address }) => ({
    key: `lime ${new URL(address).host}`,
    calls: 3_000,
    perMs: 5 * 60_000,
    concurrency: 4,
    throttledMs: 15_000,
  }),
  hosts: ({ address }) => [new URL(address).host],
  site: ({ address }) => [address],
  // Participants are not contacts: their change only wakes a sync.
  readWebhook: ({ headers, body }, secret) => {
    if (!isSigned(body, secret, headers['x-lime-signature'])) return null;
    const delivery = Delivery.safeParse(jsonIn(body));
    if (!delivery.success || delivery.data.body.limetype === 'participant') return { contactIds: [] };
    return { contactIds: [String(delivery.data.body.id)] };
  },
  open: ({ settings, secrets, manual }, http): Session => {
    const client = openClient(settings, secrets, http);
    let known: Promise<CrmField[]> | undefined;
    const fieldsNow = () => (known ??= readFields(client, settings.memberType));
    const find = (externalId: string) => findList(client, settings, manual, externalId);
    const readingOf = async (fields: readonly string[]) => new Reading(settings, await fieldsNow(), fields);

    return {
      async check() {
        try {
          readJson(await client.send({ method: 'GET', path: '/api/v1/' }), Root);
          const known = (await readFields(client, settings.memberType)).map(({ name }) => name);
          requireNamed(settings, ['emailFields', 'phoneFields'], { schema: Settings, form: FORM, known });
          const key = createHash('sha256').update(secrets.apiKey).digest('hex').slice(0, 16);
          return {
            ok: true,
            account: settings.address.replace(/^https?:\/\//, ''),
            identity: `${settings.address} ${key}`,
            identifies: 'credentials',
          };
        } catch (error) {
          const failed = checkFailed(error);
          const isNamed = new URL(settings.address).pathname !== '/';
          if (failed.ok || failed.reason !== 'wrong_address' || isNamed) return failed;
          return {
            ...failed,
            message: `${failed.message} The name of the application may be missing at its end, as in https://instance.lime-crm.com/application.`,
          };
        }
      },
      describeFields: () => readFields(client, settings.memberType),
      listLists: () => listLists(client, settings, manual),
      findList: find,
      async *readMembers(list, fields) {
        const reading = await readingOf(fields);
        const end = yield* list.kind === 'campaign'
          ? participants(client, list, reading)
          : filtered(client, list, reading);
        // A list that was deleted in the meantime looks as if it had ended, or were empty.
        const now = await find(list.externalId);
        if (!now) throw new CrmError('missing', `The list “${list.name}” is no longer there.`);
        return end;
      },
      async *readChanged(cursor, fields) {
        const reading = await readingOf(fields);
        const root = await client.send({ method: 'GET', path: '/api/v1/' });
        const nextCursor = cursorAfter(root.serverTime, fields);
        if (cursor !== null) {
          const changed: Expression = { key: '_timestamp', op: '>=', exp: sinceIn(cursor, fields) };
          for await (const rows of client.query(settings.memberType, reading.wanted, changed)) {
            yield rows.map((row) => reading.contactOf(row));
          }
        }
        // §2.6: Lime does not say what was deleted.
        return { nextCursor, deletedIds: [] };
      },
      async registerWebhooks(address, secret) {
        const events = [settings.memberType, settings.participantType].flatMap((type) =>
          ['new', 'update', 'delete', 'restore'].map((what) => `${type}.${what}`),
        );
        const body = JSON.stringify({ events, target_url: address, name: 'Tagwell', secret });
        const answer = await client.send({ method: 'POST', path: '/api/v1/subscription/', body });
        return [String(readJson(answer, Registered).id)];
      },
      async removeWebhooks(registrations) {
        for (const id of registrations) {
          const path = `/api/v1/subscription/${encodeURIComponent(id)}/`;
          await client.send({ method: 'DELETE', path, repeatable: true }, [404]);
        }
      },
      close: () => Promise.resolve(),
    };
  },
};

/** What is asked for of contacts, and how they become records. */
class Reading {
  readonly settings: Settings;
  readonly #fields: CrmField[];
  readonly wanted: Wanted;

  /** Throws if a field that was asked for is gone. Those for matching and the name are left out if a site does not have them. */
  constructor(settings: Settings, known: readonly CrmField[], fields: readonly string[]) {
    this.settings = settings;
    this.#fields = fields.map((name) => known.find((field) => field.name === name) ?? gone(name));
    const names = new Set(known.map(({ name }) => name));
    const matching = [...settings.emailFields, ...settings.phoneFields, settings.inactiveField];
    this.wanted = Object.fromEntries(
      [...matching, ...NAME_FIELDS.flat(), ...fields].filter((name) => names.has(name)).map((name) => [name, '']),
    );
  }

  contactOf(row: Row): ContactRecord {
    const { emailFields, phoneFields, inactiveField, memberType } = this.settings;
    return {
      entity: memberType,
      id: String(row._id),
      name: nameIn(row, NAME_FIELDS),
      emails: splitAddresses(emailFields.map((name) => row[name])),
      phones: splitAddresses(phoneFields.map((name) => row[name])),
      fields: valuesIn(
        row,
        this.#fields,
        ({ name }) => name,
        (value, { type }) => valueOf(value, type),
      ),
      active: row[inactiveField] !== true,
    };
  }
}

function gone(field: string): never {
  throw new CrmError(
    'refused',
    `Contacts in Lime no longer have the field “${field}”, or the API user may not read it. Remove it from the fields of the connection, or restore it in Lime.`,
  );
}

/** Contacts that take part in a campaign, each once. A participant without a contact is skipped: it is an organisation. */
async function* participants(client: Client, list: CrmList, reading: Reading): Contacts {
  const { participantType, participantCampaign, participantPerson, participantStatus, leftOut } = reading.settings;
  const campaign = Number(list.externalId.replace(/^campaign:/, ''));
  const each = new EachOnce();
  /** Participants whose contact Lime did not give. */
  const open = new Set<number>();
  const pages = client.query(
    participantType,
    { [participantStatus]: '', [participantPerson]: { _id: '', ...reading.wanted } },
    { key: participantCampaign, op: '=', exp: campaign },
  );
  for await (const rows of pages) {
    const contacts = rows.flatMap((row) => {
      const status = Status.safeParse(row[participantStatus]);
      if (status.success && leftOut.includes(status.data.key ?? '')) return [];
      const person = Related.safeParse(row[participantPerson]);
      if (!person.success) throw noContacts(participantPerson);
      if (!person.data) open.add(row._id);
      return person.data ? [reading.contactOf(person.data)] : [];
    });
    yield each.fresh(contacts, ({ id }) => id);
  }
  if (open.size === 0) return { seen: each.seen, skipped: 0 };
  // Objects show the id of a contact even if the contact itself cannot be read (§2.4 [C]).
  let skipped = open.size;
  for await (const rows of client.objects(participantType, { [participantCampaign]: campaign })) {
    const own = rows.filter(({ _id }) => open.delete(_id)).map((row) => row[participantPerson]);
    if (own.includes(undefined)) throw noContacts(participantPerson);
    const ids = own.filter((id) => typeof id === 'number');
    skipped -= ids.length;
    const hidden = ids.map((id) => knownById(reading.settings.memberType, String(id)));
    yield each.fresh(hidden, ({ id }) => id);
  }
  return { seen: each.seen, skipped };
}

const noContacts = (field: string) =>
  new CrmError(
    'unreadable',
    `Participants in Lime have no contact in “${field}”. Check the object types and fields in the settings of the connection, and the rights of the API user.`,
  );

/** Contacts that a filter finds, or those of the organisations that it finds. */
async function* filtered(client: Client, list: CrmList, reading: Reading): Contacts {
  const read = readExpression(list.definition);
  const problem = list.problem ?? ('problem' in read ? read.problem : undefined);
  if (problem !== undefined || 'problem' in read) {
    throw new CrmError('refused', `“${list.name}” cannot be read. ${problem}`);
  }
  const { memberType, memberOrganisation, organisationType } = reading.settings;
  const each = new EachOnce();
  async function* contacts(filter: Expression) {
    for await (const rows of client.query(memberType, reading.wanted, filter)) {
      yield each.fresh(rows, ({ _id }) => String(_id)).map((row) => reading.contactOf(row));
    }
  }
  if (!isOfOrganisations(list)) yield* contacts(read.expression);
  else {
    for await (const rows of client.query(organisationType, {}, read.expression)) {
      yield* contacts({ key: memberOrganisation, op: 'IN', exp: rows.map(({ _id }) => _id) });
    }
  }
  return { seen: each.seen, skipped: 0 };
}
