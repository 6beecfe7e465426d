// Microsoft Dynamics 365: marketing lists over the Dataverse Web API. What it relies on is in crm-apis §4.
import { z } from 'zod';
import type { Check, Connector, CrmList, Session } from '../connector';
import { checkFailed } from '../check-failed';
import { CrmError } from '../crm-error';
import { requireNamed } from '../named-fields';
import { readChanged } from './changes';
import { openClient, type Client } from './client';
import type { PersonTable, Reading } from './contacts';
import { readFetchXml } from './fetch-xml';
import { readColumns, type Column } from './fields';
import { findList, listLists } from './lists';
import { personTableOf, readMembers } from './members';
import { FORM, Secrets, Settings } from './settings';

const MINUTES = 60_000;

const WhoAmI = z.object({ UserId: z.string(), OrganizationId: z.string() });
const Table = z.object({ ChangeTrackingEnabled: z.boolean().nullish() });
const Some = z.object({ value: z.array(z.unknown()) });

export const dynamics: Connector<Settings, Secrets> = {
  kind: 'dynamics',
  name: 'Microsoft Dynamics 365',
  listWords: 'Marketing lists',
  prefix: 'Dynamics',
  settings: Settings,
  secrets: Secrets,
  form: FORM,
  manual: {
    words: 'FetchXML',
    hint: 'A query for contacts. “Download FetchXML” in Advanced Find gives one; its columns and their order do not matter.',
    problem: (definition) => {
      const read = readFetchXml(definition);
      return 'problem' in read ? read.problem : null;
    },
  },
  // The limit is per application user and web server; there is at least one server.
  limit: ({ environment, clientId }) => ({
    key: `dynamics ${new URL(environment).host} ${clientId}`,
    calls: 6_000,
    perMs: 5 * MINUTES,
    concurrency: 4,
    throttledMs: 30_000,
  }),
  hosts: ({ environment, authority }) => [new URL(environment).host, new URL(authority).host],
  site: ({ environment, tenantId }) => [environment, tenantId],
  open: ({ settings, secrets, manual }, http): Session => {
    const client = openClient(settings, secrets, http);
    const columns = rememberedColumns(client);

    const readingOf = async (table: PersonTable, fields: readonly string[]): Promise<Reading> => {
      if (fields.length === 0) return { table, columns: [], settings };
      const known = await columns(table);
      // Leads have some of the fields of contacts.
      const present = fields.filter((name) => table === 'contact' || known.has(name));
      return { table, columns: present.map((name) => known.get(name) ?? gone(name)), settings };
    };

    return {
      check: () => check(client, settings),
      describeFields: async () => [...(await columns('contact')).values()].map(({ column: _, ...field }) => field),
      listLists: () => listLists(client, settings, manual),
      findList: (externalId) => findList(client, settings, manual, externalId),
      readMembers: async function* (list, fields) {
        refuseProblem(list);
        return yield* readMembers(client, list, await readingOf(personTableOf(list), fields));
      },
      readChanged: async function* (cursor, fields) {
        const tracked = async () =>
          (
            await client.readOne(
              `EntityDefinitions(LogicalName='contact')?$select=LogicalName,ChangeTrackingEnabled`,
              Table,
            )
          ).ChangeTrackingEnabled === true;
        return yield* readChanged(client, cursor, await readingOf('contact', fields), tracked);
      },
      close: () => Promise.resolve(),
    };
  },
};

/** The columns of tables, read once in a session. */
function rememberedColumns(client: Client): (table: PersonTable) => Promise<Map<string, Column>> {
  const known = new Map<PersonTable, Promise<Map<string, Column>>>();
  return (table) => {
    const read = known.get(table) ?? readColumns(client, table);
    known.set(table, read);
    return read;
  };
}

function gone(field: string): never {
  throw new CrmError(
    'refused',
    `Contacts in Dynamics no longer have the field “${field}”, or the application user may not read it. Remove it from the fields of the connection, or restore it in Dynamics.`,
  );
}

/** A list that cannot be read faithfully must not be read at all. */
function refuseProblem({ name, problem }: CrmList): void {
  if (problem) throw new CrmError('refused', `“${name}” cannot be read. ${problem}`);
}

async function check(client: Client, settings: Settings): Promise<Check> {
  try {
    const { UserId, OrganizationId } = await client.readOne('WhoAmI', WhoAmI);
    await client.readOne('lists?$select=listid&$top=1', Some);
    const select = ['contactid', ...settings.emailFields, ...settings.phoneFields].join(',');
    try {
      await client.readOne(`contacts?$select=${select}&$top=1`, Some);
    } catch (error) {
      if (!(error instanceof CrmError) || error.kind !== 'refused') throw error;
      const known = (await readColumns(client, 'contact')).keys();
      requireNamed(settings, ['emailFields', 'phoneFields'], { schema: Settings, form: FORM, known });
      throw error;
    }
    return {
      ok: true,
      account: `application user ${UserId} of ${new URL(settings.environment).host}`,
      identity: `${OrganizationId}/${UserId}`.toLowerCase(),
      identifies: 'user',
    };
  } catch (error) {
    return checkFailed(error);
  }
}
