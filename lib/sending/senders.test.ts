// Senders: tested before they are kept, with secrets that go nowhere else; limits, pauses, signatures, and the built-in mailbox.
import { createHash, createPublicKey, createVerify } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import type { SenderId } from '@/lib/db/ids';
import { createTestAccount, createTestSection, type TestAccount } from '@/testing/fixtures';
import { startSink, type Sink } from '@/testing/smtp/sink';
import {
  addMailbox,
  beginSigning,
  checkSenderDomain,
  makeKey,
  pauseSender,
  removeSender,
  sendTestMail,
  setSigning,
  chooseForSystemMail,
} from './commands';
import { compose } from './compose/compose';
import { ensureMailboxes, KEPT_MAILS, MailboxTransport, removeOldCaughtMail } from './mailbox';
import { openTransport } from './open-transport';
import { openSender } from './queries';
import { readMailbox, readSender, readSenders } from './reads';
import { addSender, changeSender } from './save';
import { capOfDay, forgetRemovedSenders, takeRoom } from './use';

let account: TestAccount;
let sink: Sink;
let refuses: string | undefined;

beforeAll(async () => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  sink = await startSink({
    hello: ['AUTH PLAIN'],
    reply: (command) => (command.startsWith('AUTH') ? refuses : undefined),
  });
});
afterAll(async () => {
  await sink.close();
  delete process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES;
});
beforeEach(async () => {
  refuses = undefined;
  sink.heard.commands.length = sink.heard.mails.length = 0;
  account = await createTestAccount();
});

const form = (part: object = {}) => ({
  sectionId: account.sectionId,
  name: 'Newsletter',
  fromAddress: 'news@räksmörgås.se',
  fromName: 'Shop',
  replyTo: '',
  host: '127.0.0.1',
  port: String(sink.port),
  encryption: 'none',
  user: 'us',
  password: 'secret word',
  ehloName: '',
  connections: '2',
  perSecond: '',
  perHour: '',
  perDay: '',
  warmUp: '',
  ...part,
});
const add = async (part: object = {}) => valueOf(await addSender(account.admin, form(part))).id;
const inSender = (senderId: SenderId) => ({ sectionId: account.sectionId, senderId });
const view = async (senderId: SenderId) => valueOf(await readSender(account.admin, inSender(senderId)));

describe('a sender', () => {
  it('is kept once its server has let us in, with a sealed password that no page gets', async () => {
    const senderId = await add();
    expect(sink.heard.commands.slice(0, 2)).toEqual([
      'EHLO xn--rksmrgs-5wao1o.se',
      `AUTH PLAIN ${Buffer.from('\0us\0secret word').toString('base64')}`,
    ]);
    const seen = JSON.stringify(await view(senderId));
    expect([seen.includes('secret word'), seen.includes('"hasPassword":true')]).toEqual([false, true]);
    const { secrets } = await one<{ secrets: Buffer }>(
      pool(),
      sql`select secrets from sender where section_id = ${account.sectionId} and id = ${senderId}`,
    );
    expect(secrets.includes('secret word')).toBe(false);
    const audit = await one<{ text: string }>(
      pool(),
      sql`select details::text as text from audit_entry where subject = ${`sender:${senderId}`}`,
    );
    expect([audit.text.includes('secret word'), audit.text.includes('127.0.0.1')]).toEqual([false, true]);
  });

  it.each<[string, object, string | undefined, string, RegExp]>([
    [
      'a wrong password',
      {},
      '535 5.7.8 Authentication failed',
      'user',
      /refused the user name or the password.*Authentication failed/,
    ],
    ['a server that is not there', { port: '1' }, undefined, 'host', /Nothing is listening/],
    ['a host inside the network', { host: '10.0.0.1' }, undefined, 'host', /private network/],
    [
      'encryption that the server does not offer',
      { encryption: 'starttls' },
      undefined,
      'encryption',
      /does not offer encryption/,
    ],
    ['no password', { password: '' }, undefined, 'password', /Enter the password/],
    ['an address that is none', { fromAddress: 'news' }, undefined, 'fromAddress', /such as news@/],
    ['a port that is none', { port: '70000' }, undefined, 'port', /at most 65,535/],
    ['a header in its name', { fromName: 'x'.repeat(101) }, undefined, 'fromName', /at most 100/],
  ])('with %s is not kept, and the field says why', async (_what, part, reply, field, message) => {
    refuses = reply;
    const result = await addSender(account.admin, form(part));
    expect(result).toMatchObject({
      ok: false,
      refusal: { code: 'invalid', field, message: expect.stringMatching(message) as string },
    });
    expect(valueOf(await readSenders(account.admin, { sectionId: account.sectionId }))).toEqual([]);
  });

  it('is for Admins with access to its section', async () => {
    const senderId = await add();
    const other = await createTestAccount();
    const limited = { ...account.admin, sections: [await createTestSection(account.accountId, 'Elsewhere')] };
    sink.heard.commands.length = 0;
    for (const [actor, code] of [
      [account.marketer, 'not_allowed'],
      [other.admin, 'not_found'],
      [limited, 'not_found'],
    ] as const) {
      for (const call of [
        addSender(actor, form()),
        changeSender(actor, { ...form(), senderId }),
        sendTestMail(actor, inSender(senderId)),
        makeKey(actor, inSender(senderId)),
        checkSenderDomain(actor, inSender(senderId), { resolve: () => Promise.reject(new Error('asked')) }),
        pauseSender(actor, { ...inSender(senderId), paused: true }),
        removeSender(actor, { ...inSender(senderId), removed: true }),
        readSender(actor, inSender(senderId)),
      ]) {
        expect(await call).toMatchObject({ ok: false, refusal: { code } });
      }
    }
    expect(sink.heard.commands).toEqual([]);
  });

  it('gives its stored password to no other server, user or weaker connection', async () => {
    const senderId = await add();
    const elsewhere = await startSink({ hello: ['AUTH PLAIN'] });
    for (const part of [{ port: String(elsewhere.port) }, { user: 'other' }, { encryption: 'tls' }]) {
      const result = await changeSender(account.admin, { ...form(part), password: '', senderId });
      expect(result).toMatchObject({ ok: false, refusal: { field: 'password' } });
    }
    expect(elsewhere.heard.commands).toEqual([]);
    await elsewhere.close();
    sink.heard.commands.length = 0;
    const renamed = { ...form({ name: 'Weekly', perHour: '100', warmUp: '50' }), password: undefined, senderId };
    expect(await changeSender(account.admin, renamed)).toEqual({ ok: true, value: { tested: false } });
    expect(sink.heard.commands).toEqual([]);
    expect(await view(senderId)).toMatchObject({
      name: 'Weekly',
      hasPassword: true,
      server: { perHour: 100, warmUp: { first: 50 } },
    });
    expect((await openSender(pool(), account.sectionId, senderId))?.secrets.password).toBe('secret word');
    expect(await changeSender(account.admin, { ...renamed, password: 'new word' })).toEqual({
      ok: true,
      value: { tested: true },
    });
    expect((await openSender(pool(), account.sectionId, senderId))?.secrets.password).toBe('new word');
  });

  it('sends a test to whoever asks, and says what became of it', async () => {
    const senderId = await add();
    const sent = valueOf(await sendTestMail(account.admin, inSender(senderId)));
    expect(sent).toMatchObject({ to: account.admin.email, outcome: { kind: 'sent' } });
    expect((await view(senderId)).today).toBe(1);
    expect(sink.heard.mails[0]).toContain(`To: "Test admin" <${account.admin.email}>`.replace(/"/g, ''));
    refuses = '535 5.7.8 No longer';
    expect(valueOf(await sendTestMail(account.admin, inSender(senderId))).outcome).toMatchObject({
      kind: 'senderFault',
      why: 'credentials',
    });
  });

  it('is paused, removed and brought back, but not removed while invitations go through it', async () => {
    const senderId = await add();
    valueOf(await pauseSender(account.admin, { ...inSender(senderId), paused: true }));
    expect((await view(senderId)).pausedAt).not.toBeNull();
    valueOf(await chooseForSystemMail(account.owner, { ...inSender(senderId), used: true }));
    expect((await view(senderId)).isForSystem).toBe(true);
    const remove = (removed: boolean) => removeSender(account.admin, { ...inSender(senderId), removed });
    expect(await remove(true)).toMatchObject({ ok: false, refusal: { code: 'conflict' } });
    valueOf(await chooseForSystemMail(account.owner, { ...inSender(senderId), used: false }));
    valueOf(await remove(true));
    expect(await openSender(pool(), account.sectionId, senderId)).toBeUndefined();
    expect(await remove(true)).toMatchObject({ ok: false, refusal: { code: 'not_found' } });
    await forgetRemovedSenders();
    valueOf(await remove(false));
    expect(await view(senderId)).toMatchObject({ name: 'Newsletter', hasPassword: true });
    valueOf(await remove(true));
    await forgetRemovedSenders(new Date(Date.now() + 8 * 86_400_000));
    valueOf(await remove(false));
    expect(await view(senderId)).toMatchObject({ hasPassword: false, needsPassword: true });
  });

  it('asks for its password again after the secret of the installation was changed, and sends nothing without', async () => {
    const senderId = await add();
    const former = process.env.NEXTAUTH_SECRET;
    process.env.NEXTAUTH_SECRET = 'another secret of the installation, 32 or more';
    try {
      expect(await view(senderId)).toMatchObject({ hasPassword: false, needsPassword: true });
      const heard = sink.heard.commands.length;
      expect(valueOf(await sendTestMail(account.admin, inSender(senderId))).outcome).toMatchObject({
        kind: 'senderFault',
        why: 'credentials',
      });
      expect(sink.heard.commands).toHaveLength(heard);
      expect(await makeKey(account.admin, inSender(senderId))).toMatchObject({ ok: false });
      const changed = { ...form(), senderId };
      expect(await changeSender(account.admin, { ...changed, password: '' })).toMatchObject({
        ok: false,
        refusal: { field: 'password' },
      });
      valueOf(await changeSender(account.admin, { ...changed, password: 'secret word' }));
      expect(await view(senderId)).toMatchObject({ hasPassword: true, needsPassword: false });
    } finally {
      process.env.NEXTAUTH_SECRET = former;
    }
  });

  it('that is a mailbox is not brought back beside another', async () => {
    const { id } = valueOf(await addMailbox(account.admin, { sectionId: account.sectionId }));
    valueOf(await removeSender(account.admin, { ...inSender(id), removed: true }));
    valueOf(await addMailbox(account.admin, { sectionId: account.sectionId }));
    expect(await removeSender(account.admin, { ...inSender(id), removed: false })).toMatchObject({
      ok: false,
      refusal: { code: 'conflict' },
    });
  });
});

describe('where invitations and password links go', () => {
  it('is decided by Account Owners: an Admin could have an Owner’s link sent to themselves', async () => {
    const senderId = await add();
    const use = (actor: TestAccount['owner']) => chooseForSystemMail(actor, { ...inSender(senderId), used: true });
    expect(await use(account.admin)).toMatchObject({ ok: false, refusal: { code: 'not_allowed' } });
    expect(await use({ ...account.owner, sections: [account.sectionId] })).toMatchObject({
      ok: false,
      refusal: { code: 'not_allowed' },
    });
    valueOf(await use(account.owner));
    sink.heard.commands.length = 0;
    const moved = { ...form({ name: 'Mine' }), senderId };
    expect(await changeSender(account.admin, moved)).toMatchObject({ ok: false, refusal: { code: 'not_allowed' } });
    expect(sink.heard.commands).toEqual([]);
    expect(await changeSender(account.owner, moved)).toMatchObject({ ok: true });
  });

  it('what a built-in mailbox has of them is shown to Account Owners', async () => {
    const { id } = valueOf(await addMailbox(account.admin, { sectionId: account.sectionId }));
    const transport = new MailboxTransport(account.sectionId, id);
    const raw = Buffer.from('Subject: Your link\r\n\r\nhttps://example.com/invite/x\r\n');
    const envelope = { from: 'a@example.com', to: 'b@example.com' };
    await transport.deliver({ envelope, raw, letsIn: true });
    const read = async (actor: TestAccount['owner'], mailId?: number) =>
      valueOf(await readMailbox(actor, { ...inSender(id), search: '', limit: 50, mailId }));
    const { mails } = await read(account.owner);
    expect([mails.length, (await read(account.admin)).mails.length]).toEqual([1, 0]);
    expect((await read(account.owner, mails[0]!.id)).open?.text).toContain('/invite/x');
    expect((await read(account.admin, mails[0]!.id)).open).toBeNull();
  });

  it('what a built-in mailbox has of marketing messages is shown to Users too, and nothing else', async () => {
    const mailbox = valueOf(await addMailbox(account.admin, { sectionId: account.sectionId }));
    const transport = new MailboxTransport(account.sectionId, mailbox.id);
    const mail = (subject: string, more: object) =>
      transport.deliver({
        envelope: { from: 'a@example.com', to: 'c@example.com' },
        raw: Buffer.from(`Subject: ${subject}\r\n\r\nText\r\n`),
        ...more,
      });
    await mail('System', {});
    await mail('Link', { letsIn: true });
    await mail('Both', { letsIn: true, forEveryone: true });
    await mail('News', { forEveryone: true });
    await transport.deliverSms({ reference: null, from: 'Shop', to: '46701234567', text: 'Your code is 1234' });
    await transport.deliverSms({
      reference: null,
      from: 'Shop',
      to: '46701234567',
      text: 'Sale today',
      forEveryone: true,
    });
    const read = async (actor: TestAccount['owner'], mailId?: number) =>
      valueOf(await readMailbox(actor, { ...inSender(mailbox.id), search: '', limit: 50, mailId }));
    const asOwner = await read(account.owner);
    const { mails, sender } = await read(account.marketer);
    expect(mails.map(({ subject }) => subject)).toEqual(['Sale today', 'News']);
    expect(Object.keys(sender)).toEqual(['id', 'name']);
    for (const { id, subject } of asOwner.mails) {
      const { open } = await read(account.marketer, id);
      expect([subject, open === null]).toEqual([subject, !['Sale today', 'News'].includes(subject)]);
    }
    // Not through another section, nor by somebody who may not see this one.
    const elsewhere = await createTestSection(account.accountId, 'Far away');
    const page = { senderId: mailbox.id, search: '', limit: 50 };
    expect(await readMailbox(account.marketer, { ...page, sectionId: elsewhere })).toMatchObject({ ok: false });
    const outside = { ...account.marketer, sections: [elsewhere] };
    expect(await readMailbox(outside, { ...page, sectionId: account.sectionId })).toMatchObject({ ok: false });
  });
});

describe('limits', () => {
  it('hold over all who take room at once, for a second, an hour and a day', async () => {
    const senderId = await add({ perSecond: '10', perHour: '25', perDay: '1000' });
    const sender = (await openSender(pool(), account.sectionId, senderId))!;
    const at = new Date('2026-11-26T10:00:00.300Z');
    const take = (wanted: number, when = at) => transaction((tx) => takeRoom(tx, sender, wanted, when));
    const taken = await Promise.all([take(4), take(4), take(4)]);
    expect(taken.reduce((sum, { granted }) => sum + granted, 0)).toBe(10);
    expect(taken.find(({ granted }) => granted < 4)?.nextAt).toEqual(new Date('2026-11-26T10:00:01Z'));
    expect(await take(20, new Date('2026-11-26T10:00:05Z'))).toMatchObject({ granted: 10 });
    expect(await take(20, new Date('2026-11-26T10:00:09Z'))).toEqual({
      granted: 5,
      nextAt: new Date('2026-11-26T11:00:00Z'),
    });
    expect(await take(20, new Date('2026-11-26T10:00:10Z'))).toEqual({
      granted: 0,
      nextAt: new Date('2026-11-26T11:00:00Z'),
    });
  });

  it('let a new domain send a little more each day', () => {
    const settings = { perDay: 500, warmUp: { since: '2026-11-01T15:00:00Z', first: 100 } };
    const caps = ['2026-11-01T23:00:00Z', '2026-11-02T01:00:00Z', '2026-11-03T01:00:00Z', '2026-12-24T01:00:00Z'];
    expect(caps.map((at) => capOfDay(settings, new Date(at)))).toEqual([100, 150, 225, 500]);
    expect(capOfDay({ perDay: null, warmUp: null }, new Date())).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('signatures', () => {
  it('begin once the key is published, cover unsubscribing by one click, and are verified by the published key', async () => {
    const senderId = await add();
    valueOf(await makeKey(account.admin, inSender(senderId)));
    const { nextDkim } = await view(senderId);
    const { name, value } = nextDkim!.record;
    const none = () => Promise.reject(Object.assign(new Error(), { code: 'ENOTFOUND' }));
    expect(await beginSigning(account.admin, inSender(senderId), { resolve: none })).toMatchObject({
      ok: false,
      refusal: { code: 'conflict' },
    });
    valueOf(
      await beginSigning(account.admin, inSender(senderId), {
        resolve: (asked) => (asked === name ? Promise.resolve([value]) : none()),
      }),
    );
    expect(await view(senderId)).toMatchObject({
      dkim: { record: { name } },
      nextDkim: null,
      check: { domain: 'xn--rksmrgs-5wao1o.se' },
    });

    const transport = openTransport((await openSender(pool(), account.sectionId, senderId))!);
    const mail = compose({
      from: { name: 'Åsa', address: 'news@räksmörgås.se' },
      to: { name: '', address: 'anna@example.com' },
      subject: 'Hej',
      text: 'Hej  du \n\n',
      html: '<p>Hej</p>',
      messageId: '1@example.com',
      date: new Date(),
      automatic: true,
      unsubscribe: { url: 'https://example.com/u/1' },
    });
    expect((await transport.deliver(mail)).kind).toBe('sent');
    await transport.close();
    const signed = sink.heard.mails.at(-1)!.replace(/^\.\./gm, '.');
    expect(signed).toMatch(/h=[^;]*list-unsubscribe:list-unsubscribe-post/is);
    expect(verifies(`${signed}\r\n`, value)).toBe(true);
    expect(verifies(`${signed.replace('Subject: Hej', 'Subject: Nej')}\r\n`, value)).toBe(false);

    // Turned off, the key is kept.
    valueOf(await setSigning(account.admin, { ...inSender(senderId), signs: false }));
    expect(await view(senderId)).toMatchObject({ dkim: null, nextDkim: { record: { name } } });
  });
});

/** Verifies a signature as RFC 6376 says, with relaxed canonicalisation. */
function verifies(mail: string, record: string): boolean {
  const [head = '', ...rest] = mail.split('\r\n\r\n');
  const fields = head
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
    .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1)] as const);
  const relaxed = (name: string, value: string) => `${name}:${value.replace(/[ \t]+/g, ' ').trim()}`;
  const signature = fields.find(([name]) => name === 'dkim-signature')![1];
  const tag = (name: string) => new RegExp(`(?:^|;)\\s*${name}=([^;]*)`).exec(signature)![1]!.replace(/\s+/g, '');
  const body = `${rest
    .join('\r\n\r\n')
    .replace(/[ \t]+\r\n/g, '\r\n')
    .replace(/[ \t]+/g, ' ')
    .replace(/(\r\n)*$/, '')}\r\n`;
  const names = tag('h').split(':');
  const signed = [
    ...names.map((name) => relaxed(name, fields.findLast(([other]) => other === name)![1])),
    relaxed('dkim-signature', signature.replace(/(;\s*b=)[^;]*/, '$1')),
  ].join('\r\n');
  const key = createPublicKey({ key: Buffer.from(/p=(.*)$/.exec(record)![1]!, 'base64'), format: 'der', type: 'spki' });
  return (
    createHash('sha256').update(body).digest('base64') === tag('bh') &&
    createVerify('rsa-sha256').update(signed).verify(key, tag('b'), 'base64')
  );
}

describe('the built-in mailbox', () => {
  const mailTo = (address: string, subject: string) =>
    compose({
      from: { name: 'Shop', address: 'news@example.com' },
      to: { name: '', address },
      subject,
      text: 'Text part',
      html: '<p>HTML <b>part</b></p>',
      messageId: '1@example.com',
      date: new Date(),
      automatic: true,
    });

  it('keeps what it is given, finds it again, and shows its parts', async () => {
    const { id } = valueOf(await addMailbox(account.admin, { sectionId: account.sectionId }));
    expect(await addMailbox(account.admin, { sectionId: account.sectionId })).toMatchObject({ ok: false });
    const transport = openTransport((await openSender(pool(), account.sectionId, id))!);
    const outcomes = await Promise.all([
      transport.deliver(
        mailTo('anna@example.com', 'Höstens nyheter 🍂 och mycket mer som inte får plats på en enda rad'),
      ),
      transport.deliver(mailTo('bo@example.com', '100 % wool')),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['sent', 'sent']);
    const held = await transport.deliver({
      ...mailTo('c@example.com', 'x'),
      onHanding: () => Promise.reject(new Error('no')),
    });
    expect(held.kind).toBe('deferred');
    await transport.close();
    const read = async (more: object) =>
      valueOf(await readMailbox(account.admin, { ...inSender(id), search: '', limit: 50, ...more }));
    const { mails } = await read({});
    expect(mails.map(({ to, subject }) => [to, subject]).toSorted()).toEqual([
      ['anna@example.com', 'Höstens nyheter 🍂 och mycket mer som inte får plats på en enda rad'],
      ['bo@example.com', '100 % wool'],
    ]);
    expect((await read({ search: 'NYHETER anna' })).mails.map(({ to }) => to)).toEqual(['anna@example.com']);
    expect((await read({ search: '100 %' })).mails.map(({ to }) => to)).toEqual(['bo@example.com']);
    const wool = mails.find(({ to }) => to === 'bo@example.com')!;
    const { open } = await read({ mailId: wool.id });
    expect(open).toMatchObject({
      text: expect.stringContaining('Text part') as string,
      html: expect.stringContaining('<b>part</b>') as string,
    });
    expect(open?.headers).toContainEqual({ name: 'Auto-Submitted', value: 'auto-generated' });
    // A mailbox of one section is not read through another.
    const elsewhere = await createTestSection(account.accountId, 'Elsewhere');
    expect(
      await readMailbox(account.admin, { sectionId: elsewhere, senderId: id, search: '', limit: 50 }),
    ).toMatchObject({ ok: false });
  });

  it('keeps the newest mails, and none for long', async () => {
    const { id } = valueOf(await addMailbox(account.admin, { sectionId: account.sectionId }));
    await execute(
      pool(),
      sql`
        insert into caught_mail (section_id, sender_id, at, from_address, to_address, subject, raw)
        select ${account.sectionId}::int, ${id}::int, ${new Date('2020-01-01')}::timestamptz, 'a@example.com', 'b@example.com', 'old', '\\x'::bytea
        from generate_series(1, ${KEPT_MAILS}::int)`,
    );
    const transport = new MailboxTransport(account.sectionId, id);
    await transport.deliver(mailTo('new@example.com', 'new'));
    const count = async () =>
      (await rows(pool(), sql`select from caught_mail where section_id = ${account.sectionId}`)).length;
    expect(await count()).toBe(KEPT_MAILS);
    await removeOldCaughtMail();
    expect(await count()).toBe(1);
  });

  it('comes by itself where nobody has a sender, once', async () => {
    await ensureMailboxes(pool());
    const list = async () => valueOf(await readSenders(account.admin, { sectionId: account.sectionId }));
    const [mailbox] = await list();
    expect(mailbox).toMatchObject({ kind: 'mailbox', isForSystem: true });
    valueOf(await chooseForSystemMail(account.owner, { ...inSender(mailbox!.id), used: false }));
    valueOf(await removeSender(account.admin, { ...inSender(mailbox!.id), removed: true }));
    await ensureMailboxes(pool());
    expect(await list()).toEqual([]);
  });
});
