// Invitations and password links by mail: written down with the link, sent after it, tried again, and never to the wrong person.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { actorUserId } from '@/lib/access/actor';
import { valueOf } from '@/lib/access/refusal';
import type { SenderId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';
import { addMailbox, pauseSender, chooseForSystemMail } from '@/lib/sending/commands';
import { readCaught, listCaught } from '@/lib/sending/caught';
import { addSender } from '@/lib/sending/save';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { DIE, startSink, type Say, type Sink } from '@/testing/smtp/sink';
import { acceptInvitation } from './accept';
import { askForPasswordLink } from './forgotten';
import { findLink } from './links';
import { createPasswordLink, inviteUser, revokeInvitation } from './invitations';
import { hashPassword } from './passwords';
import { readOpenLinks } from './reads';
import { removeOldSystemMail, sendSystemMail } from './system-mail';

let account: TestAccount;
const from = (ip: string) => ({ ip, userAgent: 'test' });
const PASSWORD = 'seven warm lamps on a hill';

type Mail = { id: number; state: string; attempts: number; outcome: string | null; token: Buffer | null };
const mails = () => rows<Mail>(pool(), sql`select id, state, attempts, outcome, token from system_mail order by id`);
const jobs = () =>
  rows<{ runAt: Date }>(
    pool(),
    sql`select run_at as "runAt" from graphile_worker.jobs where task_identifier = 'send_system_mail'`,
  );
/** What the worker does with all that wait. */
const work = async () => {
  for (const { id, state } of await mails())
    if (state === 'waiting') await sendSystemMail(id, { replyMs: 300, connectMs: 2_000 });
};

beforeEach(async () => {
  account = await createTestAccount();
  await execute(pool(), sql`delete from system_mail`);
  await execute(pool(), sql`delete from account_sender`);
  await execute(pool(), sql`delete from sign_in_attempt`);
});

async function mailbox(): Promise<SenderId> {
  const { id } = valueOf(await addMailbox(account.admin, { sectionId: account.sectionId }));
  valueOf(await chooseForSystemMail(account.owner, { sectionId: account.sectionId, senderId: id, used: true }));
  return id;
}
const caught = async (senderId: SenderId) => {
  const where = { sectionId: account.sectionId, senderId, reader: 'owner' as const };
  const lines = await listCaught(pool(), { ...where, search: '', limit: 20 });
  return Promise.all(lines.map(async ({ id }) => (await readCaught(pool(), { ...where, id }))!));
};
const tokenIn = (text: string) => /\/invite\/([\w-]+)/.exec(text)![1]!;
const invite = (email = 'new@example.com') => inviteUser(account.owner, { email, role: 'user', sections: 'all' });

describe('an invitation', () => {
  it('is shown only, where the account has no sender for it', async () => {
    expect(valueOf(await invite()).mailed).toBe(false);
    expect(await mails()).toEqual([]);
  });

  it('is sent after the command, with the same link', async () => {
    const senderId = await mailbox();
    const { token, mailed } = valueOf(await invite());
    expect([mailed, (await mails()).length, (await caught(senderId)).length, (await jobs()).length]).toEqual([
      true,
      1,
      0,
      1,
    ]);
    await work();
    const [mail] = await caught(senderId);
    expect(mail).toMatchObject({
      to: 'new@example.com',
      subject: expect.stringContaining(account.owner.name) as string,
    });
    expect([tokenIn(mail!.text), tokenIn(mail!.html!)]).toEqual([token, token]);
    expect((await mails())[0]).toMatchObject({ state: 'sent', token: null });
    const [link] = valueOf(await readOpenLinks(account.owner, {}));
    expect(link?.mail?.state).toBe('sent');
    await work();
    expect(await caught(senderId)).toHaveLength(1);
  });

  it('leaves nothing behind if the command fails', async () => {
    await mailbox();
    expect(await invite(account.marketer.email)).toMatchObject({ ok: false });
    expect(await mails()).toEqual([]);
  });

  it('that was revoked in the meantime is not sent', async () => {
    const senderId = await mailbox();
    const { id } = valueOf(await invite());
    valueOf(await revokeInvitation(account.owner, { invitationId: id }));
    await work();
    expect([await caught(senderId), (await mails())[0]?.state]).toEqual([[], 'cancelled']);
  });

  it('waits while the sender is paused, without using up an attempt', async () => {
    const senderId = await mailbox();
    valueOf(await pauseSender(account.admin, { sectionId: account.sectionId, senderId, paused: true }));
    valueOf(await invite());
    await work();
    expect((await mails())[0]).toMatchObject({
      state: 'waiting',
      attempts: 0,
      outcome: expect.stringContaining('paused') as string,
    });
    valueOf(await pauseSender(account.admin, { sectionId: account.sectionId, senderId, paused: false }));
    await work();
    expect(await caught(senderId)).toHaveLength(1);
  });

  it('shows names as text, whatever is in them', async () => {
    const senderId = await mailbox();
    await execute(
      pool(),
      sql`update account set name = '<a href="https://evil.example">x</a>' where id = ${account.accountId}`,
    );
    valueOf(await invite());
    await work();
    expect((await caught(senderId))[0]?.html).not.toContain('<a href="https://evil.example">');
  });
});

describe('by SMTP', () => {
  let sink: Sink;
  let say: (command: string) => Say;
  beforeAll(async () => {
    process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
    sink = await startSink({ reply: (command) => say(command) });
  });
  afterAll(async () => {
    await sink.close();
    delete process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES;
  });
  beforeEach(async () => {
    say = () => undefined;
    sink.heard.mails.length = 0;
    const server = { host: '127.0.0.1', port: sink.port, encryption: 'none', user: '', password: '', ehloName: '' };
    const limits = { connections: 1, perSecond: '', perHour: '', perDay: '', warmUp: '' };
    const identity = { name: 'Post', fromAddress: 'post@example.org', fromName: 'Shop', replyTo: '' };
    const { id } = valueOf(
      await addSender(account.admin, { sectionId: account.sectionId, ...identity, ...server, ...limits }),
    );
    valueOf(await chooseForSystemMail(account.owner, { sectionId: account.sectionId, senderId: id, used: true }));
    valueOf(await invite());
  });

  it('what is deferred, or perhaps lost, is tried again later as the same message', async () => {
    say = (command) => (command.startsWith('RCPT') ? '450 4.2.0 Greylisted' : undefined);
    await work();
    expect((await mails())[0]).toMatchObject({ state: 'waiting', attempts: 1, outcome: 'Greylisted' });
    expect((await jobs()).at(-1)!.runAt.getTime()).toBeGreaterThan(Date.now() + 30_000);
    say = (command) => (command === '.' ? DIE : undefined);
    await work();
    say = () => undefined;
    await work();
    expect((await mails())[0]).toMatchObject({ state: 'sent', attempts: 3 });
    const ids = sink.heard.mails.map((mail) => /^Message-ID: (.*)$/m.exec(mail)?.[1]);
    expect([ids.length, new Set(ids).size]).toEqual([2, 1]);
  });

  it('what is refused is not tried again, and the list of links says why', async () => {
    say = (command) => (command.startsWith('RCPT') ? '550 5.1.1 No such user' : undefined);
    await work();
    const [link] = valueOf(await readOpenLinks(account.owner, {}));
    expect(link?.mail).toMatchObject({ state: 'failed', outcome: 'No such user' });
  });

  it('a server that stays away is given up after eight attempts', async () => {
    say = (command) => (command === 'CONNECT' ? '421 4.3.2 Closed' : undefined);
    for (let attempt = 0; attempt < 10; attempt++) await work();
    expect((await mails())[0]).toMatchObject({ state: 'failed', attempts: 8, token: null });
  });
});

describe('a forgotten password', () => {
  const ask = (email: string, ip = '192.0.2.1') => askForPasswordLink({ email }, from(ip));
  let passwordHash: string;
  beforeAll(async () => {
    passwordHash = await hashPassword('another long password');
  });
  beforeEach(() =>
    execute(pool(), sql`update app_user set password_hash = ${passwordHash} where account_id = ${account.accountId}`),
  );

  it('gets the same answer and the same row whether the address exists; a mail only where it does', async () => {
    const senderId = await mailbox();
    expect(await ask(account.marketer.email.toUpperCase())).toEqual({ ok: true, value: null });
    expect(await ask('nobody@example.com')).toEqual({ ok: true, value: null });
    expect((await mails()).map(({ state }) => state)).toEqual(['waiting', 'waiting']);
    await work();
    const [mail, ...others] = await caught(senderId);
    expect([mail?.to, others]).toEqual([account.marketer.email, []]);
    expect((await mails()).map(({ state }) => state)).toEqual(['sent']);
    const accepted = await acceptInvitation({ token: tokenIn(mail!.text), password: PASSWORD }, from('192.0.2.1'));
    expect(accepted).toMatchObject({ ok: true, value: { email: account.marketer.email } });
    expect(
      await acceptInvitation({ token: tokenIn(mail!.text), password: `${PASSWORD} two` }, from('192.0.2.1')),
    ).toMatchObject({ ok: false });
  });

  it('is for people who are active and have a password', async () => {
    const senderId = await mailbox();
    await execute(pool(), sql`update app_user set deactivated_at = now() where id = ${account.marketer.userId}`);
    await execute(
      pool(),
      sql`update app_user set password_hash = null, identity_issuer = 'i', identity_subject = ${account.admin.email} where id = ${account.admin.userId}`,
    );
    await ask(account.marketer.email);
    await ask(account.admin.email);
    await work();
    expect(await caught(senderId)).toEqual([]);
  });

  it('ends an earlier link of the same kind, but not one of an Admin', async () => {
    const senderId = await mailbox();
    const { token: ofAdmin } = valueOf(await createPasswordLink(account.owner, { userId: account.marketer.userId }));
    await ask(account.marketer.email);
    await work();
    await ask(account.marketer.email);
    await work();
    const tokens = (await caught(senderId)).map(({ text }) => tokenIn(text));
    expect(tokens[2]).toBe(ofAdmin);
    const open = await Promise.all(tokens.map(async (token) => (await findLink(token)) !== undefined));
    expect(open).toEqual([true, false, true]);
  });

  it('cannot be asked for without end, per address and per network', async () => {
    const senderId = await mailbox();
    const asked: unknown[] = [];
    for (let time = 0; time < 5; time++) asked.push(await ask(account.marketer.email, `192.0.2.${time}`));
    expect(asked.map((result) => (result as { ok: boolean }).ok)).toEqual([true, true, true, false, false]);
    const unknown: boolean[] = [];
    for (let time = 0; time < 5; time++) unknown.push((await ask('nobody@example.com', `198.51.100.${time}`)).ok);
    expect(unknown).toEqual([true, true, true, false, false]);
    const network: boolean[] = [];
    for (let time = 0; time < 12; time++) network.push((await ask(`p${time}@example.com`, '203.0.113.7')).ok);
    expect(network.filter((ok) => !ok).length).toBe(2);
    // Whoever waits long enough for each gets five a day.
    for (let time = 0; time < 5; time++) {
      await execute(pool(), sql`delete from sign_in_attempt`);
      await ask(account.marketer.email);
      await work();
    }
    expect(await caught(senderId)).toHaveLength(5);
    // Once the last link has ended, its owner gets another.
    await execute(
      pool(),
      sql`update invitation set expires_at = ${new Date()} where user_id = ${actorUserId(account.marketer)}`,
    );
    await execute(pool(), sql`delete from sign_in_attempt`);
    await ask(account.marketer.email);
    await work();
    expect(await caught(senderId)).toHaveLength(6);
  });

  it('is offered only where somebody sends such mails', async () => {
    expect(await ask(account.marketer.email)).toMatchObject({ ok: false, refusal: { code: 'conflict' } });
    expect(await mails()).toEqual([]);
  });

  it('leaves nothing for long', async () => {
    await mailbox();
    await ask(account.marketer.email);
    await work();
    expect(await mails()).toHaveLength(1);
    await removeOldSystemMail(new Date(Date.now() + 31 * 86_400_000));
    expect(await transaction((tx) => rows(tx, sql`select from system_mail`))).toEqual([]);
  });
});
