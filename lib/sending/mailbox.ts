// The built-in mailbox: a sender that keeps what it is given, where everybody can see that nothing was sent.
import type { SectionId, SenderId, SendId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { allSections } from '@/lib/db/sections';
import { execute, maybeOne, rows, sql, type Sql, type Tx, type Db } from '@/lib/db/sql';
import { shortened } from '@/lib/text/shortened';
import { sendOf, subjectOf, type Channel } from './caught';
import type { Mail, Outcome, Transport } from './outcome';
import { NO_SETTINGS } from './schema';

/** The newest mails of a mailbox are kept, for so many days at most. */
export const KEPT_MAILS = 5_000;
export const KEPT_DAYS = 14;

/** Mails that arrive together are written together. */
const BATCH = 200;
const BATCH_MS = 5;

const TAKEN: Outcome = {
  kind: 'sent',
  code: 250,
  status: '2.0.0',
  text: 'Kept in the built-in mailbox: nothing left this server.',
};

type Kept = {
  channel: Channel;
  from: string;
  to: string;
  subject: string;
  raw: Buffer;
  forOwners: boolean;
  forEveryone: boolean;
  /** The send that it is of, or of an SMS the number of its recipient. */
  sendId: SendId | null;
  number: string | null;
  isTest: boolean;
};
type Waiting = { kept: Kept; settle: (outcome: Outcome) => void };

/** An SMS as the mailbox keeps it. */
export type KeptSms = Pick<Mail, 'onHanding' | 'forEveryone'> & {
  from: string;
  to: string;
  text: string;
  /** The number of its recipient; null: a test. */
  reference: string | null;
};

/** Takes mails and SMS into the database. */
export class MailboxTransport implements Transport {
  private waiting: Waiting[] = [];
  private timer: NodeJS.Timeout | undefined;
  private writing = Promise.resolve();

  constructor(
    private readonly sectionId: SectionId,
    private readonly senderId: SenderId,
  ) {}

  deliver({ envelope: { from, to }, raw, letsIn = false, forEveryone = false, onHanding }: Mail): Promise<Outcome> {
    const kept: Kept = {
      ...{ channel: 'email', from, to, subject: subjectOf(raw), raw, forOwners: letsIn, forEveryone },
      ...{ ...sendOf(raw), number: null },
    };
    return this.take(kept, onHanding);
  }

  /** Keeps an SMS. */
  deliverSms({ from, to, text, reference, forEveryone = false, onHanding }: KeptSms): Promise<Outcome> {
    const [line = ''] = text.trim().split('\n');
    const subject = shortened(line, 160);
    const raw = Buffer.from(text);
    const about = { forOwners: false, forEveryone, sendId: null, number: reference, isTest: reference === null };
    return this.take({ channel: 'sms', from, to: `+${to}`, subject, raw, ...about }, onHanding);
  }

  private async take(kept: Kept, onHanding: Mail['onHanding']): Promise<Outcome> {
    try {
      await onHanding?.();
    } catch {
      return away('The message was held back: it could not be recorded that it leaves.');
    }
    return new Promise((settle) => {
      this.waiting.push({ kept, settle });
      if (this.waiting.length >= BATCH) this.write();
      else this.timer ??= setTimeout(() => this.write(), BATCH_MS);
    });
  }

  async close(): Promise<void> {
    this.write();
    await this.writing;
  }

  private write(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const batch = this.waiting.splice(0);
    if (batch.length === 0) return;
    this.writing = this.writing.then(async () => {
      const outcome = await this.keep(batch.map(({ kept }) => kept)).then(
        () => TAKEN,
        () => away('The database did not answer.'),
      );
      for (const { settle } of batch) settle(outcome);
    });
  }

  private async keep(all: readonly Kept[]): Promise<void> {
    const { sectionId, senderId } = this;
    await execute(
      pool(),
      sql`
        insert into caught_mail
          (section_id, sender_id, at, channel, from_address, to_address, subject, raw, for_owners, for_everyone, send_id, is_test)
        select ${sectionId}::int, ${senderId}::int, ${new Date()}::timestamptz, kept.channel, kept.from_address, kept.to_address,
          kept.subject, kept.raw, kept.for_owners, kept.for_everyone, coalesce(kept.send_id, recipient.send_id), kept.is_test
        from unnest(
          ${all.map(({ channel }) => channel)}::text[], ${all.map(({ from }) => from)}::text[],
          ${all.map(({ to }) => to)}::text[], ${all.map(({ subject }) => subject)}::text[],
          ${all.map(({ raw }) => raw)}::bytea[], ${all.map(({ forOwners }) => forOwners)}::boolean[],
          ${all.map(({ forEveryone }) => forEveryone)}::boolean[], ${all.map(({ sendId }) => sendId)}::int[],
          ${all.map(({ number }) => number)}::bigint[], ${all.map(({ isTest }) => isTest)}::boolean[]
        ) as kept (channel, from_address, to_address, subject, raw, for_owners, for_everyone, send_id, number, is_test)
        left join recipient on recipient.section_id = ${sectionId} and recipient.number = kept.number`,
    );
    await execute(
      pool(),
      sql`
        delete from caught_mail
        where section_id = ${sectionId} and sender_id = ${senderId} and id <= (
          select id from caught_mail where section_id = ${sectionId} and sender_id = ${senderId}
          order by id desc offset ${KEPT_MAILS} limit 1
        )`,
    );
  }
}

const away = (text: string): Outcome => ({ kind: 'deferred', why: 'connection', code: null, status: null, text });

/** Removes what was caught for people. `isTheirs`: of its `to_address`. */
export async function removeCaught(tx: Tx, sectionId: SectionId, isTheirs: Sql): Promise<void> {
  await execute(tx, sql`delete from caught_mail where section_id = ${sectionId} and ${isTheirs}`);
}

/** Removes mails that have been kept long enough. */
export async function removeOldCaughtMail(now = new Date()): Promise<void> {
  for (const id of await allSections()) {
    await execute(
      pool(),
      sql`
        delete from caught_mail
        where section_id = ${id} and at < ${new Date(now.getTime() - KEPT_DAYS * 86_400_000)}`,
    );
  }
}

/** What a new mailbox writes as. No mail of it leaves, and addresses of this domain never lead anywhere (RFC 2606). */
export const MAILBOX_IDENTITY = { name: 'Built-in mailbox', fromAddress: 'news@example.com' };

/**
 * Gives each section a mailbox that has never had a sender, and has the account's invitations go through the first of them. For an
 * installation that is being tried out: one that somebody removed does not come back.
 */
export async function ensureMailboxes(db: Db): Promise<void> {
  const sections = await rows<{ id: SectionId; accountId: number; name: string }>(
    db,
    sql`select id, account_id as "accountId", name from section order by id`,
  );
  for (const { id, accountId, name } of sections) {
    const made = await maybeOne<{ senderId: SenderId }>(
      db,
      sql`
        insert into sender (section_id, kind, name, from_address, from_name, settings)
        select ${id}::int, 'mailbox', ${MAILBOX_IDENTITY.name}, ${MAILBOX_IDENTITY.fromAddress}, ${name}, ${JSON.stringify(NO_SETTINGS)}::jsonb
        from (select count(*) as number from sender where section_id = ${id}) others
        where others.number = 0
        returning id as "senderId"`,
    );
    if (!made) continue;
    await execute(
      db,
      sql`
        insert into account_sender (account_id, section_id, sender_id) values (${accountId}, ${id}, ${made.senderId})
        on conflict (account_id) do nothing`,
    );
  }
}
