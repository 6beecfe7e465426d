// What a sender's page reads about bounces.
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { refuse } from '@/lib/access/refusal';
import { inAddress, SenderIdSchema } from '@/lib/db/ids';
import { maybeOne, rows, sql, type Db } from '@/lib/db/sql';
import { openSender } from '@/lib/sending/queries';
import { bounceHookAddress } from './hook-address';
import type { AsideMail, BouncesView, MailboxState } from './schema';
import { mailboxOf, secretsOf, type SenderOf } from './state';

const ASIDE_SHOWN = 20;

type Row = Pick<
  MailboxState,
  'readAt' | 'failingSince' | 'error' | 'bounces' | 'complaints' | 'passedOver' | 'probedAt' | 'arrivedAt'
> & {
  mailbox: unknown;
  secrets: Buffer | null;
  topicArn: string | null;
  calledAt: Date | null;
  callProblem: string | null;
  confirmedAt: Date | null;
};

/** How a sender hears of bounces. */
export const readBounces = query({
  name: 'bounces.read',
  scope: 'section',
  allow: 'admins',
  input: InSection.extend({ senderId: inAddress(SenderIdSchema) }),
  run: async ({ db }, { sectionId, senderId }): Promise<BouncesView> => {
    const sender = senderId === null ? undefined : await openSender(db, sectionId, senderId);
    if (!sender) return refuse('not_found', 'This sender does not exist in this section.');
    const of = { sectionId, senderId: sender.id };
    const row = await maybeOne<Row>(
      db,
      sql`
        select mailbox, secrets, topic_arn as "topicArn", read_at as "readAt", failing_since as "failingSince", error, bounces,
          complaints, passed_over as "passedOver", probed_at as "probedAt", arrived_at as "arrivedAt", called_at as "calledAt",
          call_problem as "callProblem", confirmed_at as "confirmedAt"
        from sender_bounces where section_id = ${sectionId} and sender_id = ${sender.id}`,
    );
    return {
      mailbox: row ? await stateOf(db, of, row) : null,
      hook: {
        address: bounceHookAddress('bounces', of),
        hasSecret: row ? secretsOf(row.secrets).secrets.hookSecret !== null : false,
      },
      ses: {
        address: bounceHookAddress('ses', of),
        topicArn: row?.topicArn ?? null,
        confirmedAt: row?.confirmedAt ?? null,
      },
      calledAt: row?.calledAt ?? null,
      callProblem: row?.callProblem ?? null,
    };
  },
});

async function stateOf(db: Db, of: SenderOf, row: Row): Promise<MailboxState | null> {
  const mailbox = mailboxOf(row.mailbox);
  if (!mailbox) return null;
  const { readAt, failingSince, error, bounces, complaints, passedOver, probedAt, arrivedAt } = row;
  const { secrets, isReadable } = secretsOf(row.secrets);
  const aside = await asideOf(db, of);
  return {
    ...mailbox,
    needsPassword: !isReadable || secrets.password === null,
    ...{ readAt, failingSince, error, bounces, complaints, passedOver, probedAt, arrivedAt },
    aside: aside.map(({ count: _, ...mail }) => mail),
    asideCount: aside[0]?.count ?? 0,
  };
}

const asideOf = (db: Db, { sectionId, senderId }: SenderOf): Promise<(AsideMail & { count: number })[]> =>
  rows(
    db,
    sql`
      select id, at, from_address as "from", subject, why, (count(*) over ())::int as count
      from bounce_aside where section_id = ${sectionId} and sender_id = ${senderId}
      order by id desc limit ${ASIDE_SHOWN}`,
  );
