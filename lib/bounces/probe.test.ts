// The return address: mails of a send leave under it, and a test shows whether what comes to it arrives in the mailbox.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pool } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';
import { sendMails } from '@/lib/messages/deliver';
import { readReturnTokens } from '@/lib/messages/return-address';
import { setReturnAddress } from '@/lib/sending/returns';
import { createTestAccount } from '@/testing/fixtures';
import { ImapPeer } from '@/testing/imap/server';
import { valueOf } from '@/testing/segments';
import { TestSending } from '@/testing/sends';
import { startSink, type Sink } from '@/testing/smtp/sink';
import { sendProbe } from './commands';
import { readMailbox } from './read-mailbox';
import { readBounces } from './reads';
import { removeOldBounces } from './retention';
import { saveMailbox } from './save';

let sink: Sink;
beforeAll(async () => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
  sink = await startSink();
});
afterAll(async () => {
  delete process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES;
  delete process.env.TAGWELL_URL;
  await sink.close();
});

it('names the recipient of each mail, and is tested with a mail of its own (K.121)', async () => {
  const account = await createTestAccount();
  const sending = await TestSending.open(account, { port: sink.port });
  const of = { sectionId: sending.sectionId, senderId: sending.senderId };
  expect(await sendProbe(account.admin, of)).toMatchObject({
    refusal: { message: expect.stringMatching(/return address first/) as string },
  });
  const long = { ...of, address: `${'a'.repeat(32)}@example.org`, form: 'plus' };
  expect(await setReturnAddress(account.admin, long)).toMatchObject({ refusal: { field: 'address' } });
  valueOf(await setReturnAddress(account.admin, { ...of, address: 'bounces@example.org', form: 'minus' }));
  await sending.people(2);
  const sendId = await sending.frozen();
  await sendMails({ ...of, slot: 0 });
  const from = sink.heard.commands.filter((command) => /^MAIL FROM/i.test(command));
  const numbers = await rows<{ number: number }>(
    pool(),
    sql`select number from recipient where section_id = ${of.sectionId} and send_id = ${sendId} order by number`,
  );
  expect(from.flatMap((command) => readReturnTokens(of.sectionId, command)).toSorted()).toEqual(
    numbers.map(({ number }) => number),
  );
  // What people see stays.
  expect(sink.heard.mails[0]).toMatch(/^From: [^>]*<news@example\.org>/m);

  const peer = await ImapPeer.start();
  try {
    valueOf(
      await saveMailbox(account.admin, {
        ...of,
        host: '127.0.0.1',
        port: String(peer.port),
        encryption: 'none',
        user: 'bounces',
        password: 'secret',
        folder: '',
        remove: false,
      }),
    );
    const { to } = valueOf(await sendProbe(account.admin, of));
    expect(to).toMatch(/^bounces-[a-z2-7]{32}@example\.org$/);
    expect(valueOf(await readBounces(account.admin, of)).mailbox).toMatchObject({
      probedAt: expect.any(Date) as Date,
      arrivedAt: null,
    });
    peer.add(sink.heard.mails.at(-1)!);
    await readMailbox(of);
    expect(valueOf(await readBounces(account.admin, of)).mailbox).toMatchObject({
      arrivedAt: expect.any(Date) as Date,
      asideCount: 0,
    });
    await execute(
      pool(),
      sql`update sender set removed_at = ${new Date()}, secrets = null where section_id = ${of.sectionId} and id = ${of.senderId}`,
    );
    await removeOldBounces();
    expect(
      await rows(pool(), sql`select mailbox, secrets from sender_bounces where section_id = ${of.sectionId}`),
    ).toEqual([{ mailbox: null, secrets: null }]);
  } finally {
    await peer.close();
  }
});
