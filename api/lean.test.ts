// Answering API calls must not load Prisma Client, which takes some 100 MB and a tenth of a second.
import { expect, it } from 'vitest';
import { hashSecret } from '@/lib/accounts/callers';
import { pool } from '@/lib/db/pool';
import { prismaOn } from '@/lib/db/prisma';
import { execute, one, sql } from '@/lib/db/sql';
import { createTestAccount, createTestTag } from '@/testing/fixtures';
import { createApi } from './app';

const isLoaded = () => 'tagwellPrisma' in globalThis;

it('changes and reads tags without Prisma Client, which is loaded on the first use of a model', async () => {
  const { accountId, sectionId } = await createTestAccount();
  await execute(
    pool(),
    sql`insert into api_key (account_id, name, client_id, secret_hash, can_write, all_sections, all_keyspaces)
        values (${accountId}, 'Lean', 'lean', ${hashSecret('secret')}, true, true, true)`,
  );
  const tagId = await createTestTag(sectionId, 'Lean');
  const { section } = await one<{ section: string }>(
    pool(),
    sql`select discriminator as section from section where id = ${sectionId}`,
  );
  const unexpected = (error: unknown) => {
    throw error;
  };
  const api = createApi({ secret: 'x'.repeat(32), callsPerSecond: 1_000, onError: unexpected });
  const send = (method: string, path: string, body: object | null, more = {}) =>
    api.request(path, {
      method,
      headers: { 'content-type': 'application/json', ...more },
      body: body && JSON.stringify(body),
    });
  const credentials = { grant_type: 'client_credentials', client_id: 'lean', client_secret: 'secret' };
  const { access_token: token } = (await (await send('POST', '/oauth/token', credentials)).json()) as Record<
    string,
    string
  >;
  const authorization = `Bearer ${token}`;
  const tags = `/audience/keyspaces/com.apsis1.keyspaces.email/profiles/lean%40example.com/sections/${section}/tags`;
  const merge = { authorization, 'content-type': 'application/merge-patch+json' };
  expect((await send('PATCH', tags, { [tagId]: true }, merge)).status).toBe(204);
  expect(await (await send('GET', tags, null, { authorization })).json()).toEqual({ [tagId]: true });
  expect(isLoaded()).toBe(false);
  await prismaOn(pool()).topic.count({ where: { sectionId } });
  expect(isLoaded()).toBe(true);
});
