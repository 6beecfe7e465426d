// Rates for mailbox providers: how they are written, and that all who send through a sender keep them together.
import { beforeAll, describe, expect, it } from 'vitest';
import { pool, transaction } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';
import { openSender } from '@/lib/sending/queries';
import { RatesTextSchema } from '@/lib/sending/rates';
import { ratesInText } from '@/lib/sending/rates-in-text';
import { createTestAccount } from '@/testing/fixtures';
import { TestSending } from '@/testing/sends';
import { openAudience } from '@/lib/audience/open';
import { claim } from './claim';
import { SERVICE_LANES } from './lanes';
import { takeLease } from './leases';
import { heldLanes, lockPaces, usePaces } from './paces';
import { openSend } from './progress';

const MINUTE = 60_000;
let sending: TestSending;

beforeAll(async () => {
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
  const rates = [
    { domain: 'gmail.com', perMinute: 120 },
    { domain: 'small.example', perMinute: 2 },
  ];
  sending = await TestSending.open(await createTestAccount(), { port: 25, rates });
});

const sender = async () => (await openSender(pool(), sending.sectionId, sending.senderId))!;

/** What two slots, as of two processes, claim of a send at a moment, by the domain of the addresses. */
async function claimedAt(sendId: Awaited<ReturnType<TestSending['frozen']>>, now: Date): Promise<string[]> {
  const { sectionId, senderId } = sending;
  const send = (await openSend(pool(), sectionId, sendId))!;
  const open = await openAudience(pool(), sectionId, send.audience);
  const taken = await Promise.all(
    [0, 1].map(async (slotNumber) => {
      const slot = { sectionId, senderId, slot: slotNumber };
      const lease = await takeLease(slot);
      const slow = await heldLanes(pool(), await sender(), now);
      const found = await claim({ slot, lease, sender: await sender() }, send, { open, most: 100, slow, now });
      await execute(
        pool(),
        sql`delete from sender_lease where section_id = ${sectionId} and sender_id = ${senderId} and slot = ${slotNumber}`,
      );
      return found.claimed.map(({ address }) => address.split('@')[1]!);
    }),
  );
  return taken.flat();
}

describe('rates', () => {
  it.each([
    ['gmail.com: 100', [{ domain: 'gmail.com', perMinute: 100 }]],
    [
      'Gmail.com 1,000 a minute\n\n telia.se=30',
      [
        { domain: 'gmail.com', perMinute: 1_000 },
        { domain: 'telia.se', perMinute: 30 },
      ],
    ],
    ['@bücher.example: 5/min', [{ domain: 'xn--bcher-kva.example', perMinute: 5 }]],
    ['', []],
  ])('are read from %j', (text, rates) => {
    expect(RatesTextSchema.parse(text)).toEqual(rates);
    expect(RatesTextSchema.parse(ratesInText(rates))).toEqual(rates);
  });

  it.each(['gmail.com', 'gmail.com: none', 'gmail: 100', 'gmail.com: 0', 'gmail.com: 1000000'])(
    'are not %j',
    (text) => {
      expect(RatesTextSchema.safeParse(text).success).toBe(false);
    },
  );

  it('are kept by all who claim, each minute, while others go on', async () => {
    await sending.people(400, 'gmail.com');
    await sending.people(5, 'small.example');
    await sending.people(10, 'other.example');
    const sendId = await sending.frozen();
    const began = Date.now();
    const all: { domain: string; at: number }[] = [];
    // Looked at each second for two minutes, by two at once.
    for (let at = 0; at < 2 * MINUTE; at += 1_000) {
      for (const domain of await claimedAt(sendId, new Date(began + at))) all.push({ domain, at });
    }
    const within = (domain: string, from: number) =>
      all.filter((each) => each.domain === domain && each.at >= from && each.at < from + MINUTE).length;
    // A second's worth may go at once.
    for (let from = 0; from <= MINUTE; from += 10_000) expect(within('gmail.com', from)).toBeLessThanOrEqual(122);
    expect(within('gmail.com', 0) + within('gmail.com', MINUTE)).toBeGreaterThanOrEqual(238);
    expect(within('small.example', 0)).toBe(2);
    expect(within('small.example', MINUTE)).toBe(2);
    expect(all.filter(({ domain, at }) => domain === 'other.example' && at === 0)).toHaveLength(10);
  });

  it('let mails of single calls go before a newsletter', async () => {
    const now = new Date(Date.now() + 60 * MINUTE);
    const of = await sender();
    await transaction(async (tx) => {
      const rooms = await lockPaces(tx, of, false, now);
      expect(rooms.get(1)?.room).toBe(2);
      await usePaces(tx, of, rooms, [{ lane: 1 }, { lane: 1 }], now);
      expect((await lockPaces(tx, of, false, now)).get(1)?.room).toBe(0);
      expect((await lockPaces(tx, of, true, now)).get(SERVICE_LANES + 1)?.room).toBe(12);
    });
    const held = await heldLanes(pool(), of, now);
    expect(held.map(({ lane }) => lane)).toEqual([1]);
    expect(held[0]!.until.getTime() - now.getTime()).toBeGreaterThan(0);
    const known = await rows(pool(), sql`select from sender_pace where section_id = ${sending.sectionId}`);
    expect(known.length).toBeGreaterThan(0);
  });
});
