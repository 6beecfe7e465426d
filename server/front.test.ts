// The server in front of everything: nobody waits for ever, and nobody can make it hold more than its limits.
import http from 'node:http';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { setDatabaseProblem } from '@/lib/db/condition';
import { pool } from '@/lib/db/pool';
import { clientAddress } from './client-address';
import { Front, type FrontOptions, type Handler } from './front';
import { state } from './state';

const open = new Set<Front>();

afterEach(async () => {
  vi.useRealTimers();
  state.starting = 'the process';
  setDatabaseProblem(undefined);
  await Promise.all([...open].map((front) => front.stop()));
  open.clear();
});

/** From here on, checks that are made at intervals are made when `periodsPass` says so. */
const stopIntervals = () => vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
const periodsPass = (ms: number) => vi.advanceTimersByTime(ms);

/** A front with a handler; the default handler reads the body and returns its length. */
async function opened(handler: Handler | null = readBody, more: Partial<FrontOptions> = {}) {
  const times = { wholeMs: 5_000, uploadPeriodMs: 5_000, uploadPeriodBytes: 1_000 };
  const front = new Front({ times, uploadBytes: 50_000, ...more, limits: { stopMs: 2_000, ...more.limits } });
  open.add(front);
  const port = await front.listen('127.0.0.1', 0);
  if (handler) {
    state.starting = null;
    front.serve(handler);
  }
  return { front, port, url: `http://127.0.0.1:${port}` };
}

const readBody: Handler = (request, response) => {
  let size = 0;
  request.on('data', (part: Buffer) => (size += part.length));
  request.on('end', () => response.end(`read ${size}`));
  request.on('error', () => response.destroy());
};

/** Sends text on a new connection, then `drip` every few milliseconds; resolves with the whole response. */
function exchange(port: number, text: string, drip?: string): Promise<string> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.write(text);
      if (drip) timer = setInterval(() => socket.write(drip), 5);
    });
    let answer = '';
    socket.on('data', (part) => (answer += part.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(timer);
      resolve(answer);
    });
  });
}

const head = (path: string, ...headers: string[]) =>
  [`POST ${path} HTTP/1.1`, 'Host: localhost', ...headers, '', ''].join('\r\n');
const chunk = (size: number) => `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n`;

describe('before it is ready', () => {
  it('every request is answered at once, with what is being waited for and when to retry', async () => {
    const { url, front } = await opened(null);
    state.starting = 'opening its database';
    expect(await (await fetch(`${url}/healthz`)).text()).toBe('starting: opening its database\n');
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    const page = await fetch(`${url}/north/profiles`, { headers: { accept: 'text/html' } });
    expect([page.status, page.headers.get('retry-after')]).toEqual([503, '2']);
    expect(await page.text()).toContain('Tagwell is starting: opening its database.');
    const call = await fetch(`${url}/audience/keyspaces`);
    expect(await call.json()).toMatchObject({ type: 'urn:tagwell:problem:unavailable', status: 503 });
    front.serve(readBody);
    state.starting = null;
    expect(await (await fetch(url, { method: 'POST', body: 'abc' })).text()).toBe('read 3');
    setDatabaseProblem('The disk is full.');
    const data = await fetch(`${url}/data/north/tags`);
    expect([data.status, await data.json()]).toEqual([503, { message: 'The disk is full.' }]);
    expect(await (await fetch(`${url}/healthz`)).text()).toBe('The disk is full.\n');
  });
});

describe('a body', () => {
  it.each([
    ['/api/auth/callback/credentials', 100_000],
    ['/sign-in', 100_000],
    ['/data/north/segments/ask', 1_048_576],
    ['/north/profiles', 1_048_576],
    ['/oauth/token', 100_000],
    ['/audience/keyspaces/k/sections/s/profiles/tags', 500_000],
  ])('of %s is read up to %d bytes, whoever reads it', async (path, most) => {
    const { url, port } = await opened();
    const send = (size: number) => fetch(`${url}${path}`, { method: 'POST', body: 'x'.repeat(size) });
    expect(await (await send(most)).text()).toBe(`read ${most}`);
    const refused = await send(most + 1);
    expect([refused.status, await refused.text()]).toEqual([413, expect.stringContaining('may have at most')]);
    const chunked = await exchange(port, head(path, 'Transfer-Encoding: chunked') + chunk(most) + chunk(1));
    expect(chunked).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('that nobody reads is not buffered, and also ends', async () => {
    const times = { wholeMs: 60, uploadPeriodMs: 5_000, uploadPeriodBytes: 1 };
    const { port } = await opened((_request, response) => void response, { times });
    const answer = await exchange(port, head('/', 'Transfer-Encoding: chunked'), chunk(60_000));
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('that exceeds the total of all bodies is refused until others have ended', async () => {
    const { url } = await opened(readBody, { limits: { bodyBytes: 1_000, bodyBytesPerAddress: 600 }, proxies: [] });
    const send = (size: number) => fetch(url, { method: 'POST', body: 'x'.repeat(size) });
    expect((await send(700)).status).toBe(503);
    expect((await send(600)).status).toBe(200);
    await expect.poll(async () => (await send(600)).status).toBe(200);
  });

  it.each(['/api/auth/callback/credentials', '/data/north/tags', '/oauth/token'])(
    'of %s that arrives too slowly times out with 408',
    async (path) => {
      const { port } = await opened(readBody, { times: { wholeMs: 60, uploadPeriodMs: 5_000, uploadPeriodBytes: 1 } });
      const answer = await exchange(port, head(path, 'Content-Length: 1000'), 'x');
      expect(answer).toMatch(/^HTTP\/1\.1 408 /);
      expect(answer).toContain('send it again');
    },
  );
});

describe('an upload', () => {
  const upload = '/data/north/imports/upload?name=a.csv';
  const times = { wholeMs: 20, uploadPeriodMs: 150, uploadPeriodBytes: 20 };

  it.each([upload, '/uploads/imports'])('to %s may take any time as long as it makes progress', async (path) => {
    stopIntervals();
    let read = 0;
    const { port } = await opened(
      (request, response) => {
        request.on('data', (part: Buffer) => (read += part.length));
        readBody(request, response);
      },
      { times },
    );
    const client = net.connect(port, '127.0.0.1');
    const answer = text(client);
    client.write(head(path, 'Content-Length: 100', 'Connection: close'));
    for (let sent = times.uploadPeriodBytes; sent < 100; sent += times.uploadPeriodBytes) {
      client.write('x'.repeat(times.uploadPeriodBytes));
      await expect.poll(() => read).toBe(sent);
      periodsPass(times.uploadPeriodMs);
    }
    client.write('x'.repeat(times.uploadPeriodBytes));
    expect(await answer).toContain('read 100');
  });

  it.each([upload, '/uploads/imports'])('to %s that stops for a period times out with 408', async (path) => {
    stopIntervals();
    let read = 0;
    const { port } = await opened((request) => void request.on('data', (part: Buffer) => (read += part.length)), {
      times,
    });
    const answer = exchange(port, head(path, 'Content-Length: 400') + 'x'.repeat(times.uploadPeriodBytes - 1));
    await expect.poll(() => read).toBe(times.uploadPeriodBytes - 1);
    periodsPass(times.uploadPeriodMs);
    expect(await answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('is not taken for a slow one under backpressure', async () => {
    stopIntervals();
    let held: { request: http.IncomingMessage; go: () => void } | undefined;
    const handler: Handler = (request, response) => {
      held = { request, go: () => readBody(request, response) };
    };
    const { port } = await opened(handler, { times });
    const size = 40_000;
    const answer = exchange(port, head(upload, `Content-Length: ${size}`, 'Connection: close') + 'x'.repeat(size));
    const isFull = () => held && held.request.readableLength >= held.request.readableHighWaterMark;
    await expect.poll(isFull).toBe(true);
    periodsPass(3 * times.uploadPeriodMs);
    held!.go();
    expect(await answer).toContain(`read ${size}`);
  });

  it('that exceeds the limit for files ends early, and never looks complete to its reader', async () => {
    let whole = false;
    const { port } = await opened((request) => {
      request
        .on('end', () => (whole = true))
        .on('error', () => undefined)
        .resume();
    });
    const answer = await exchange(port, `${head(upload, 'Transfer-Encoding: chunked')}${chunk(200_000)}0\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(whole).toBe(false);
  });
});

describe('beyond the limits', () => {
  it('requests of one client are refused with 429, of all clients with 503, both with Retry-After', async () => {
    const held: http.ServerResponse[] = [];
    const limits = { requests: 3, requestsPerAddress: 2 };
    const { url } = await opened((_request, response) => void held.push(response), {
      limits,
      proxies: ['127.0.0.1'],
    });
    const ask = (from: string) => fetch(url, { headers: { 'x-forwarded-for': from } });
    const first = [ask('192.0.2.1'), ask('192.0.2.1'), ask('192.0.2.2')];
    await expect.poll(() => held.length).toBe(3);
    const own = await ask('192.0.2.1');
    expect([own.status, own.headers.get('retry-after')]).toEqual([429, '5']);
    expect((await ask('192.0.2.3')).status).toBe(503);
    for (const response of held.splice(0)) response.end();
    await Promise.all(first.map(async (item) => (await item).text()));
    const again = ask('192.0.2.1');
    await expect.poll(() => held.length).toBe(1);
    held[0]!.end();
    expect((await again).status).toBe(200);
  });

  it('connections of one client are closed', async () => {
    const { port } = await opened(readBody, { limits: { connectionsPerAddress: 2 }, proxies: [] });
    const sockets = Array.from({ length: 5 }, () => net.connect(port, '127.0.0.1').on('error', () => undefined));
    await expect.poll(() => sockets.filter(({ closed }) => closed).length).toBe(3);
    for (const socket of sockets) socket.destroy();
  });
});

describe('when it stops', () => {
  it('clients with kept connections are asked to close them, and requests in progress finish', async () => {
    const held: http.ServerResponse[] = [];
    const { front, url } = await opened((request, response) => {
      if (request.url === '/held') held.push(response);
      else response.end('done');
    });
    const agent = new http.Agent({ keepAlive: true });
    const ask = (path: string) =>
      new Promise<http.IncomingMessage>((resolve, reject) =>
        http.get(`${url}${path}`, { agent }, (answer) => resolve(answer.resume())).on('error', reject),
      );
    expect((await ask('/')).headers.connection).toBe('keep-alive');
    const underWay = ask('/held');
    await expect.poll(() => held.length).toBe(1);
    const stopped = front.stop();
    held[0]!.end('done');
    expect((await underWay).headers.connection).toBe('close');
    await stopped;
    await expect(ask('/')).rejects.toThrow('ECONNREFUSED');
    agent.destroy();
  });
});

describe('a kept connection', () => {
  it('carries many requests without leaking listeners', async () => {
    const { front, port } = await opened();
    const sockets = new Set<net.Socket>();
    front.server.on('connection', (socket: net.Socket) => sockets.add(socket));
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const send = (method: string, path: string, body = '') =>
      new Promise<string>((resolve, reject) => {
        const request = http.request({ port, host: '127.0.0.1', method, path, agent }, (answer) => {
          text(answer).then(resolve, reject);
        });
        request.on('error', reject).end(body);
      });
    const listeners = () => [...sockets].map((socket) => socket.listenerCount('close'));
    expect(await send('GET', '/')).toBe('read 0');
    const afterOne = listeners();
    for (let turn = 0; turn < 10; turn += 1) {
      expect(await send('GET', '/north/profiles')).toBe('read 0');
      expect(await send('POST', '/data/north/tags', 'abc')).toBe('read 3');
      expect(await send('POST', '/data/north/imports/upload?name=a.csv', 'abcd')).toBe('read 4');
    }
    expect(listeners()).toEqual(afterOne);
    agent.destroy();
  });
});

describe('an answer before the body has come', () => {
  // Reads the beginning, then neither continues nor cancels, like a handler that was given a stream.
  const readBeginning: Handler = (request, response) => {
    if (request.method === 'GET') return void response.end('done');
    request.once('readable', () => {
      request.read(1);
      response.statusCode = 400;
      response.end('not this');
    });
  };

  it('arrives and closes the connection; the next request gets a new one', async () => {
    const { port } = await opened(readBeginning);
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const send = (method: string, path: string, body = '') =>
      new Promise<[number | undefined, string | undefined, string]>((resolve, reject) => {
        const request = http.request({ port, host: '127.0.0.1', method, path, agent }, (answer) => {
          text(answer).then((body) => resolve([answer.statusCode, answer.headers.connection, body]), reject);
        });
        request.on('error', reject).end(body);
      });
    const large = 'x'.repeat(900_000);
    for (const path of ['/data/north/imports/peek', '/north/profiles']) {
      expect(await send('POST', path, large)).toEqual([400, 'close', 'not this']);
      expect(await send('GET', '/')).toEqual([200, 'keep-alive', 'done']);
    }
    agent.destroy();
  });

  it('arrives too if the request has lost its socket, as Next does to one whose reader went away', async () => {
    const { port } = await opened((request, response) => {
      request.once('readable', () => {
        Object.assign(request, { socket: null });
        response.statusCode = 500;
        response.end('failed');
      });
    });
    expect(await exchange(port, head('/', 'Content-Length: 1000'), 'x')).toMatch(/^HTTP\/1\.1 500 [^]*failed$/);
    const times = { wholeMs: 60, uploadPeriodMs: 5_000, uploadPeriodBytes: 1 };
    const slow = await opened((request) => void Object.assign(request, { socket: null }), { times });
    expect(await exchange(slow.port, head('/', 'Content-Length: 1000'), 'x')).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('from /healthz closes it too, however slowly the body arrives', async () => {
    const { port } = await opened();
    const answer = await exchange(port, head('/healthz', 'Content-Length: 1000'), 'x');
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).toContain('Connection: close');
  });
});

describe('the address of a client', () => {
  const from = (remoteAddress: string, forwarded?: string, proxies = ['127.0.0.0/8', '10.0.0.0/8']) =>
    clientAddress(
      { socket: { remoteAddress } as net.Socket, headers: forwarded ? { 'x-forwarded-for': forwarded } : {} },
      proxies,
    );

  it.each([
    ['198.51.100.7', undefined, '198.51.100.7'],
    ['::ffff:198.51.100.7', undefined, '198.51.100.7'],
    // Anybody can send the header.
    ['198.51.100.7', '192.0.2.1', '198.51.100.7'],
    ['127.0.0.1', '192.0.2.1', '192.0.2.1'],
    ['::ffff:127.0.0.1', '192.0.2.1', '192.0.2.1'],
    // What the client sent precedes what the proxy appended.
    ['127.0.0.1', '1.1.1.1, 192.0.2.1', '192.0.2.1'],
    ['127.0.0.1', '1.1.1.1, 192.0.2.1, 10.0.0.3', '192.0.2.1'],
    ['127.0.0.1', '10.0.0.9, 10.0.0.3', '10.0.0.9'],
  ])('of a connection from %s with X-Forwarded-For %s is %s', (peer, header, expected) => {
    expect(from(peer, header)).toBe(expected);
  });
});

describe('metrics', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('are only for this machine, or with the token', async () => {
    const { url } = await opened();
    const ask = async (headers: Record<string, string> = {}) => (await fetch(`${url}/metrics`, { headers })).status;
    expect(await ask()).toBe(200);
    // Through a proxy on this machine.
    expect(await ask({ 'x-forwarded-for': '192.0.2.1' })).toBe(403);
    vi.stubEnv('TAGWELL_METRICS_TOKEN', 'a token of the tests');
    expect(await ask()).toBe(403);
    expect(await ask({ authorization: 'Bearer another token, this' })).toBe(403);
    expect(await ask({ authorization: 'Bearer a token of the tests', 'x-forwarded-for': '192.0.2.1' })).toBe(200);
  });

  it('cost one query for many scrapes', async () => {
    const { url } = await opened();
    const queries = vi.spyOn(pool(), 'query');
    for (let time = 0; time < 5; time++) expect((await fetch(`${url}/metrics`)).status).toBe(200);
    expect(queries.mock.calls.length).toBeLessThanOrEqual(1);
    queries.mockRestore();
  });
});
