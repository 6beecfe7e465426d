// Reads the mailboxes of senders, each from where it was left. What a batch of mails says and how far it has been read are written in one transaction: a process that
// dies reads the batch again, and what was said twice counts once. A mail is deleted, if it is to be, only after that.
import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { BOUNCE_MAILBOX as LIMITS } from '@/lib/config/limits';
import type { SectionId, SenderId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, maybeOne, rows, sql, type Tx } from '@/lib/db/sql';
import type { Answer } from '@/lib/messages/bounces';
import { inWords, NoMailbox, OpenMailbox, type FetchedMail, type ImapOptions } from './imap';
import { readReturnedMail, type ReadMail } from './mail';
import type { MailboxSettings } from './schema';
import { mailboxOf, secretsOf, type SenderOf } from './state';
import { record, tieToFormMails, type Tied } from './tie';

export type ReadOptions = ImapOptions & { now?: () => Date; batch?: number };

/** Another process reads this mailbox, or its settings have been changed meanwhile. */
class LostReading extends Error {}

/** One turn of a loop: reads the mailboxes of every section whose time has come, a few at once. */
export async function readDueMailboxes(options: ReadOptions = {}): Promise<void> {
  const now = options.now?.() ?? new Date();
  const due = await rows<{ sectionId: SectionId; senderId: SenderId }>(
    pool(),
    sql`
      select section_id as "sectionId", sender_id as "senderId" from sender_bounces
      where mailbox is not null and (next_at is null or next_at <= ${now})
      order by next_at nulls first`,
  );
  const failed: unknown[] = [];
  await Promise.all(
    Array.from({ length: LIMITS.atOnce }, async () => {
      for (let next = due.shift(); next && !options.signal?.aborted; next = due.shift()) {
        // The others are read all the same.
        await readMailbox(next, options).catch((error: unknown) => failed.push(error));
      }
    }),
  );
  if (failed.length > 0) throw failed[0];
}

type Reading = SenderOf & {
  lease: string;
  mailbox: MailboxSettings;
  secrets: Buffer | null;
  uidValidity: number | null;
  lastUid: number;
  undeleted: number[];
};

/** Reads one mailbox, unless somebody else does. What goes wrong with it is noted there. */
export async function readMailbox(of: SenderOf, options: ReadOptions = {}): Promise<void> {
  const now = options.now ?? (() => new Date());
  const reading = await take(of, now());
  if (!reading) return;
  try {
    const isDone = await readAll(reading, options, now);
    await finish(reading, { error: null, now: now(), goesOn: !isDone });
  } catch (error) {
    if (error instanceof LostReading) return;
    if (options.signal?.aborted) return await finish(reading, { error: null, now: now(), goesOn: true, readAt: false });
    if (error instanceof UnreadMail || error instanceof NoMailbox) {
      return await finish(reading, { error: inWords(error instanceof UnreadMail ? error.cause : error), now: now() });
    }
    await finish(reading, { error: 'What was read could not be stored. It is read again.', now: now() });
    throw error;
  }
}

/** The mailbox could be opened, and then could not be read. */
class UnreadMail extends Error {}

const ask = <Value>(asked: Promise<Value>): Promise<Value> =>
  asked.catch((error: unknown) => {
    throw new UnreadMail('', { cause: error });
  });

async function take({ sectionId, senderId }: SenderOf, now: Date): Promise<Reading | undefined> {
  const lease = randomUUID();
  const row = await maybeOne<Omit<Reading, keyof SenderOf | 'lease' | 'mailbox'> & { mailbox: unknown }>(
    pool(),
    sql`
      update sender_bounces set lease = ${lease}, lease_until = ${new Date(now.getTime() + LIMITS.leaseMs)}
      where section_id = ${sectionId} and sender_id = ${senderId} and mailbox is not null
        and (lease_until is null or lease_until <= ${now})
      returning mailbox, secrets, uid_validity as "uidValidity", last_uid as "lastUid", undeleted`,
  );
  const mailbox = row && mailboxOf(row.mailbox);
  return row && mailbox
    ? { ...row, undeleted: row.undeleted.map(Number), sectionId, senderId, lease, mailbox }
    : undefined;
}

async function readAll(reading: Reading, options: ReadOptions, now: () => Date): Promise<boolean> {
  const { secrets, isReadable } = secretsOf(reading.secrets);
  if (!isReadable || secrets.password === null) {
    throw new NoMailbox('Its password is no longer known. Enter it again.', 'user');
  }
  const box = await OpenMailbox.open({ ...reading.mailbox, password: secrets.password }, options);
  try {
    const isNew = box.uidValidity !== reading.uidValidity;
    // The numbers of its mails mean nothing any more: it is read from its beginning, and what is known counts once.
    if (isNew) await beginAnew(reading, box.uidValidity);
    else if (reading.mailbox.remove) await removeRead(reading, box, reading.undeleted);
    const until = now().getTime() + LIMITS.turnMs;
    let uids = await ask(box.after(isNew ? 0 : reading.lastUid));
    while (uids.length > 0) {
      if (now().getTime() >= until || options.signal?.aborted) return false;
      const tries = await begin(reading);
      const most =
        tries > LIMITS.oneAfter ? 1 : tries > LIMITS.doubtAfter ? LIMITS.batchOfDoubt : (options.batch ?? LIMITS.batch);
      const batch = uids.slice(0, most);
      uids = uids.slice(batch.length);
      // It could not even be fetched alone, again and again.
      const mails = tries > LIMITS.asideAfter ? unfetched(batch, now()) : await ask(box.fetch(batch));
      const read: Read[] = [];
      for (const mail of mails) {
        read.push(await readOne(reading.sectionId, mail));
        // Anybody may write to a return address: others have their turn in between.
        await setImmediate();
      }
      await keep(reading, batch.at(-1)!, read, now());
      if (reading.mailbox.remove) await removeRead(reading, box, handled(read));
    }
    return true;
  } finally {
    await box.close();
  }
}

const unfetched = (uids: readonly number[], at: Date): FetchedMail[] => uids.map((uid) => ({ uid, at, raw: null }));

type Read = ReadMail & { uid: number; at: Date };

async function readOne(sectionId: SectionId, { uid, at, raw }: FetchedMail): Promise<Read> {
  const aside = (why: string): Read => ({ uid, at, from: '', subject: '', returned: { is: 'aside', why } });
  if (raw === null) return aside('The mail server does not give it out.');
  try {
    return { uid, at, ...(await readReturnedMail(sectionId, raw)) };
  } catch {
    return aside('It cannot be taken apart.');
  }
}

/** Those that are not set aside. */
const handled = (read: readonly Read[]): number[] =>
  read.filter(({ returned }) => returned.is !== 'aside').map(({ uid }) => uid);

const ofReading = ({ sectionId, senderId, lease }: Reading) =>
  sql`section_id = ${sectionId} and sender_id = ${senderId} and lease = ${lease}`;

async function underLease(changed: Promise<number>): Promise<void> {
  if ((await changed) === 0) throw new LostReading();
}

async function beginAnew(reading: Reading, uidValidity: number): Promise<void> {
  const { sectionId, senderId } = reading;
  await underLease(
    execute(
      pool(),
      sql`update sender_bounces set uid_validity = ${uidValidity}, last_uid = 0, undeleted = '{}' where ${ofReading(reading)}`,
    ),
  );
  await execute(pool(), sql`delete from bounce_aside where section_id = ${sectionId} and sender_id = ${senderId}`);
}

/** Counts an attempt at the next mails, before it is made: also those that end a process are counted. */
async function begin(reading: Reading): Promise<number> {
  const begun = await maybeOne<{ stuck: number }>(
    pool(),
    sql`update sender_bounces set stuck = least(stuck + 1, 1000) where ${ofReading(reading)} returning stuck`,
  );
  if (!begun) throw new LostReading();
  return begun.stuck;
}

async function keep(reading: Reading, lastUid: number, read: readonly Read[], now: Date): Promise<void> {
  const answers: Tied[] = [];
  const ofForms: (Omit<Answer, 'about'> & { formMail: number })[] = [];
  for (const { uid, at, returned } of read) {
    if (returned.is !== 'answer') continue;
    const { said, code, status, text } = returned;
    const answer = { said, id: String(uid), code, status, text, at, via: 'mail' as const };
    if ('formMail' in returned) ofForms.push({ ...answer, formMail: returned.formMail });
    else answers.push({ ...answer, about: { number: returned.number } });
  }
  answers.push(...(await tieToFormMails(reading, ofForms)));
  const passedOver = read.filter(({ returned }) => returned.is === 'passed over').length;
  const hasProbe = read.some(({ returned }) => returned.is === 'probe');
  await record(reading, answers, async (tx, { bounces, complaints }) => {
    await underLease(
      execute(
        tx,
        sql`
          update sender_bounces set
            last_uid = ${lastUid}, stuck = 0, bounces = bounces + ${bounces}::int, complaints = complaints + ${complaints}::int,
            passed_over = passed_over + ${passedOver}::int, read_at = ${now},
            arrived_at = ${hasProbe ? sql`${now}::timestamptz` : sql`arrived_at`},
            undeleted = ${reading.mailbox.remove ? handled(read) : []}::bigint[],
            lease_until = ${new Date(now.getTime() + LIMITS.leaseMs)}
          where ${ofReading(reading)}`,
      ),
    );
    await setAside(tx, reading, read);
  });
}

async function setAside(tx: Tx, { sectionId, senderId }: Reading, read: readonly Read[]): Promise<void> {
  const aside = read.flatMap(({ returned, ...mail }) =>
    returned.is === 'aside' ? [{ ...mail, why: returned.why }] : [],
  );
  if (aside.length === 0) return;
  await execute(
    tx,
    sql`
      insert into bounce_aside (section_id, sender_id, uid, at, from_address, subject, why)
      select ${sectionId}::int, ${senderId}::int, mail.uid, mail.at, mail.from_address, mail.subject, mail.why
      from unnest(
        ${aside.map(({ uid }) => uid)}::bigint[], ${aside.map(({ at }) => at)}::timestamptz[],
        ${aside.map(({ from }) => from)}::text[], ${aside.map(({ subject }) => subject)}::text[],
        ${aside.map(({ why }) => why)}::text[]
      ) mail (uid, at, from_address, subject, why)`,
  );
  await execute(
    tx,
    sql`
      delete from bounce_aside
      where section_id = ${sectionId} and sender_id = ${senderId} and id <= (
        select kept.id from bounce_aside kept
        where kept.section_id = ${sectionId} and kept.sender_id = ${senderId}
        order by kept.id desc offset ${LIMITS.aside} limit 1
      )`,
  );
}

async function removeRead(reading: Reading, box: OpenMailbox, uids: readonly number[]): Promise<void> {
  if (uids.length === 0) return;
  await ask(box.remove(uids));
  await execute(pool(), sql`update sender_bounces set undeleted = '{}' where ${ofReading(reading)}`);
}

/** Gives it back. `goesOn`: there is more to read at once. */
async function finish(
  reading: Reading,
  {
    error,
    now,
    goesOn = false,
    readAt = error === null,
  }: { error: string | null; now: Date; goesOn?: boolean; readAt?: boolean },
): Promise<void> {
  const most = LIMITS.pauseMostMs / 1_000;
  const soon = new Date(now.getTime() + (goesOn ? 0 : LIMITS.everyMs));
  await execute(
    pool(),
    sql`
      update sender_bounces set
        lease = null, lease_until = null, error = ${error},
        read_at = ${readAt ? sql`${now}::timestamptz` : sql`read_at`},
        failing_since = ${error === null ? sql`null` : sql`coalesce(failing_since, ${now}::timestamptz)`},
        next_at = ${
          error === null
            ? sql`${soon}::timestamptz`
            : // Half as long as it has been failing.
              sql`greatest(${soon}::timestamptz, ${now}::timestamptz + least(
                make_interval(secs => ${most}), (${now}::timestamptz - coalesce(failing_since, ${now}::timestamptz)) / 2
              ))`
        }
      where ${ofReading(reading)}`,
  );
}
