// Handing mails over by SMTP: whatever the server does, each mail ends in a state that says what is known about it.
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CERTIFICATE, KEY } from '@/testing/smtp/certificate';
import { DIE, DRIP, SILENCE, startSink, type Say, type Sink, type SinkOptions } from '@/testing/smtp/sink';
import type { Mail, Outcome } from '../outcome';
import type { SmtpServer } from './line';
import { SmtpPool, type PoolOptions } from './pool';

const RAW = Buffer.from('Subject: x\r\n\r\nHello\r\n.a line that begins with a dot\r\n');
const mail = (to = 'somebody@example.com', more: Partial<Mail> = {}): Mail => ({
  envelope: { from: 'us@example.org', to },
  raw: RAW,
  ...more,
});

const open: { close: () => Promise<void> }[] = [];

beforeEach(() => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1,::1';
});
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
  delete process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES;
});

async function sink(options: SinkOptions = {}): Promise<Sink> {
  const started = await startSink(options);
  open.push(started);
  return started;
}

function pool(port: number, server: Partial<SmtpServer> = {}, options: Partial<PoolOptions> = {}): SmtpPool {
  const made = new SmtpPool(
    { host: '127.0.0.1', port, encryption: 'none', ehloName: 'mail.example.org', login: null, ...server },
    { connections: 1, replyMs: 400, connectMs: 5_000, resetMs: 300, ...options },
  );
  open.push({ close: () => made.close(0) });
  return made;
}

async function encrypted(options: SMTPServerOptions): Promise<number> {
  const server = new SMTPServer({ key: KEY, cert: CERTIFICATE, authOptional: true, logger: false, ...options });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({ close: () => new Promise((resolve) => server.close(() => resolve())) });
  return (server.server.address() as AddressInfo).port;
}

/** Says something else to the first command that fits. */
const once = (pattern: RegExp, say: Say) => {
  let said = false;
  return (command: string): Say => {
    if (said || !pattern.test(command)) return undefined;
    said = true;
    return say;
  };
};

const short = ({ kind, ...rest }: Outcome) => [kind, 'why' in rest ? rest.why : null, rest.code, rest.status];

describe('a server that goes on with a reply for ever', () => {
  it.each([
    [/^MAIL/, ['deferred', 'connection', null, null]],
    [/^\.$/, ['unknown', null, null, null]],
  ])('holds no connection: at %s', async (pattern, expected) => {
    const { port, connections } = await sink({ reply: once(pattern, DRIP) });
    const sending = pool(port, {}, { mailMs: 600 });
    const began = performance.now();
    expect(short(await sending.deliver(mail()))).toEqual(expected);
    expect(performance.now() - began).toBeLessThan(5_000);
    // The next one has a connection of its own.
    expect(short(await sending.deliver(mail()))[0]).toBe('sent');
    expect(connections()).toBe(2);
  });
});

describe('what becomes of a mail', () => {
  it('that the server takes: it is sent as it is, under the name that was set', async () => {
    const { port, heard } = await sink({
      reply: (command) => (command === 'CONNECT' ? '220-several\r\n220 lines' : undefined),
    });
    const outcome = await pool(port).deliver(mail());
    expect(short(outcome)).toEqual(['sent', null, 250, '2.0.0']);
    expect(heard.commands.slice(0, 4)).toEqual([
      'EHLO mail.example.org',
      'MAIL FROM:<us@example.org>',
      'RCPT TO:<somebody@example.com>',
      'DATA',
    ]);
    // The dot is doubled on the wire (RFC 5321 4.5.2).
    expect(heard.mails).toEqual(['Subject: x\r\n\r\nHello\r\n..a line that begins with a dot']);
  });

  it.each<[string, RegExp, Say, unknown[]]>([
    ['no such mailbox', /^RCPT/, '550 5.1.1 No such user', ['refused', 'address', 550, '5.1.1']],
    ['no such mailbox, without a status', /^RCPT/, '550 nobody here', ['refused', 'address', 550, null]],
    ['a full mailbox', /^RCPT/, '552 5.2.2 Mailbox full', ['refused', 'full', 552, '5.2.2']],
    ['a policy', /^RCPT/, '554 5.7.1 Not wanted here', ['refused', 'policy', 554, '5.7.1']],
    ['no relaying', /^RCPT/, '554 5.7.1 Relay access denied', ['senderFault', 'permission', 554, '5.7.1']],
    ['greylisting', /^RCPT/, '450 4.2.0 Greylisted, come back later', ['deferred', 'recipient', 450, '4.2.0']],
    ['too many recipients', /^RCPT/, '452 4.5.3 Too many recipients', ['deferred', 'pace', 452, '4.5.3']],
    [
      'a rate limit by its text',
      /^RCPT/,
      '450 4.2.1 receiving mail at a rate that prevents',
      ['deferred', 'pace', 450, '4.2.1'],
    ],
    ['a sender that may not send', /^MAIL/, '550 5.7.1 Not your address', ['senderFault', 'permission', 550, '5.7.1']],
    ['a mail that is too large', /^MAIL/, '552 5.3.4 Too big', ['refused', 'message', 552, '5.3.4']],
    ['the end of the session at MAIL', /^MAIL/, '421 4.7.0 Try again later', ['deferred', 'pace', 421, '4.7.0']],
    ['no room for DATA', /^DATA/, '451 4.3.2 System not accepting', ['deferred', 'pace', 451, '4.3.2']],
    ['spam', /^\.$/, '554 5.7.1 Looks like spam', ['refused', 'policy', 554, '5.7.1']],
    ['a mail that is too large, at its end', /^\.$/, '552 5.3.4 Too big', ['refused', 'message', 552, '5.3.4']],
    ['a block', /^\.$/, '554 Your address is blocked', ['senderFault', 'permission', 554, null]],
    [
      'no authentication of the domain (Gmail)',
      /^\.$/,
      '550-5.7.26 Your email\r\n550 5.7.26 is not authenticated',
      ['senderFault', 'permission', 550, '5.7.26'],
    ],
    ['a deferral after the dot', /^\.$/, '450 4.7.28 Rate limit', ['deferred', 'pace', 450, '4.7.28']],
    ['the end of the session after the dot', /^\.$/, '421 4.3.2 Shutting down', ['deferred', 'pace', 421, '4.3.2']],
    ['a refusal in the middle of the mail', /^BODY$/, '421 4.3.0 Disk full', ['deferred', 'pace', 421, '4.3.0']],
    ['death before DATA', /^DATA/, DIE, ['deferred', 'connection', null, null]],
    ['death in the middle of the mail', /^BODY$/, DIE, ['unknown', null, null, null]],
    ['death after the dot', /^\.$/, DIE, ['unknown', null, null, null]],
    ['silence after the dot', /^\.$/, SILENCE, ['unknown', null, null, null]],
    ['silence before DATA', /^RCPT/, SILENCE, ['deferred', 'connection', null, null]],
  ])('at %s', async (_what, pattern, say, expected) => {
    const { port, heard } = await sink({ reply: once(pattern, say) });
    const sending = pool(port);
    expect(short(await sending.deliver(mail()))).toEqual(expected);
    // Whatever it was, the next one goes, and the mail before it is not with it.
    expect((await sending.deliver(mail('next@example.com'))).kind).toBe('sent');
    expect(heard.commands.filter((command) => command.startsWith('RCPT TO:<next'))).toHaveLength(1);
  });

  it('with PIPELINING, where DATA has already been said when the recipient is refused', async () => {
    const { port, heard } = await sink({ hello: ['PIPELINING'], reply: once(/^RCPT/, '550 5.1.1 No such user') });
    const sending = pool(port);
    expect(short(await sending.deliver(mail()))).toEqual(['refused', 'address', 550, '5.1.1']);
    expect((await sending.deliver(mail())).kind).toBe('sent');
    expect(heard.mails.filter((text) => text !== '')).toHaveLength(1);
  });

  it('is recorded before it leaves, and stays here where that fails', async () => {
    const { port, heard } = await sink();
    const sending = pool(port);
    const order: string[] = [];
    await sending.deliver(
      mail('a@example.com', {
        onHanding: async () => void order.push(`${heard.commands.at(-1)}, ${heard.mails.length}`),
      }),
    );
    expect(order).toEqual(['DATA, 0']);
    const held = await sending.deliver(
      mail('b@example.com', { onHanding: () => Promise.reject(new Error('database away')) }),
    );
    expect(short(held)).toEqual(['deferred', 'connection', null, null]);
    expect((await sending.deliver(mail('c@example.com'))).kind).toBe('sent');
    expect(heard.mails).toHaveLength(2);
  });

  it('with letters outside of ASCII before the @ only where the server can', async () => {
    const without = await sink();
    expect(short(await pool(without.port).deliver(mail('añej@example.com')))).toEqual([
      'refused',
      'unreachable',
      null,
      null,
    ]);
    expect(without.heard.commands.some((command) => command.startsWith('MAIL'))).toBe(false);
    const able = await sink({ hello: ['SMTPUTF8'] });
    expect((await pool(able.port).deliver(mail('añej@example.com'))).kind).toBe('sent');
    expect(able.heard.commands).toContain('MAIL FROM:<us@example.org> SMTPUTF8');
  });

  it('with commands in its address: nothing of it reaches the server', async () => {
    const { port, heard } = await sink();
    const outcome = await pool(port).deliver(mail('a@example.com>\r\nRCPT TO:<b@example.com'));
    expect(short(outcome)).toEqual(['refused', 'address', null, null]);
    expect(heard.commands.some((command) => command.includes('b@example.com'))).toBe(false);
  });
});

describe('connections', () => {
  it('are used again, asked to forget a refused mail, and closed if they do not', async () => {
    const { port, heard, connections } = await sink({ reply: once(/^RCPT/, '550 5.1.1 No') });
    const sending = pool(port);
    await sending.deliver(mail());
    await sending.deliver(mail());
    await sending.deliver(mail());
    expect([connections(), heard.commands.filter((command) => command === 'RSET').length]).toEqual([1, 1]);

    const stubborn = await sink({
      reply: (command) => (command === 'RSET' ? '502 5.5.1 What?' : once(/^RCPT TO:<bad/, '550 No')(command)),
    });
    const other = pool(stubborn.port);
    await other.deliver(mail('bad@example.com'));
    expect((await other.deliver(mail())).kind).toBe('sent');
    expect(stubborn.connections()).toBe(2);
  });

  it('end after so many mails, and after a rest', async () => {
    const { port, heard, connections } = await sink();
    const sending = pool(port, {}, { mailsPerConnection: 2, idleMs: 30 });
    for (let mails = 0; mails < 3; mails++) await sending.deliver(mail());
    expect(connections()).toBe(2);
    await expect.poll(() => heard.commands.filter((command) => command === 'QUIT').length).toBe(2);
  });

  it('that the server closed while they rested cost no mail', async () => {
    const { port, connections } = await sink({ reply: once(/^MAIL FROM:<second/, DIE) });
    const sending = pool(port);
    await sending.deliver(mail());
    const second = await sending.deliver({ ...mail(), envelope: { from: 'second@example.org', to: 'a@example.com' } });
    expect([second.kind, connections()]).toEqual(['sent', 2]);
  });

  it('are as many as were set, and each takes one mail at a time', async () => {
    const { port, connections, heard } = await sink();
    const sending = pool(port, {}, { connections: 3 });
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, at) => sending.deliver(mail(`p${at}@example.com`))),
    );
    expect(outcomes.every(({ kind }) => kind === 'sent')).toBe(true);
    expect([connections(), heard.mails.length]).toEqual([3, 40]);
  });

  it('that fail let nobody wait, and are not tried again at once', async () => {
    let accepts = false;
    const { port, connections } = await sink({
      reply: (command) => (command === 'CONNECT' && !accepts ? '421 4.3.2 Too busy' : undefined),
    });
    const sending = pool(port, {}, { backOffMs: 50 });
    const [first, second] = await Promise.all([sending.deliver(mail()), sending.deliver(mail())]);
    expect([short(first), short(second)]).toEqual([
      ['deferred', 'pace', 421, '4.3.2'],
      ['deferred', 'pace', 421, '4.3.2'],
    ]);
    const third = await sending.deliver(mail());
    expect(third).toMatchObject({ kind: 'deferred', retryAfterMs: expect.any(Number) as number });
    expect(connections()).toBe(1);
    accepts = true;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect((await sending.deliver(mail())).kind).toBe('sent');
  });

  it('beyond what the server allows are done without', async () => {
    let seen = 0;
    const { port } = await sink({
      reply: (command) => (command === 'CONNECT' && ++seen > 1 ? '421 4.7.0 Too many connections' : undefined),
    });
    const sending = pool(port, {}, { connections: 4 });
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => sending.deliver(mail())));
    expect(outcomes.every(({ kind }) => kind === 'sent')).toBe(true);
  });

  it('closing lets a mail on its way end, and sends no other', async () => {
    const { port, heard } = await sink();
    const sending = pool(port);
    let closing: Promise<void> | undefined;
    const [first, second] = await Promise.all([
      sending.deliver(mail('a@example.com', { onHanding: () => void (closing = sending.close(2_000)) })),
      sending.deliver(mail('b@example.com')),
    ]);
    await closing;
    const late = await sending.deliver(mail());
    expect([first.kind, second.kind, late.kind, heard.mails.length]).toEqual(['sent', 'deferred', 'deferred', 1]);
  });
});

describe('encryption and signing in', () => {
  const accounts: SMTPServerOptions = {
    onAuth: ({ username, password }, _session, done) =>
      username === 'us' && password === 'right' ? done(null, { user: 'us' }) : done(new Error('Wrong password')),
  };
  const login = { user: 'us', password: 'right' };
  const known = { tls: { ca: CERTIFICATE } };

  it.each(['tls', 'starttls'] as const)('work by %s', async (encryption) => {
    let secured = false;
    const port = await encrypted({
      ...accounts,
      authOptional: false,
      secure: encryption === 'tls',
      onData: (stream, session, done) => {
        secured = session.secure;
        stream.resume().on('end', () => done());
      },
    });
    const sending = pool(port, { host: 'localhost', encryption, login }, { ...known, replyMs: 5_000 });
    expect([(await sending.deliver(mail())).kind, secured]).toEqual(['sent', true]);
  });

  it.each<[string, SMTPServerOptions, Partial<SmtpServer>, Partial<PoolOptions>, unknown[], RegExp]>([
    [
      'a wrong password',
      accounts,
      { login: { user: 'us', password: 'wrong' } },
      known,
      ['senderFault', 'credentials'],
      /Wrong password/,
    ],
    ['an unknown certificate', {}, {}, {}, ['senderFault', 'encryption'], /self-signed/],
    ['a certificate of another name', {}, { host: '127.0.0.1' }, known, ['senderFault', 'encryption'], /another name/],
    [
      'no STARTTLS',
      { disabledCommands: ['STARTTLS'] },
      {},
      known,
      ['senderFault', 'encryption'],
      /does not offer encryption/,
    ],
    [
      'TLS on a port for STARTTLS',
      {},
      { encryption: 'tls' },
      known,
      ['senderFault', 'encryption'],
      /does not begin with TLS/,
    ],
  ])('%s stops every mail, in words', async (_what, server, settings, options, expected, words) => {
    const port = await encrypted(server);
    const sending = pool(port, { host: 'localhost', encryption: 'starttls', ...settings }, options);
    const outcome = await sending.deliver(mail());
    expect([outcome.kind, 'why' in outcome && outcome.why]).toEqual(expected);
    expect(outcome.text).toMatch(words);
  });

  it('a password is not sent before the connection is encrypted', async () => {
    const { port, heard } = await sink({ hello: ['AUTH PLAIN'] });
    const outcome = await pool(port, { encryption: 'starttls', login }).deliver(mail());
    expect(short(outcome).slice(0, 2)).toEqual(['senderFault', 'encryption']);
    expect(heard.commands.some((command) => command.startsWith('AUTH'))).toBe(false);
  });

  it('a temporary failure to sign in is not taken for a wrong password', async () => {
    const { port } = await sink({ hello: ['AUTH PLAIN'], reply: once(/^AUTH/, '454 4.7.0 Temporary failure') });
    expect(short(await pool(port, { login }).deliver(mail()))).toEqual(['deferred', 'pace', 454, '4.7.0']);
  });
});

describe('addresses', () => {
  it('inside the network are not connected to, nor unencrypted ones outside of it', async () => {
    const { port, connections } = await sink();
    process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '';
    for (const host of ['127.0.0.1', 'localhost', '::ffff:127.0.0.1']) {
      const outcome = await pool(port, { host, encryption: 'tls' }).deliver(mail());
      expect(outcome).toMatchObject({ kind: 'senderFault', text: expect.stringMatching(/private network/) as string });
    }
    const plain = await pool(25, { host: '192.0.2.1', encryption: 'none' }).deliver(mail());
    expect(plain.text).toMatch(/private network|Without encryption/);
    const open = await pool(25, { host: '8.8.8.8', encryption: 'none' }).deliver(mail());
    expect(open.text).toMatch(/Without encryption/);
    expect(connections()).toBe(0);
  });

  it('that do not exist, or where nobody listens, are named', async () => {
    const { port, close } = await sink();
    await close();
    expect((await pool(port).deliver(mail())).text).toMatch(/Nothing is listening/);
    expect((await pool(25, { host: 'no-such-host.invalid' }).deliver(mail())).text).toMatch(/does not exist|looked up/);
  });
});
