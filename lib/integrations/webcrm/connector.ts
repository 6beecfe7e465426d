// webCRM: overviews and manual lists, over its REST API. What it relies on is in crm-apis §3.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { checkFailed } from '../check-failed';
import type { Connector, CrmField, Session } from '../connector';
import { CrmError } from '../crm-error';
import { readJson } from '../json';
import { requireNamed } from '../named-fields';
import { isSame, jsonIn } from '../signature';
import { cursorAfter, sinceIn } from '../since';
import { openClient } from './client';
import { readDefinition } from './definition';
import { readFields } from './fields';
import { findList, listLists } from './lists';
import { queryPath, Reading, readMembers } from './members';
import { fieldsOf, FORM, Secrets, Settings } from './settings';

const UserInfo = z.looseObject({});
const HookId = z.union([z.number().int(), z.string().min(1)]).transform(String);
/** §3.7: the body is not published. An id is taken from where one may be. */
const Notice = z.looseObject({});

export const webcrm: Connector<Settings, Secrets> = {
  kind: 'webcrm',
  name: 'webCRM',
  listWords: 'Overviews',
  prefix: 'webCRM',
  settings: Settings,
  secrets: Secrets,
  form: FORM,
  manual: {
    words: 'Query or conditions',
    hint: "A query, such as SELECT * FROM Person WHERE PersonCustom1 = 'Yes'. Or one condition a line, such as PersonStatus = Active, with “any:” as the first line if one of them is enough. Operators: = != >= <= contains in empty notempty.",
    problem: (definition) => {
      const read = readDefinition(definition);
      return 'problem' in read ? read.problem : null;
    },
  },
  // §3.8 [C]: sliding, per application token.
  limit: ({ address }, { token }) => ({
    key: `webcrm ${new URL(address).host} ${fingerprint(token)}`,
    calls: 250,
    perMs: 60_000,
    concurrency: 2,
    throttledMs: 15_000,
  }),
  hosts: ({ address }) => [new URL(address).host],
  site: ({ address }) => [address],
  // Nothing is signed (§3.7): the secret is at the end of the address.
  readWebhook: ({ body, path = '' }, secret) => {
    if (!isSame(path, encodeURIComponent(secret))) return null;
    const notice = Notice.safeParse(jsonIn(body));
    const ids = ['PersonId', 'PersonB2CId', 'Id', 'EntityId'].map((name) => notice.data?.[name]);
    const id = ids.find((value) => typeof value === 'number' || typeof value === 'string');
    return { contactIds: id === undefined ? [] : [String(id)] };
  },
  open: ({ settings, secrets, manual }, http): Session => {
    const client = openClient(settings, secrets, http);
    const hooks = `/${settings.entity === 'Person' ? 'Persons' : 'PersonsB2C'}/Hooks`;
    const describeFields = (): Promise<CrmField[]> => readFields(client, settings);
    const readingOf = async (fields: readonly string[]) =>
      new Reading(settings, fields.length > 0 ? await describeFields() : [], fields);
    const find = (externalId: string) => findList(client, settings, manual, externalId);
    const removeWebhooks = async (registrations: readonly string[]) => {
      for (const id of registrations) {
        await client.send({ method: 'DELETE', path: `${hooks}/${encodeURIComponent(id)}`, repeatable: true }, [404]);
      }
    };

    return {
      async check() {
        try {
          readJson(await client.send({ method: 'GET', path: '/Auth' }), UserInfo);
          const known = (await describeFields()).map(({ name }) => name);
          requireNamed(settings, ['emailFields', 'phoneFields'], { schema: Settings, form: FORM, known });
          const identity = `${settings.address} ${fingerprint(secrets.token)}`;
          return { ok: true, account: new URL(settings.address).host, identity, identifies: 'credentials' };
        } catch (error) {
          return checkFailed(error);
        }
      },
      describeFields,
      listLists: () => listLists(client, settings, manual),
      findList: find,
      async *readMembers(list, fields) {
        const end = yield* readMembers(client, list, await readingOf(fields));
        // An overview that was deleted in the meantime may look as if it had ended, or were empty.
        if (!(await find(list.externalId))) {
          throw new CrmError('missing', `The list “${list.name}” is no longer there.`);
        }
        return end;
      },
      // §3.6: without queries, there is no way to ask who changed.
      ...(settings.queriesPath === ''
        ? {}
        : {
            async *readChanged(cursor: string | null, fields: readonly string[]) {
              const reading = await readingOf(fields);
              const { id, updated } = fieldsOf(settings);
              const { serverTime } = await client.send({ method: 'GET', path: '/Auth' });
              const nextCursor = cursorAfter(serverTime, fields);
              if (cursor !== null) {
                const script = `SELECT * FROM ${settings.entity} WHERE ${updated} >= '${sinceIn(cursor, fields)}' ORDER BY ${id}`;
                for await (const rows of client.all(queryPath(settings, script), id)) {
                  yield rows.map((row) => reading.contactOf(row));
                }
              }
              // §3.6: deleted ones are missing from full reads only.
              return { nextCursor, deletedIds: [] };
            },
          }),
      async registerWebhooks(address, secret) {
        const made: string[] = [];
        try {
          for (const EventType of ['Create', 'Update', 'Delete']) {
            const TargetUrl = `${address}/${encodeURIComponent(secret)}`;
            const body = JSON.stringify({ EventType, Filter: ['All'], IsEnabled: true, TargetUrl });
            made.push(readJson(await client.send({ method: 'POST', path: hooks, body }), HookId));
          }
          return made;
        } catch (error) {
          await removeWebhooks(made).catch(() => undefined);
          throw error;
        }
      },
      removeWebhooks,
      close: () => Promise.resolve(),
    };
  },
};

const fingerprint = (token: string) => createHash('sha256').update(token).digest('hex').slice(0, 16);
