// A server process with the API and a client of it, for tests over HTTP.
import { afterAll, beforeAll, expect } from 'vitest';
import { createApiKey } from '@/lib/accounts/api-keys';
import type { TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
import { createTestAccount, createTestTag, type TestAccount } from './fixtures';
import { spawnTagwell, type TagwellProcess } from './process';

export const SECRET = 'the secret of the API tests, 32 or more';
export const EMAIL = 'com.apsis1.keyspaces.email';
export const CRM = 'com.apsis1.keyspaces.crm-id';

export let server: TagwellProcess;
export let account: TestAccount;
export let section: string;
export let token: string;

export type Credentials = { clientId: string; secret: string; id: number };

/** A new key, by default without limits. */
export async function makeKey(more: object = {}, of: TestAccount = account): Promise<Credentials> {
  const input = { name: 'Web shop', sections: 'all', keyspaces: 'all', canWrite: true, expiresAt: null, ...more };
  const made = await createApiKey(of.admin, input);
  if (!made.ok) throw new Error(made.refusal.message);
  return made.value;
}

export async function tokenOf({ clientId, secret }: Credentials): Promise<string> {
  const answer = await fetch(`${server.address}/oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ grant_type: 'client_credentials', client_id: clientId, client_secret: secret }),
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

export type Call = { method?: string; body?: unknown; headers?: Record<string, string>; as?: string };

/** Calls the API with a token. A body that is not text is sent as a JSON merge patch. */
export function call(path: string, { method = 'GET', body, headers = {}, as = token }: Call = {}): Promise<Response> {
  return fetch(`${server.address}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${as}`,
      ...(body !== undefined && { 'content-type': 'application/merge-patch+json' }),
      ...headers,
    },
    body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** Calls with a JSON body and returns the answer's JSON. Asserts the status. */
export async function json<Body>(path: string, status = 200, more: Call = {}): Promise<Body> {
  const answer = await call(path, {
    ...more,
    headers: { ...(more.body !== undefined && { 'content-type': 'application/json' }), ...more.headers },
  });
  const text = await answer.text();
  expect({ status: answer.status, text }).toMatchObject({ status });
  return (text ? JSON.parse(text) : null) as Body;
}

export const profilePath = (key: string, keyspace = EMAIL) =>
  `/audience/keyspaces/${keyspace}/profiles/${encodeURIComponent(key)}`;
export const tagsPath = (key: string, keyspace = EMAIL) => `${profilePath(key, keyspace)}/sections/${section}/tags`;
export const patchTags = (key: string, body: unknown, more: Call = {}) =>
  call(tagsPath(key), { method: 'PATCH', body, ...more });

export async function makeTag(name: string): Promise<{ id: TagId; discriminator: string }> {
  const id = await createTestTag(account.sectionId, `${name} ${Math.random().toString(36).slice(2, 8)}`);
  return one(pool(), sql`select id, discriminator from tag where id = ${id}`);
}

export const keyOf = (name: string) => `${name}.${Math.random().toString(36).slice(2, 8)}@example.com`;

/** Starts the process before the file's tests and stops it after them. */
export function withApi(settings: Record<string, string> = {}): void {
  beforeAll(async () => {
    // Steps that tests run themselves belong to the same installation.
    process.env.NEXTAUTH_SECRET = SECRET;
    account = await createTestAccount();
    ({ section } = await one<{ section: string }>(
      pool(),
      sql`select discriminator as section from section where id = ${account.sectionId}`,
    ));
    server = await spawnTagwell({
      DATABASE_URL: process.env.DATABASE_URL!,
      TAGWELL_SECRET: SECRET,
      TAGWELL_ROLE: 'api',
      TAGWELL_API_CALLS_PER_SECOND: '1000000',
      ...settings,
    });
    token = await tokenOf(await makeKey());
  }, 60_000);
  afterAll(() => server.stop());
}

/** The problem in an answer. Asserts that it is one. */
export async function problemOf(answer: Response) {
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  const body = (await answer.json()) as Record<string, unknown>;
  expect(body).toMatchObject({
    type: expect.stringMatching(/^urn:tagwell:problem:/) as string,
    status: answer.status,
    title: expect.any(String) as string,
    detail: expect.any(String) as string,
    message: expect.any(String) as string,
  });
  return body as { detail: string; status: number; type: string; message: string };
}
