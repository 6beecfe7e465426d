// A new sender starts gently, and goes on as fast as its server has shown that it can. [32]
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import type { SenderId } from '@/lib/db/ids';
import { connectionsNow, gentleConnections, gentleRate } from '@/lib/sending/gentle';
import { openSender } from '@/lib/sending/queries';
import { readSender } from '@/lib/sending/reads';
import { addSender, changeSender } from '@/lib/sending/save';
import { giveRoom, removeOldUse, takeRoom } from '@/lib/sending/use';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { valueOf } from '@/testing/segments';
import { TestSending } from '@/testing/sends';
import { startSink, type Say, type Sink } from '@/testing/smtp/sink';
import { sendMails } from './deliver';

const BEGAN = '2026-11-26T09:00:00.000Z';
const AT = new Date('2026-11-26T10:00:00.300Z');
const UNLIMITED = Number.POSITIVE_INFINITY;

let account: TestAccount;
let sink: Sink;
/** What the sink says instead. */
let say: (command: string) => Say;

beforeAll(() => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
});
beforeEach(async () => {
  say = () => undefined;
  account = await createTestAccount();
  sink = await startSink({ reply: (command) => say(command) });
});
afterEach(() => sink.close());

const openIt = async (id: SenderId) => (await openSender(pool(), account.sectionId, id))!;
const setTaken = (id: SenderId, taken: number) =>
  execute(
    pool(),
    sql`
      update sender_use set taken = ${taken}
      where section_id = ${account.sectionId} and sender_id = ${id} and seconds > 86400`,
  );
/** Of all that it was given since it began. */
const takenBy = async (id: SenderId): Promise<number[]> =>
  (
    await rows<{ taken: number }>(
      pool(),
      sql`
        select taken from sender_use
        where section_id = ${account.sectionId} and sender_id = ${id} and seconds > 86400 order by since`,
    )
  ).map(({ taken }) => taken);

const form = (part: object = {}) => ({
  sectionId: account.sectionId,
  ...{ name: 'Newsletter', fromAddress: 'news@example.org', fromName: 'Shop', replyTo: '', ehloName: '' },
  ...{ host: '127.0.0.1', port: String(sink.port), encryption: 'none', user: '', password: '' },
  ...{ connections: '20', perSecond: '', perHour: '', perDay: '', warmUp: '', ...part },
});
const add = async (part: object = {}) => valueOf(await addSender(account.admin, form(part))).id;
const view = async (senderId: SenderId) =>
  valueOf(await readSender(account.admin, { sectionId: account.sectionId, senderId }));

describe('a new sender [32]', () => {
  it('takes a few mails a second over two connections, and more the more were taken', async () => {
    const id = await add();
    const sender = await openIt(id);
    const after = (seconds: number) => new Date(AT.getTime() + 1_000 * seconds);
    const take = (wanted: number, at: Date) => transaction((tx) => takeRoom(tx, sender, wanted, at));
    expect(await take(50, AT)).toEqual({ granted: 5, nextAt: new Date('2026-11-26T10:00:01Z') });
    expect(await take(50, AT)).toMatchObject({ granted: 0 });
    expect(await connectionsNow(pool(), sender)).toEqual({ connections: 2, isGentle: true });
    expect((await view(id)).gentleRate).toBe(5);
    await setTaken(id, 1_000);
    expect(await take(500, after(1))).toMatchObject({ granted: 50 });
    expect(await connectionsNow(pool(), sender)).toEqual({ connections: 10, isGentle: true });
    await setTaken(id, 20_000);
    expect(await take(500, after(2))).toEqual({ granted: 500, nextAt: null });
    expect(await connectionsNow(pool(), sender)).toEqual({ connections: 20, isGentle: false });
    expect((await view(id)).gentleRate).toBeNull();
  });

  it('never goes faster than a twentieth of what was taken a second, nor needs many minutes', () => {
    let taken = 0;
    let seconds = 0;
    for (; gentleRate(taken) < UNLIMITED; seconds++) {
      expect(gentleRate(taken)).toBeLessThanOrEqual(Math.max(5, taken / 20));
      expect(gentleConnections(50, taken)).toBeLessThanOrEqual(Math.max(2, taken / 100));
      taken += gentleRate(taken);
    }
    expect(seconds).toBeLessThan(180);
    expect(gentleConnections(1, 0)).toBe(1);
  });

  it('has nothing proven by what was given back, and keeps what was', async () => {
    const id = await add();
    const sender = await openIt(id);
    await transaction((tx) => takeRoom(tx, sender, 4, AT));
    await transaction((tx) => giveRoom(tx, sender, [{ at: AT, mails: 3 }]));
    expect(await takenBy(id)).toEqual([1]);
    await removeOldUse(new Date('2027-06-01T00:00:00Z'));
    expect(await takenBy(id)).toEqual([1]);
  });

  it('keeps to the rate that an Admin sets; another server has proven nothing', async () => {
    const set = await openIt(await add({ perSecond: '14' }));
    const take = (sender: typeof set) => transaction((tx) => takeRoom(tx, sender, 30, AT));
    expect(await take(set)).toMatchObject({ granted: 14 });
    expect(await connectionsNow(pool(), set)).toEqual({ connections: 20, isGentle: false });

    const id = await add({ name: 'Other' });
    await take(await openIt(id));
    await setTaken(id, 20_000);
    const changed = (part: object) =>
      changeSender(account.admin, { ...form({ name: 'Other', ...part }), senderId: id });
    valueOf(await changed({ fromName: 'Shop and more' }));
    expect((await view(id)).gentleRate).toBeNull();
    const moved = await startSink();
    valueOf(await changed({ port: String(moved.port) }));
    await moved.close();
    expect((await view(id)).gentleRate).toBe(5);
  });

  it('sends no more than that in any second, and half of it proves nothing once its server asks for less', async () => {
    const sending = await TestSending.open(account, { port: sink.port, connections: 20, gentleSince: BEGAN });
    const turn = () =>
      Promise.all(
        [0, 1].map((slot) =>
          sendMails({ sectionId: sending.sectionId, senderId: sending.senderId, slot }, { turnMs: 20_000 }),
        ),
      );
    await sending.people(12);
    const sendId = await sending.frozen();
    await turn();
    expect(await sending.states(sendId)).toEqual({ sent: 12 });
    expect(sink.connections()).toBeLessThanOrEqual(2);
    const { most } = await one<{ most: number }>(
      pool(),
      sql`select max(taken) as most from sender_use where section_id = ${sending.sectionId} and seconds = 1`,
    );
    expect(most).toBe(5);

    await setTaken(sending.senderId, 1_000);
    say = (command) => (command.startsWith('MAIL') ? '421 4.7.0 Too many mails, try again later' : undefined);
    await sending.people(1);
    await sending.frozen();
    await turn();
    const [taken] = await takenBy(sending.senderId);
    expect(taken).toBeLessThan(600);
  });
});
