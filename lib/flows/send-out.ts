// Sends what flows tell others. One turn of a loop: no network in a transaction, and a process that dies leaves what it had in hand to the next one.
import { createHmac } from 'node:crypto';
import { databaseTime } from '@/lib/db/clock';
import type { SectionId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import { post } from '@/lib/outbound/request';
import { compose, ComposeError } from '@/lib/sending/compose/compose';
import { domainOfSender, openTransport } from '@/lib/sending/open-transport';
import { openSender, sendersOn } from '@/lib/sending/queries';
import type { OpenSender } from '@/lib/sending/schema';
import type { PoolOptions } from '@/lib/sending/smtp/pool';
import { takeRoom } from '@/lib/sending/use';
import { shortened } from '@/lib/text/shortened';
import { claimOut, secretOf, settleOut, type OutItem } from './out';

const AT_ONCE = 20;
const LEASE_MS = 5 * 60_000;
/** Minutes until each further attempt. */
const RETRY_MINUTES = [1, 5, 15, 60, 240, 480];
const NO_SENDER_MINUTES = 15;

type Options = Partial<PoolOptions> & { signal?: AbortSignal; now?: Date };

/** Sends what is due, in every section. */
export async function sendOut({ signal, now, ...options }: Options = {}): Promise<void> {
  const time = now ?? (await databaseTime(pool()));
  const sections = await rows<{ sectionId: SectionId }>(
    pool(),
    sql`
      select distinct section_id as "sectionId" from flow_out
      where state = 'waiting' and next_at <= ${time}
      order by 1`,
  );
  for (const { sectionId } of sections) {
    if (signal?.aborted) return;
    const items = await claimOut(pool(), sectionId, { limit: AT_ONCE, leaseMs: LEASE_MS, now: time });
    const calls = items.filter(({ kind }) => kind === 'webhook');
    await Promise.all(calls.map((item) => makeCall(sectionId, item, signal, time)));
    const mails = items.filter(({ kind }) => kind === 'notify');
    if (mails.length > 0) await sendMails(sectionId, mails, options, time);
  }
}

async function makeCall(
  sectionId: SectionId,
  item: OutItem,
  signal: AbortSignal | undefined,
  now: Date,
): Promise<void> {
  const id = `flow_${sectionId}_${item.number}`;
  const timestamp = String(Math.floor(now.getTime() / 1_000));
  const key = Buffer.from(secretOf(sectionId).replace(/^whsec_/, ''), 'base64');
  const signed = createHmac('sha256', key).update(`${id}.${timestamp}.${item.body}`).digest('base64');
  const outcome = await post(
    item.address,
    {
      ...{ 'content-type': 'application/json', 'user-agent': 'Tagwell' },
      ...{ 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signed}` },
    },
    item.body,
    { ...(signal && { signal }) },
  );
  const said = 'error' in outcome ? outcome.error : `It answered ${outcome.status}.`;
  if ('status' in outcome && outcome.status >= 200 && outcome.status < 300) {
    return settleOut(pool(), sectionId, item, { state: 'sent', outcome: said }, now);
  }
  // 410: the receiver is gone for good.
  await again(sectionId, item, said, now, { final: 'status' in outcome && outcome.status === 410 });
}

async function again(
  sectionId: SectionId,
  item: OutItem,
  outcome: string,
  now: Date,
  { final = false } = {},
): Promise<void> {
  const minutes = final ? undefined : RETRY_MINUTES[item.attempts - 1];
  const short = shortened(outcome, 500);
  if (minutes === undefined) return settleOut(pool(), sectionId, item, { state: 'failed', outcome: short }, now);
  await later(sectionId, item, short, minutes, now);
}

const later = (sectionId: SectionId, item: OutItem, outcome: string, minutes: number, now: Date): Promise<void> =>
  settleOut(
    pool(),
    sectionId,
    item,
    { state: 'waiting', outcome, nextAt: new Date(now.getTime() + minutes * 60_000) },
    now,
  );

async function sendMails(
  sectionId: SectionId,
  mails: readonly OutItem[],
  options: Partial<PoolOptions>,
  now: Date,
): Promise<void> {
  const [first] = await sendersOn(pool(), sectionId, 'email');
  const sender = first && (await openSender(pool(), sectionId, first.id));
  const room = sender && !sender.pausedAt ? await transaction((tx) => takeRoom(tx, sender, mails.length, now)) : null;
  const going = mails.slice(0, room?.granted ?? 0);
  for (const mail of mails.slice(going.length)) {
    await later(sectionId, mail, 'The section has no sender for email that may send now.', NO_SENDER_MINUTES, now);
  }
  if (!sender || going.length === 0) return;
  const transport = openTransport(sender, options);
  try {
    await Promise.all(going.map((mail) => sendMail(sectionId, mail, sender, transport, now)));
  } finally {
    await transport.close();
  }
}

async function sendMail(
  sectionId: SectionId,
  item: OutItem,
  sender: OpenSender,
  transport: ReturnType<typeof openTransport>,
  now: Date,
): Promise<void> {
  try {
    const mail = compose({
      from: { name: sender.fromName, address: sender.fromAddress },
      to: { name: '', address: item.address },
      replyTo: sender.replyTo === null ? null : { name: '', address: sender.replyTo },
      ...{ subject: item.subject, text: item.body },
      messageId: `flow.${sectionId}.${item.number}@${domainOfSender(sender)}`,
      date: item.createdAt,
      automatic: true,
    });
    const outcome = await transport.deliver({ ...mail, forEveryone: true });
    if (outcome.kind === 'sent') {
      return await settleOut(pool(), sectionId, item, { state: 'sent', outcome: shortened(outcome.text, 500) }, now);
    }
    await again(sectionId, item, outcome.text, now, { final: outcome.kind === 'refused' });
  } catch (error) {
    if (!(error instanceof ComposeError)) throw error;
    await again(sectionId, item, error.message, now, { final: true });
  }
}
