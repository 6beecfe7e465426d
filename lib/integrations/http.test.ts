// Calls to CRMs, against real sockets: retries, limits, sizes, hosts, secrets.
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Clock } from './clock';
import { CrmError } from './crm-error';
import { openHttp, type HttpOptions, type RateLimit } from './http';
import { readJson } from './json';
import { Limiter } from './limiter';
import { openSession } from './session';

type Answer = (request: http.IncomingMessage, response: http.ServerResponse) => void;

let server: http.Server;
let host: string;
/** What the server does with its next requests; the last one is repeated. */
let answers: Answer[];
let seen: http.IncomingMessage[];

beforeAll(async () => {
  server = http.createServer((request, response) => {
    seen.push(request);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    request.resume().on('end', () => answer?.(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  answers = [ok];
  seen = [];
  slept = [];
  time = Date.parse('2026-11-26T12:00:00Z');
});

const status =
  (code: number, body = '', headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    void response.writeHead(code, headers).end(body);
const ok = status(200, '{"ok":true}', { date: 'Thu, 26 Nov 2026 09:00:00 GMT' });
const reset: Answer = (request) => void request.socket.resetAndDestroy();
const silence: Answer = () => undefined;

/** A clock that does not wait, and records how long it would have. */
let time: number;
let slept: number[];
const clock: Clock = {
  now: () => time,
  sleep: (milliseconds) => {
    slept.push(milliseconds);
    time += milliseconds;
    return Promise.resolve();
  },
};

let keys = 0;
const generous = (): RateLimit => ({
  key: `test ${(keys += 1)}`,
  calls: 100_000,
  perMs: 1_000,
  concurrency: 10,
  throttledMs: 15_000,
});

const open = (options: HttpOptions = {}, more: { signal?: AbortSignal; redact?: string[]; limit?: RateLimit } = {}) =>
  openHttp({ hosts: [host], limit: generous(), ...more, options: { clock, ...options } });
const get = (options?: HttpOptions, more?: Parameters<typeof open>[1]) =>
  open(options, more).send({ method: 'GET', url: `http://${host}/list?page=1` });

describe('an answer', () => {
  it('comes with its headers, its body and the server’s time', async () => {
    expect(await get()).toMatchObject({
      status: 200,
      headers: { date: 'Thu, 26 Nov 2026 09:00:00 GMT' },
      body: '{"ok":true}',
      serverTime: new Date('2026-11-26T09:00:00Z'),
    });
  });

  it('of a method with a body arrives with its length and headers', async () => {
    await open().send({ method: 'PATCH', url: `http://${host}/`, headers: { 'x-api-key': 'k' }, body: 'Zürich' });
    expect(seen[0]).toMatchObject({ method: 'PATCH', headers: { 'x-api-key': 'k', 'content-length': '7' } });
  });

  it('with a status that the caller accepts is handed back', async () => {
    answers = [status(404, 'none')];
    const answer = await open().send({ method: 'GET', url: `http://${host}/` }, { accept: [404] });
    expect(answer).toMatchObject({ status: 404, body: 'none' });
  });

  it.each([
    [400, 'refused'],
    [401, 'credentials'],
    [403, 'permission'],
    [404, 'missing'],
    [405, 'missing'],
    [422, 'refused'],
    [302, 'address'],
    [501, 'unreachable'],
  ])('%i is an error of kind %s, and is not repeated', async (code, kind) => {
    answers = [status(code, '{"message":"No such thing"}', { location: 'https://elsewhere.example/' })];
    await expect(get()).rejects.toMatchObject({
      kind,
      status: code,
      message: expect.stringContaining('No such thing') as string,
    });
    expect(seen).toHaveLength(1);
  });

  it('that leads elsewhere is not followed, and names the host only', async () => {
    answers = [status(302, '', { location: 'https://login.example/?token=abcdef123' })];
    await expect(get()).rejects.toMatchObject({
      kind: 'address',
      message: expect.stringMatching(/It answered 302 \(login\.example\)\.$/) as string,
    });
    expect(seen).toHaveLength(1);
  });

  it('that is too long is refused: by its length, or when it goes on and on', async () => {
    answers = [status(200, 'x'.repeat(5_000)), (_request, response) => void response.write('x'.repeat(5_000))];
    const calls = open({ answerChars: 1_000 });
    for (let time = 0; time < 2; time += 1) {
      await expect(calls.send({ method: 'GET', url: `http://${host}/` })).rejects.toMatchObject({ kind: 'too_large' });
    }
    expect(seen).toHaveLength(2);
  });
});

describe('what is temporary', () => {
  it.each<[string, Answer]>([
    ['429', status(429)],
    ['500', status(500)],
    ['502', status(502)],
    ['503', status(503)],
    ['504', status(504)],
    ['a reset', reset],
    [
      'half an answer',
      (_request, response) =>
        void response
          .writeHead(200, { 'content-length': '99' })
          .write('half', () => response.socket?.resetAndDestroy()),
    ],
  ])('is repeated: %s', async (_what, answer) => {
    answers = [answer, answer, ok];
    const calls = open();
    expect(await calls.send({ method: 'GET', url: `http://${host}/` })).toMatchObject({ status: 200 });
    expect(calls.calls).toBe(3);
  });

  it('is repeated after silence', async () => {
    answers = [silence, ok];
    expect(await get({ timeoutMs: 250 })).toMatchObject({ status: 200 });
  });

  it('ends after six tries, with words for a person', async () => {
    answers = [status(503, '<html>down</html>')];
    const calls = open();
    await expect(calls.send({ method: 'GET', url: `http://${host}/` })).rejects.toMatchObject({
      kind: 'unreachable',
      message: 'The CRM could not answer. The next run tries again. It was tried 6 times. It answered 503.',
    });
    expect(calls.calls).toBe(6);
    expect(slept).toHaveLength(5);
    slept.forEach((wait, tried) => expect(wait).toBeLessThanOrEqual(1_000 * 2 ** tried));
  });

  it('is not repeated for a call that may have had an effect, unless it was throttled', async () => {
    answers = [status(503)];
    const post = (repeatable?: boolean) => open().send({ method: 'POST', url: `http://${host}/`, repeatable });
    await expect(post()).rejects.toMatchObject({ kind: 'unreachable' });
    expect(seen).toHaveLength(1);
    answers = [status(429), ok];
    expect(await post()).toMatchObject({ status: 200 });
    answers = [status(503), ok];
    expect(await post(true)).toMatchObject({ status: 200 });
  });
});

describe('Retry-After', () => {
  it.each([
    ['in seconds', '7', 7_000],
    ['as a date of the server’s clock, which differs from ours', 'Thu, 26 Nov 2026 09:00:30 GMT', 30_000],
    ['in the past', 'Thu, 26 Nov 2026 08:00:00 GMT', 0],
  ])('is waited for: %s', async (_what, text, milliseconds) => {
    answers = [status(429, '', { 'retry-after': text, date: 'Thu, 26 Nov 2026 09:00:00 GMT' }), ok];
    await get();
    expect(slept.reduce((sum, wait) => sum + wait, 0)).toBe(milliseconds);
  });

  it('that is too long ends the call at once', async () => {
    answers = [status(429, '', { 'retry-after': '86400' })];
    await expect(get()).rejects.toMatchObject({ kind: 'throttled', status: 429 });
    expect(slept).toEqual([]);
  });

  it('is missing: the vendor’s own pause, doubled each time', async () => {
    answers = [status(429), status(429), ok];
    await get();
    expect(slept[0]).toBeGreaterThanOrEqual(15_000);
    expect(slept[1]).toBeGreaterThanOrEqual(30_000);
  });

  it('holds for all connections with the same key', async () => {
    const limit = generous();
    answers = [status(429, '', { 'retry-after': '60' }), ok];
    const began = time;
    await Promise.all([get({}, { limit }), get({}, { limit })]);
    await get({}, { limit });
    expect(time - began).toBe(60_000);
  });
});

describe('a limit', () => {
  it('is never exceeded in any period, and is used to 80 %', async () => {
    const limiter = new Limiter({ key: 'bucket', calls: 100, perMs: 60_000, concurrency: 5, throttledMs: 1 }, clock);
    const times: number[] = [];
    for (let count = 0; count < 300; count += 1) {
      (await limiter.acquire())();
      times.push(time);
    }
    const inPeriodFrom = (start: number) => times.filter((at) => at >= start && at < start + 60_000).length;
    expect(Math.max(...times.map(inPeriodFrom))).toBeLessThanOrEqual(100);
    expect(inPeriodFrom(times[0]! + 60_000)).toBeGreaterThanOrEqual(79);
  });

  it('holds for calls at the same time, across connections', async () => {
    let running = 0;
    let most = 0;
    answers = [
      (_request, response) => {
        most = Math.max(most, (running += 1));
        setTimeout(() => {
          running -= 1;
          response.end('{}');
        }, 5);
      },
    ];
    const limit = { ...generous(), concurrency: 2 };
    await Promise.all(Array.from({ length: 8 }, () => get({}, { limit })));
    expect(most).toBe(2);
  });
});

describe('an abort ends', () => {
  const cancelled = { kind: 'cancelled' };

  it('a call', async () => {
    const stop = new AbortController();
    answers = [() => stop.abort()];
    await expect(get({}, { signal: stop.signal })).rejects.toMatchObject(cancelled);
    await expect(get({}, { signal: stop.signal })).rejects.toMatchObject(cancelled);
    expect(seen).toHaveLength(1);
  });

  it('the wait before the next try', async () => {
    const stop = new AbortController();
    answers = [status(503)];
    const waiting = openHttp({
      hosts: [host],
      limit: generous(),
      signal: stop.signal,
      options: { backoffMs: 3_600_000, backoffMostMs: 3_600_000 },
    }).send({ method: 'GET', url: `http://${host}/` });
    await expect.poll(() => seen.length).toBe(1);
    stop.abort();
    await expect(waiting).rejects.toMatchObject(cancelled);
  });

  it('the wait for a place behind others', async () => {
    const limit = generous();
    answers = [status(429, '', { 'retry-after': '800' })];
    const [first, second] = [new AbortController(), new AbortController()];
    const call = (signal: AbortSignal) =>
      openHttp({ hosts: [host], limit, signal }).send({ method: 'GET', url: `http://${host}/` });
    const throttled = call(first.signal);
    await expect.poll(() => seen.length).toBe(1);
    const behind = call(second.signal);
    second.abort();
    await expect(behind).rejects.toMatchObject(cancelled);
    first.abort();
    await expect(throttled).rejects.toMatchObject(cancelled);
  });
});

describe('an address', () => {
  it.each([
    ['another host', 'https://evil.example/next'],
    ['another port', 'http://127.0.0.1:1/next'],
    ['no address', 'next?page=2'],
  ])('is not called: %s', async (_what, url) => {
    await expect(open().send({ method: 'GET', url })).rejects.toMatchObject({ kind: 'address' });
    expect(seen).toHaveLength(0);
  });

  it('in a private network is not called, unless the operator allows it', async () => {
    process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '';
    await expect(get()).rejects.toMatchObject({ kind: 'address' });
    expect(seen).toHaveLength(0);
  });

  it('where nothing listens is named', async () => {
    const closed = openHttp({ hosts: ['127.0.0.1:9'], limit: generous(), options: { clock, tries: 2 } });
    await expect(closed.send({ method: 'GET', url: 'http://127.0.0.1:9/' })).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('Nothing is listening at this address.') as string,
    });
  });
});

it('a turn that cannot be taken is no fault of the CRM, and no cancellation: the caller tries again later', async () => {
  const takeTurn = () => Promise.reject(new Error('The database is away.'));
  const http = openHttp({ hosts: [host], limit: generous(), takeTurn, options: { clock } });
  await expect(http.send({ method: 'GET', url: `http://${host}/` })).rejects.toThrow('The database is away.');
  expect(seen).toHaveLength(0);
});

describe('secrets', () => {
  it('never appear in errors, even if the CRM repeats them', async () => {
    const key = 'abc+DEF/123456=';
    const body = {
      message: `Bad key ${key} ${encodeURIComponent(key)} Bearer eyJhbGciOi.x "access_token":"tok-999999" pass-in-settings`,
    };
    answers = [status(400, JSON.stringify(body))];
    const failed = await open({}, { redact: ['pass-in-settings'] })
      .send({ method: 'GET', url: `http://${host}/?q=1`, headers: { 'X-Api-Key': key } })
      .catch((error: unknown) => error as CrmError);
    expect(failed).toBeInstanceOf(CrmError);
    expect(String((failed as CrmError).message)).toContain('Bad key … … Bearer …');
    expect(JSON.stringify([failed, (failed as CrmError).message])).not.toMatch(/DEF|eyJ|tok-9|pass-in/);
  });

  it('of words that end like a sentence get no second full stop', async () => {
    answers = [status(403, '{"message":"You may not."}'), status(403, '{"message":"forbidden"}')];
    await expect(get()).rejects.toMatchObject({ message: expect.stringMatching(/: “You may not\.”$/) as string });
    await expect(get()).rejects.toMatchObject({ message: expect.stringMatching(/: “forbidden”\.$/) as string });
  });

  it('are taken out before a text is cut', async () => {
    const [secret, message] = ['in-the-middle-of-the-cut', 'x'.repeat(289)];
    answers = [status(403, JSON.stringify({ message: `${message} ${secret}` }))];
    await expect(get({}, { redact: [secret] })).rejects.toMatchObject({
      message: expect.stringContaining(`“${message} …”`) as string,
    });
  });

  it('and too much of what the CRM says are taken out of what a connector says', async () => {
    const secrets = { token: 'application-token' };
    const { session } = openSession({ kind: 'webcrm', settings: { address: `http://${host}` }, secrets }, [], {
      http: { clock, tries: 1 },
    });
    const words = 'no\0 application-token 😀';
    answers = [status(200, JSON.stringify({ IsError: true, ErrorDescription: words + 'x'.repeat(100_000) }))];
    const check = await session.check();
    expect(check).toMatchObject({ ok: false, message: expect.stringContaining('It answered: “no … 😀xxx') as string });
    const failed = await session.listLists().catch((error: unknown) => error as CrmError);
    expect(JSON.stringify([check, failed]).length).toBeLessThan(2_000);
    expect(failed).toMatchObject({ kind: 'credentials', message: expect.not.stringContaining('\0') as string });
    answers = [
      status(200, '{"AccessToken":"access-token-of-an-hour"}'),
      status(403, '{"message":"access-token-of-an-hour may not"}'),
    ];
    expect(await session.check()).toMatchObject({
      ok: false,
      message: expect.stringContaining('“… may not”') as string,
    });
  });
});

describe('JSON', () => {
  const read = (body: string, headers: Record<string, string> = {}) =>
    readJson({ status: 200, headers, body }, z.object({ items: z.array(z.number()) }));

  it('is read, also after a byte-order mark', () => {
    expect(read('\uFEFF {"items":[1,2]}\n')).toEqual({ items: [1, 2] });
  });

  it('is read without what the database cannot store, so that two ids do not become one there', () => {
    const body = '{"ids":["a\\u0000b","\\uD800","\\ud83d\\ude00 \0"]}';
    const ids = readJson({ status: 200, headers: {}, body }, z.object({ ids: z.array(z.string()) }));
    expect(ids).toEqual({ ids: ['ab', '\ufffd', '😀 '] });
  });

  it.each([
    ['nothing', '', /is empty/],
    ['a web page', '<!DOCTYPE html><p>Sign in', /web page/],
    ['half an answer', '{"items":[1,', /breaks off/],
    ['text', 'upstream timeout', /is not JSON/],
    ['another shape', '{"items":"none"}', /‘items’/],
  ])('is unreadable, in words for a person: %s', (_what, body, words) => {
    expect(() => read(body)).toThrow(
      expect.objectContaining({ kind: 'unreadable', message: expect.stringMatching(words) as string }),
    );
  });

  it('that is packed unasked is named', () => {
    expect(() => read('\u001f', { 'content-encoding': 'gzip' })).toThrow(/packed \(gzip\)/);
  });
});
