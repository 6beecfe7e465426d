// Webhooks over HTTP: a client creates one with plain requests.
import { expect, it } from 'vitest';
import { pool } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import { EMAIL, json, makeKey, makeTag, section, tokenOf, withApi } from '@/testing/api';

withApi();

type Made = { webhook_id: string; secret: string; url: string; waiting: number };
const hooks = (more = '') => `/audience/sections/${section}/webhooks${more}`;
const post = (body: object, status = 201, more: object = {}) =>
  json<Made>(hooks(), status, { method: 'POST', body, ...more });

it('creates, lists, tests and deletes webhooks; the secret is in the first answer only', async () => {
  const vip = await makeTag('Hook');
  const made = await post({ url: 'https://example.com/hook', tags: [vip.discriminator], keyspaces: [EMAIL] });
  expect(made).toMatchObject({ url: 'https://example.com/hook', secret: expect.stringMatching(/^whsec_/) as string });
  await json(hooks(`/${made.webhook_id}/tests`), 204, { method: 'POST' });
  const { items } = await json<{ items: object[] }>(hooks());
  expect(items).toMatchObject([{ webhook_id: made.webhook_id, waiting: 1 }]);
  expect(JSON.stringify(items)).not.toContain(made.secret);
  await json(hooks(`/${made.webhook_id}`), 204, { method: 'DELETE' });
  await json(hooks(`/${made.webhook_id}`), 404, { method: 'DELETE' });
  expect(await rows(pool(), sql`select from webhook_message`)).toEqual([]);
});

it('refuses internal addresses, unknown tags and read-only keys', async () => {
  await post({ url: 'http://169.254.169.254/' }, 400);
  await post({ url: 'https://example.com/', tags: ['usercreated.tags.none-0123456789'] }, 404);
  await post({ url: 'https://example.com/', keyspaces: ['none'] }, 404);
  const reader = await tokenOf(await makeKey({ canWrite: false }));
  await post({ url: 'https://example.com/' }, 403, { as: reader });
  await json(hooks('/x'), 404, { method: 'DELETE' });
});

it('other API keys can neither see nor delete webhooks', async () => {
  const made = await post({ url: 'https://example.com/hook?token=private' });
  const other = await tokenOf(await makeKey({ name: 'Other' }));
  expect(await json(hooks(), 200, { as: other })).toEqual({ items: [] });
  await json(hooks(`/${made.webhook_id}`), 404, { method: 'DELETE', as: other });
  await json(hooks(`/${made.webhook_id}/tests`), 404, { method: 'POST', as: other });
  await json(hooks(`/${made.webhook_id}`), 204, { method: 'DELETE' });
});
