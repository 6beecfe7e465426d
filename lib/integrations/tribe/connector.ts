// Tribe CRM: selections, labels, campaigns and manual lists over OData. What it relies on is in crm-apis §5.
import { z } from 'zod';
import { checkFailed } from '../check-failed';
import type { Check, Connector, Session } from '../connector';
import { CrmError } from '../crm-error';
import { readJson } from '../json';
import { readChanged } from './changes';
import { openClient, type Client } from './client';
import type { Reading } from './contacts';
import { describeFields, sourcesOf } from './fields';
import { findList, listLists, readManual } from './lists';
import { readMembers } from './members';
import { readMetadata, type Metadata } from './metadata';
import { FORM, Secrets, Settings } from './settings';
import { readWebhook, registerWebhooks, removeWebhooks } from './webhooks';

const MINUTE = 60_000;

export const tribe: Connector<Settings, Secrets> = {
  kind: 'tribe',
  name: 'Tribe CRM',
  listWords: 'Selections',
  prefix: 'Tribe',
  settings: Settings,
  secrets: Secrets,
  form: FORM,
  manual: {
    words: 'Entity set and $filter',
    hint: "Such as Relation_Person?$filter=contains(LastName,'son'). Tribe does not support “in” and “has”.",
    problem: (definition) => {
      const read = readManual(definition);
      return 'problem' in read ? read.problem : null;
    },
  },
  // After a refusal one waits at least a minute; who goes on is blocked.
  limit: ({ api, clientId }) => ({
    key: `tribe ${new URL(api).host} ${clientId}`,
    calls: 1_000,
    perMs: MINUTE,
    concurrency: 4,
    throttledMs: MINUTE,
  }),
  readWebhook,
  hosts: ({ api, authority }) => [new URL(api).host, new URL(authority).host],
  site: ({ api, organizationId = '' }) => [api, organizationId],
  open: ({ settings, secrets, manual }, http): Session => {
    const client = openClient(settings, secrets, http);
    let read: Promise<Metadata> | undefined;
    const metadata = () => (read ??= readMetadata(client));

    const readingOf = async (fields: readonly string[]): Promise<Reading> => {
      if (fields.length === 0) return { settings, sources: [] };
      const known = sourcesOf(await metadata());
      return { settings, sources: fields.map((name) => known.get(name) ?? gone(name)) };
    };

    return {
      check: () => check(client, settings),
      describeFields: async () => describeFields(client, await metadata()),
      listLists: async () => listLists(client, settings, manual, await metadata()),
      findList: (externalId) => findList(client, settings, manual, externalId),
      readMembers: async function* (list, fields) {
        return yield* readMembers(client, list, await readingOf(fields));
      },
      readChanged: async function* (cursor, fields) {
        return yield* readChanged(client, cursor, await readingOf(fields));
      },
      registerWebhooks: (address, secret) => registerWebhooks(client, address, secret),
      removeWebhooks: (registrations) => removeWebhooks(client, registrations),
      close: () => Promise.resolve(),
    };
  },
};

function gone(field: string): never {
  throw new CrmError(
    'refused',
    `Persons in Tribe no longer have the field “${field}”, or the application may not read it. Remove it from the fields of the connection, or restore it in Tribe.`,
  );
}

const Employee = z.looseObject({ ID: z.string().optional(), _Name: z.string().nullish() });

async function check(client: Client, { clientId, organizationId, api }: Settings): Promise<Check> {
  try {
    const employee = readJson(await client.send('odata/GetCurrentEmployee()'), Employee);
    await client.send('odata/Relation_Person?$select=ID&$top=1');
    return {
      ok: true,
      account: employee._Name ?? `application ${clientId} at ${new URL(api).host}`,
      identity: [clientId, organizationId ?? '', employee.ID ?? ''].join('/'),
      identifies: 'user',
    };
  } catch (error) {
    return checkFailed(error);
  }
}
