// Slow, half-closed and excess connections: the process answers what it can and survives.
import http from 'node:http';
import net from 'node:net';
import { expect, it } from 'vitest';
import { call, json, keyOf, makeTag, server, tagsPath, token, withApi } from '@/testing/api';

/** Far more than the process has database connections or concurrent requests. */
const CROWD = 2_500;

withApi({ TAGWELL_API_TIMEOUT_SECONDS: '1' });

/** Sends raw text on a new connection; resolves with the whole response once the connection closes. */
function exchange(text: string, { end = false } = {}): Promise<string> {
  const { hostname, port } = new URL(server.address);
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    let answer = '';
    socket.on('data', (part) => (answer += part.toString()));
    socket.on('error', reject);
    socket.on('end', () => {
      socket.end();
      resolve(answer);
    });
    socket.write(text);
    if (end) socket.end();
  });
}

const head = (length: number, path: string) =>
  [
    `PATCH ${path} HTTP/1.1`,
    'Host: localhost',
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    `Content-Length: ${length}`,
    '',
    '',
  ].join('\r\n');

it('a body that does not arrive times out with 408, and nothing is changed', async () => {
  const { discriminator } = await makeTag('Slow');
  const key = keyOf('slow');
  const answer = await exchange(`${head(1_000, tagsPath(key))}{"${discriminator}": true`);
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  expect(answer).toContain('application/problem+json');
  expect(answer).toContain('urn:tagwell:problem:too-slow');
  await json(tagsPath(key), 404);
});

it('a half-closed connection is closed; its change is made completely or not at all', async () => {
  const { id, discriminator } = await makeTag('Half');
  const other = await makeTag('Other half');
  const key = keyOf('half');
  const body = JSON.stringify({ [discriminator]: true, [other.discriminator]: true });
  const answer = await exchange(`${head(body.length, tagsPath(key))}${body}`, { end: true });
  expect(answer).toMatch(/^(HTTP\/1\.1 204 .*)?$/s);
  const found = await call(tagsPath(key));
  if (found.status === 200) expect(await found.json()).toEqual({ [id]: true, [other.id]: true });
  else expect(found.status).toBe(404);
});

it('input that is not HTTP or is cut off does no harm', async () => {
  expect(await exchange('\u0016\u0003\u0001 hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  await Promise.all(
    Array.from(
      { length: 50 },
      () =>
        new Promise<void>((resolve) => {
          const { hostname, port } = new URL(server.address);
          const socket = net.connect({ host: hostname, port: Number(port) }, () => {
            socket.write(head(1_000, tagsPath('cut@example.com')));
            setTimeout(() => socket.resetAndDestroy(), 10);
          });
          socket.on('close', () => resolve());
          socket.on('error', () => undefined);
        }),
    ),
  );
  await json('/audience/keyspaces');
});

it('thousands of concurrent calls are all answered, and each takes effect once', async () => {
  const { id, discriminator } = await makeTag('Crowd');
  const agent = new http.Agent({ keepAlive: true, maxSockets: 400 });
  const keys = Array.from({ length: 50 }, (_, index) => keyOf(`crowd${index}`));
  const ask = (key: string) =>
    new Promise<number>((resolve, reject) => {
      const body = JSON.stringify({ [discriminator]: true });
      const request = http.request(
        `${server.address}${tagsPath(key)}`,
        {
          method: 'PATCH',
          agent,
          headers: {
            authorization: `Bearer ${token}`,
            'content-type': 'application/json',
            'content-length': body.length,
          },
        },
        (answer) => {
          answer.resume();
          answer.on('end', () => resolve(answer.statusCode ?? 0));
        },
      );
      request.on('error', reject);
      request.end(body);
    });
  const statuses = await Promise.all(Array.from({ length: CROWD }, (_, index) => ask(keys[index % keys.length]!)));
  agent.destroy();
  // Calls that time out waiting for a database connection get 503 with Retry-After.
  expect(statuses.filter((status) => status !== 204 && status !== 503)).toEqual([]);
  expect(statuses.filter((status) => status === 204).length).toBeGreaterThan(CROWD / 2);
  for (const key of keys) expect(await json(tagsPath(key))).toEqual({ [id]: true });
});
