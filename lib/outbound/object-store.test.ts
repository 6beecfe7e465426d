// Pictures in an S3-compatible storage: a server here that checks signatures by itself, and one that lies, dawdles, leads elsewhere or is gone.
import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createApi } from '@/api/app';
import { valueOf } from '@/lib/access/refusal';
import { parseEnvironment } from '@/lib/config/environment';
import { pool } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
import { addPicture } from '@/lib/messages/pictures';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { ObjectStore, objectStore, StorageError } from './object-store';

const SECRET = 'a/secret+key';
const HEAD = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
let made = 0;
/** A picture that nobody has uploaded yet. */
const picture = () => Buffer.concat([HEAD, Buffer.from(`picture ${made++}`)]);

const objects = new Map<string, Buffer>();
const errors: unknown[] = [];
/** What the storage does instead of its work. */
let instead: ((request: http.IncomingMessage, response: http.ServerResponse) => void) | null = null;
let gets = 0;

const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest('hex');
const hmac = (key: Buffer | string, text: string) => createHmac('sha256', key).update(text).digest();

/** What the signature of a request has to be, as Amazon describes it. */
function expectedSignature(request: http.IncomingMessage, names: string[], date: string, region: string): string {
  const headers = names.map((name) => `${name}:${String(request.headers[name]).trim()}\n`).join('');
  const canonical = [
    request.method,
    request.url,
    '',
    headers,
    names.join(';'),
    request.headers['x-amz-content-sha256'],
  ].join('\n');
  const scope = `${date.slice(0, 8)}/${region}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  const key = ['s3', 'aws4_request'].reduce(hmac, hmac(hmac(`AWS4${SECRET}`, date.slice(0, 8)), region));
  return hmac(key, text).toString('hex');
}

const server = http.createServer((request, response) => {
  void (async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    if (request.method === 'GET') gets++;
    if (instead) return instead(request, response);
    const given =
      /^AWS4-HMAC-SHA256 Credential=key\/\d{8}\/eu-north-1\/s3\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=(\w+)$/.exec(
        request.headers.authorization ?? '',
      );
    const [, names = '', signature] = given ?? [];
    const isSigned =
      signature === expectedSignature(request, names.split(';'), String(request.headers['x-amz-date']), 'eu-north-1') &&
      ['host', 'x-amz-content-sha256', 'x-amz-date'].every((name) => names.split(';').includes(name)) &&
      request.headers['x-amz-content-sha256'] === sha256(body);
    const path = request.url ?? '';
    if (!isSigned || !path.startsWith('/bucket/')) return response.writeHead(403).end('SignatureDoesNotMatch');
    if (request.method === 'PUT') {
      objects.set(path, body);
      return response.writeHead(200).end();
    }
    const found = objects.get(path);
    return found ? response.writeHead(200).end(found) : response.writeHead(404).end('NoSuchKey');
  })();
});

let account: TestAccount;
let endpoint: string;
const api = createApi({ secret: 'storage', callsPerSecond: 100, onError: (error) => errors.push(error) });
const use = (more: Record<string, string> = {}) => {
  const all = {
    ENDPOINT: endpoint,
    BUCKET: 'bucket',
    REGION: 'eu-north-1',
    ACCESS_KEY: 'key',
    SECRET_KEY: SECRET,
    ...more,
  };
  for (const [name, value] of Object.entries(all)) vi.stubEnv(`TAGWELL_S3_${name}`, value);
};
const add = (bytes: Uint8Array) => addPicture(account.marketer, { sectionId: account.sectionId, bytes });
const places = async (source: string) =>
  one<{ inDatabase: boolean; stored: string | null }>(
    pool(),
    sql`
      select bytes is not null as "inDatabase", stored from picture
      where section_id = ${account.sectionId} and id = ${source.split('/').at(-1)}::uuid`,
  );
async function read(source: string) {
  const answer = await api.request(source);
  return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()), headers: answer.headers };
}

beforeAll(async () => {
  account = await createTestAccount();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  instead = null;
  objects.clear();
  errors.length = 0;
  use();
});
afterEach(() => vi.unstubAllEnvs());

describe('a picture', () => {
  it('goes to the storage with a true signature, once, and comes from its own address as before', async () => {
    const bytes = picture();
    const { source } = valueOf(await add(bytes));
    expect(await places(source)).toEqual({
      inDatabase: false,
      stored: `pictures/${account.sectionId}/${sha256(bytes)}`,
    });
    expect([...objects.keys()]).toEqual([`/bucket/pictures/${account.sectionId}/${sha256(bytes)}`]);
    objects.set('once', Buffer.alloc(0));
    expect(valueOf(await add(bytes)).source).toBe(source);
    expect(objects.size).toBe(2);
    const before = gets;
    const [one, two] = await Promise.all([read(source), read(source)]);
    await read(source);
    expect(one.body.equals(bytes) && two.body.equals(bytes)).toBe(true);
    expect(one.headers.get('cache-control')).toContain('immutable');
    // The process asks for it once.
    expect(gets - before).toBe(1);
  });

  it('that is in the database stays there and is served, whatever is chosen later', async () => {
    vi.unstubAllEnvs();
    expect(objectStore()).toBeUndefined();
    const bytes = picture();
    const { source } = valueOf(await add(bytes));
    expect(await places(source)).toEqual({ inDatabase: true, stored: null });
    use();
    instead = (_request, response) => response.destroy();
    expect((await read(source)).body.equals(bytes)).toBe(true);
  });
});

describe('a storage that', () => {
  it.each<[string, NonNullable<typeof instead>]>([
    ['refuses', (_request, response) => response.writeHead(403).end('<Error/>')],
    ['breaks off', (_request, response) => response.destroy()],
    [
      'says that it has kept it, and has not',
      (request, response) => response.writeHead(request.method === 'PUT' ? 200 : 404).end(),
    ],
    ['gives back something else', (_request, response) => response.writeHead(200).end('something else')],
    [
      'gives without end',
      (request, response) => (request.method === 'PUT' ? response.end() : void response.write(Buffer.alloc(3_000_000))),
    ],
    ['leads elsewhere', (_request, response) => response.writeHead(307, { location: 'http://169.254.169.254/' }).end()],
  ])('%s gets no picture: the upload is refused in words, and nothing is left in the database', async (_what, does) => {
    instead = does;
    const bytes = picture();
    expect(await add(bytes)).toMatchObject({ ok: false, refusal: { code: 'unavailable' } });
    instead = null;
    const { source } = valueOf(await add(bytes));
    expect((await read(source)).body.equals(bytes)).toBe(true);
  });

  it('loses or changes a picture is answered for, not cached, and goes on when it is back', async () => {
    const bytes = picture();
    const { source } = valueOf(await add(bytes));
    const [[key, kept]] = [...objects.entries()] as [[string, Buffer]];
    for (const wrong of [Buffer.from('another'), null]) {
      if (wrong) objects.set(key, wrong);
      else objects.delete(key);
      const answer = await read(source);
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([503, 'no-store']);
      expect(errors.pop()).toBeInstanceOf(StorageError);
    }
    objects.set(key, kept);
    expect((await read(source)).status).toBe(200);
  });

  it('is silent is given up, and what is asked meanwhile waits for no transaction', async () => {
    vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => {
      const given = new AbortController();
      setTimeout(() => given.abort(), 100);
      return given.signal;
    });
    const asked: string[] = [];
    instead = (request) => void asked.push(request.method!);
    const result = add(picture());
    await vi.waitFor(() => expect(asked).toEqual(['PUT']));
    const { busy } = await one<{ busy: number }>(
      pool(),
      sql`select count(*)::int as busy from pg_stat_activity where datname = current_database() and state = 'idle in transaction'`,
    );
    expect(busy).toBe(0);
    expect(await result).toMatchObject({ ok: false, refusal: { code: 'unavailable' } });
    vi.restoreAllMocks();
  });
});

it('tells the operator which settings are missing or wrong', () => {
  const given = { TAGWELL_S3_ENDPOINT: 'https://s3.example.com', TAGWELL_S3_BUCKET: 'b' };
  expect(() => parseEnvironment(given)).toThrow(/TAGWELL_S3_BUCKET must be the name of a bucket/);
  expect(() => parseEnvironment({ ...given, TAGWELL_S3_BUCKET: 'bucket' })).toThrow(
    /TAGWELL_S3_ACCESS_KEY must be set too/,
  );
  expect(() => parseEnvironment({ TAGWELL_S3_ENDPOINT: 'ftp://x' })).toThrow(/TAGWELL_S3_ENDPOINT must be the address/);
});

it('a wrong key is refused by the storage, which is said', async () => {
  const store = new ObjectStore({
    endpoint,
    bucket: 'bucket',
    region: 'eu-north-1',
    accessKey: 'key',
    secretKey: 'another',
  });
  await expect(store.put('a', Buffer.from('x'), 'image/png')).rejects.toThrow('The storage answered 403 to a PUT.');
});
