// Server actions that Next cannot decode never reach it, and all others do, with their body.
import { once } from 'node:events';
import http, { type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkAction, isAction, isArguments, isPageForm } from './action-request';

const ID = '605d8b4dcef2c7c362a45b5fb63d97de1b4f0b2a96';
let server: Server;
let url: string;
beforeAll(async () => {
  server = http.createServer((request, response) =>
    checkAction(request, response, new Set([ID]), () => void text(request).then((body) => response.end(body))),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const send = (body: string, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: 'POST',
    body,
    headers: { 'next-action': ID, 'content-type': 'text/plain;charset=UTF-8', ...headers },
  });

describe('a server action', () => {
  it.each(['[]', '[{"name":"$$5 off"},"å"]', JSON.stringify([{ text: 'x'.repeat(900_000) }])])(
    'is passed on with its body: %.30s',
    async (body) => {
      const answer = await send(body);
      expect(answer.status).toBe(200);
      expect((await answer.text()) === body).toBe(true);
    },
  );

  it('is passed on when its body arrives in pieces', async () => {
    const request = http.request(url, { method: 'POST', headers: { 'next-action': ID } });
    for (const piece of ['[{"a":', '1', '}]']) {
      request.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    request.end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(await text(response)).toBe('[{"a":1}]');
  });

  it.each(['', '{{{', '{}', '["$Q1","$W2","$K3"]', '[["$F1"]]', '["$1:constructor:constructor"]'])(
    'with the body %s is refused with 400',
    async (body) => {
      const answer = await send(body);
      expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('Reload the page')]);
    },
  );

  it('with an id that is none, or as a form, is refused with 400', async () => {
    for (const id of ['zz', 'é', ID.toUpperCase(), `${ID}, ${ID}`]) {
      expect((await send('[]', { 'next-action': encodeURI(id) })).status).toBe(400);
    }
    expect((await send('x', { 'content-type': 'multipart/form-data; boundary=a' })).status).toBe(400);
  });

  it('of another version is answered as Next does', async () => {
    const answer = await send('[]', { 'next-action': ID.replace('6', '4') });
    expect([answer.status, answer.headers.get('x-nextjs-action-not-found')]).toEqual([409, '1']);
  });
});

describe('the arguments of an action', () => {
  it.each([
    '["$undefined","$NaN","$Infinity","$-Infinity","$-0","$D2026-11-26T13:00:00.000Z","$n12"]',
    '[{"own":{"a":1}},"$0:0:own",{"again":"$0:0"}]',
    '[null,1,true,"price $"]',
  ])('can be %s', (given) => expect(isArguments(given)).toBe(true));

  it.each([
    '["$T"]',
    '["$"]',
    '["$0:constructor"]',
    '["$0:0:length"]',
    '["$@1"]',
    '["$B1"]',
    '["$h1"]',
    '["$n1x"]',
    '[{"__proto__":"$1:then"}]',
    JSON.stringify(Array.from({ length: 11 }, () => 1)),
    `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
  ])('cannot be %.40s', (given) => expect(isArguments(given)).toBe(false));
});

it('a form that is sent to a page is recognised, and a file that is sent to a data route is not one', () => {
  const headers = { 'content-type': 'multipart/form-data; boundary=a' };
  expect(isPageForm({ method: 'POST', url: '/sign-in', headers })).toBe(true);
  expect(isPageForm({ method: 'POST', url: '/data/north/imports/upload', headers })).toBe(false);
  expect(isAction({ method: 'POST', headers: { 'next-action': 'zz' } })).toBe(true);
  expect(isAction({ method: 'POST', url: '/uploads/imports', headers: { 'next-action': ID } })).toBe(false);
  expect(isAction({ method: 'GET', headers: { 'next-action': 'zz' } })).toBe(false);
});
