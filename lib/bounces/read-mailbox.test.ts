// A mailbox of bounces, from a server that speaks IMAP: read once, in batches, from where it was left, with nothing lost and nothing deleted that says nothing.
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import type { SendId } from '@/lib/db/ids';
import { messageIdOf } from '@/lib/messages/message-id';
import { returnAddressOf } from '@/lib/messages/return-address';
import { messageToken } from '@/lib/messages/token';
import { SAMPLES } from '@/testing/bounces/samples';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { ImapPeer, type ImapOptions } from '@/testing/imap/server';
import { valueOf } from '@/testing/segments';
import { TestSending } from '@/testing/sends';
import { CERTIFICATE } from '@/testing/smtp/certificate';
import { readDueMailboxes, readMailbox } from './read-mailbox';
import { saveMailbox } from './save';

let account: TestAccount;
let sending: TestSending;
let peer: ImapPeer | undefined;

beforeAll(async () => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  account = await createTestAccount();
  return () => delete process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES;
});
beforeEach(async () => {
  sending = await TestSending.open(account, null);
});
afterEach(async () => {
  await peer?.close();
  peer = undefined;
});

const of = () => ({ sectionId: sending.sectionId, senderId: sending.senderId });
const tlsOptions = { tls: { ca: CERTIFICATE } };

const form = (more: object = {}) => ({
  ...of(),
  host: '127.0.0.1',
  port: String(peer!.port),
  encryption: 'none',
  user: 'bounces',
  password: 'secret',
  folder: '',
  remove: false,
  ...more,
});

async function start(options: ImapOptions = {}, more: object = {}): Promise<ImapPeer> {
  peer = await ImapPeer.start(options);
  valueOf(await saveMailbox(account.admin, form(more), { imap: tlsOptions }));
  return peer;
}

/** Recipients of a send that everybody got, by number. */
async function sent(count: number): Promise<{ sendId: SendId; numbers: number[] }> {
  await sending.people(count);
  const sendId = await sending.frozen();
  const found = await rows<{ number: number }>(
    pool(),
    sql`
      update recipient set state = 'sent', ended_at = ${new Date()}
      where section_id = ${sending.sectionId} and send_id = ${sendId} returning number`,
  );
  return { sendId, numbers: found.map(({ number }) => number) };
}

const mailOf = (sendId: SendId, number: number | null) => {
  const { sectionId } = sending;
  return {
    returnTo: returnAddressOf({ address: 'bounces@example.org', form: 'plus' }, { sectionId, number }),
    messageId: messageIdOf({ sectionId, sendId, number: number ?? 1 }, 'example.org'),
    to: 'nobody@example.com',
    unsubscribe: `https://tagwell.example/u/${messageToken('unsubscribe', { sectionId, number, link: 0 })}`,
  };
};

type State = {
  last: number;
  bounces: number;
  complaints: number;
  passed: number;
  error: string | null;
  readAt: Date | null;
  nextAt: Date | null;
  arrivedAt: Date | null;
};
const state = () =>
  one<State>(
    pool(),
    sql`
      select last_uid as last, bounces, complaints, passed_over as passed, error, read_at as "readAt", next_at as "nextAt",
        arrived_at as "arrivedAt"
      from sender_bounces where section_id = ${sending.sectionId} and sender_id = ${sending.senderId}`,
  );
const aside = () =>
  rows<{ uid: number; subject: string; why: string }>(
    pool(),
    sql`
      select uid, subject, why from bounce_aside
      where section_id = ${sending.sectionId} and sender_id = ${sending.senderId} order by uid`,
  );
const bounced = async () =>
  (
    await one<{ count: number }>(
      pool(),
      sql`
        select count(*)::int as count from recipient
        where section_id = ${sending.sectionId} and bounced_at is not null and send_id in (
          select id from send where section_id = ${sending.sectionId} and sender_id = ${sending.senderId}
        )`,
    )
  ).count;

describe('a mailbox', () => {
  it('is tested before it is stored, and says in words and at the field what is wrong', async () => {
    peer = await ImapPeer.start();
    const refusalOf = async (more: object) => {
      const saved = await saveMailbox(account.admin, form(more), { imap: { ...tlsOptions, connectMs: 500 } });
      return saved.ok ? null : { field: saved.refusal.field, words: saved.refusal.message };
    };
    expect(await refusalOf({ password: '' })).toMatchObject({ field: 'password' });
    expect(await refusalOf({ password: 'wrong' })).toMatchObject({
      field: 'user',
      words: expect.stringMatching(/Wrong password/) as string,
    });
    expect(await refusalOf({ folder: 'Nowhere' })).toMatchObject({ field: 'folder' });
    expect(await refusalOf({ encryption: 'starttls' })).toMatchObject({ field: 'encryption' });
    expect(await refusalOf({ encryption: 'tls' })).toMatchObject({ field: 'encryption' });
    expect(await refusalOf({ host: '10.1.2.3' })).toMatchObject({
      field: 'host',
      words: expect.stringMatching(/private network/) as string,
    });
    expect(await rows(pool(), sql`select from sender_bounces where sender_id = ${sending.senderId}`)).toEqual([]);
    expect(await saveMailbox(account.marketer, form())).toMatchObject({ refusal: { code: 'not_allowed' } });
    peer.add('Subject: x\r\n\r\n');
    expect(valueOf(await saveMailbox(account.admin, form()))).toEqual({ waiting: 1 });
    // The stored password goes nowhere else.
    expect(await refusalOf({ user: 'other', password: '' })).toMatchObject({ field: 'password' });
    expect(valueOf(await saveMailbox(account.admin, form({ password: '', remove: true })))).toEqual({ waiting: 1 });
  });

  it.each(['tls', 'starttls'] as const)('is read over %s', async (encryption) => {
    const server = await start({ encryption }, { host: 'localhost', encryption });
    const { sendId, numbers } = await sent(1);
    server.add(SAMPLES.gmail(mailOf(sendId, numbers[0]!)));
    await readMailbox(of(), tlsOptions);
    expect(await state()).toMatchObject({ bounces: 1, error: null });
  });

  it('is read once, in batches; what says nothing is set aside, and nothing is deleted or marked (K.123)', async () => {
    const server = await start();
    const { sendId, numbers } = await sent(4);
    const mails = numbers.map((number) => mailOf(sendId, number));
    server.add(
      SAMPLES.postfixUnknown(mails[0]!),
      SAMPLES.outOfOffice(mails[1]!),
      SAMPLES.letter(mails[1]!),
      SAMPLES.complaint(mails[2]!),
      'Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n'.repeat(60),
      SAMPLES.delayed(mails[3]!),
      SAMPLES.letter(mailOf(sendId, null)),
    );
    await readMailbox(of(), { ...tlsOptions, batch: 2 });
    expect(await state()).toMatchObject({
      last: 7,
      bounces: 1,
      complaints: 1,
      passed: 2,
      arrivedAt: expect.any(Date) as Date,
    });
    expect(await aside()).toEqual([
      { uid: 3, subject: 'Re: Höst', why: expect.stringMatching(/no report/) as string },
      { uid: 5, subject: '', why: 'It cannot be taken apart.' },
    ]);
    expect(server.mails).toHaveLength(7);
    expect(server.commands.filter((command) => /STORE|EXPUNGE|BODY\[/i.test(command))).toEqual([]);
    await readMailbox(of());
    expect(server.commands.filter((command) => /UID FETCH/.test(command))).toHaveLength(4);
    // All of it again, as after a move of the mailbox: nothing counts twice.
    server.uidValidity++;
    await readMailbox(of());
    expect(await state()).toMatchObject({ last: 7, bounces: 1, complaints: 1 });
    expect(await aside()).toHaveLength(2);
    expect(await bounced()).toBe(1);
  });

  it('is emptied of what was read, if it is to be; what was set aside stays (K.123)', async () => {
    const server = await start({}, { remove: true });
    const { sendId, numbers } = await sent(2);
    server.add(SAMPLES.qmail(mailOf(sendId, numbers[0]!)), SAMPLES.letter(mailOf(sendId, numbers[1]!)));
    await readMailbox(of());
    expect(server.mails.map(({ uid }) => uid)).toEqual([2]);
  });

  it('a connection lost in the middle costs nothing: reading goes on, and deletes what it had not (K.123)', async () => {
    let cut: RegExp | undefined = /EXPUNGE/;
    const server = await start({ before: (command) => (cut?.test(command) ? 'die' : undefined) }, { remove: true });
    const { sendId, numbers } = await sent(4);
    server.add(...numbers.map((number) => SAMPLES.exim(mailOf(sendId, number))));
    await readMailbox(of(), { batch: 2 });
    expect(await state()).toMatchObject({
      last: 2,
      bounces: 2,
      error: expect.stringMatching(/could not be deleted|was closed/) as string,
    });
    expect(server.mails).toHaveLength(4);
    cut = undefined;
    await readMailbox(of(), { batch: 2 });
    expect(await state()).toMatchObject({ last: 4, bounces: 4, error: null });
    expect(server.mails).toEqual([]);
    expect(await bounced()).toBe(4);
  });

  it('a mail that cannot be fetched, whatever is tried, is set aside, and the others are read', async () => {
    const server = await start({
      before: (command) => (/UID FETCH (\S*,)?2(,|:| )|UID FETCH 1:/.test(command) ? 'die' : undefined),
    });
    const { sendId, numbers } = await sent(3);
    server.add(...numbers.map((number) => SAMPLES.gmail(mailOf(sendId, number))));
    for (let turn = 0; turn < 16; turn++) await readMailbox(of());
    expect(await state()).toMatchObject({ last: 3, bounces: 2, error: null });
    expect(await aside()).toEqual([{ uid: 2, subject: '', why: 'The mail server does not give it out.' }]);
  });

  it('is read by one process at a time, and pauses longer the longer it fails', async () => {
    let refuses = false;
    const server = await start({ before: (command) => (refuses && /LOGIN/.test(command) ? 'Too many' : undefined) });
    const { sendId, numbers } = await sent(1);
    server.add(SAMPLES.gmail(mailOf(sendId, numbers[0]!)));
    await Promise.all([readMailbox(of()), readMailbox(of()), readMailbox(of())]);
    expect(server.commands.filter((command) => /LOGIN/.test(command))).toHaveLength(2);
    refuses = true;
    const begin = Date.now() + 3_600_000;
    const at = (minutes: number) => ({ now: () => new Date(begin + minutes * 60_000) });
    for (const minutes of [0, 10, 100]) await readDueMailboxes(at(minutes));
    const failing = await state();
    expect(failing.error).toMatch(/refused the user name or the password/);
    expect(failing.nextAt!.getTime()).toBe(begin + 115 * 60_000);
    await readDueMailboxes(at(101));
    expect(server.commands.filter((command) => /LOGIN/.test(command))).toHaveLength(5);
  });

  it('reads many in batches of a hundred', async () => {
    const server = await start();
    const { sendId, numbers } = await sent(320);
    server.add(...numbers.map((number) => SAMPLES.postfixUnknown(mailOf(sendId, number))));
    await readMailbox(of());
    expect(await state()).toMatchObject({ last: 320, bounces: 320 });
    expect(await bounced()).toBe(320);
    expect(server.commands.filter((command) => /UID FETCH/.test(command))).toHaveLength(4);
  });
});

it('the row of a removed sender is read no more once its password is gone', async () => {
  await start();
  await execute(pool(), sql`update sender_bounces set secrets = null where sender_id = ${sending.senderId}`);
  await readMailbox(of());
  expect((await state()).error).toMatch(/password is no longer known/);
});
