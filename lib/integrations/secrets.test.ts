// Secrets never come into messages, whichever CRM repeats them.
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSession } from './session';

const TOKENS = { access_token: 'access-token-of-an-hour', AccessToken: 'access-token-of-an-hour', expires_in: 3_600 };
const SESSION = 'A1B2C3D4-E5F60718';
const HOOK = { token: 'token-of-the-webhook', secret: 'secret-of-the-webhook' };

let server: http.Server;
let origin: string;

/** Gives a token, and refuses all else in words that repeat what was sent. */
beforeAll(async () => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      const isSignIn = /token$|ApiLogin$/.test(request.url!) && !body.includes('wrong');
      const message = `${request.url} ${JSON.stringify(request.headers)} ${body} session ${SESSION} ended`;
      response.writeHead(isSignIn ? 200 : 403, { 'set-cookie': `EfficySession=${SESSION}; path=/` });
      response.end(JSON.stringify(isSignIn ? TOKENS : { error: { code: '1', message } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

it.each<[string, object, Record<string, string>]>([
  ['lime', { address: `/app` }, { apiKey: 'key "of" the / API' }],
  ['webcrm', {}, { token: 'application token+1' }],
  ['webcrm', {}, { token: 'wrong application token' }],
  ['dynamics', { tenantId: 'tenant', clientId: 'client' }, { clientSecret: ' Qx8~secret\\value ' }],
  ['dynamics', { tenantId: 'tenant', clientId: 'client' }, { clientSecret: 'wrong~secret value' }],
  ['tribe', { clientId: 'client', scope: 'read write' }, { clientSecret: 'secret=of the client' }],
  ['tribe', { clientId: 'client', scope: 'read write' }, { clientSecret: 'wrong=secret of the client' }],
  ['efficy', {}, { apiKey: 'key-of-efficy' }],
  ['efficy', {}, { user: 'user-of-efficy', password: "it's a password!" }],
  ['generic', {}, { apiKey: 'key of another' }],
])('%s', async (kind, more, secrets) => {
  const places = { address: origin, environment: origin, authority: origin, api: origin };
  const { address = '' } = more as { address?: string };
  const settings = { ...places, ...more, address: origin + address };
  const { session } = openSession({ kind, settings, secrets }, [], { http: { tries: 1 }, hidden: Object.values(HOOK) });
  const callback = `https://tagwell.example/hooks/crm/1-2-${HOOK.token}`;
  const messageOf = async (work: Promise<unknown> = Promise.resolve()) => {
    const error = await work.then(
      () => null,
      (failed: Error) => failed,
    );
    return `${error?.message}\n${error?.stack}`;
  };
  const check = await session.check();
  const said = [
    check.ok ? '' : check.message,
    await messageOf(session.listLists()),
    await messageOf(session.findList('query:1')),
    await messageOf(session.registerWebhooks?.(callback, HOOK.secret)),
    await messageOf(session.removeWebhooks?.([HOOK.secret])),
  ].join('\n');
  expect(said).toContain('…');
  for (const secret of [...Object.values(secrets).map((value) => value.trim()), ...Object.values(HOOK), SESSION]) {
    for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) {
      expect(said).not.toContain(form);
    }
  }
  expect(said).not.toContain(TOKENS.access_token);
});
