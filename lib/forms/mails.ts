// Mails that ask people to confirm their address: queued with the submission, sent by a job (send-mails.ts).
import type { SectionId, SubmissionId } from '@/lib/db/ids';
import { maybeOne, rows, sql, type Db, type Sql, type Tx } from '@/lib/db/sql';
import type { FormDocument } from './schema';

/** Mails to one mailbox in a day, of all forms of a section: nobody can have a stranger's mailbox filled by forms. */
export const MAILS_PER_DAY = 3;
/** The same in thirty days, of those that nobody has confirmed. */
export const MAILS_PER_MONTH = 12;
const DAY_MS = 86_400_000;

/** Whether a submission waits for a confirmation before it is applied in full. */
export const asksToConfirm = ({
  document,
  confirmedAt,
}: {
  document: FormDocument;
  confirmedAt: Date | null;
}): boolean => document.optIn.on && document.match === 'email' && confirmedAt === null;

/** A task of the lane `now`. */
export const MAILS_TASK = 'send_form_mails';

/** Has the section's mails sent, from `at` on. */
export async function addMailsJob(db: Db, sectionId: SectionId, at: Date | null = null): Promise<void> {
  const queue = `form-mails:${sectionId}`;
  await rows(
    db,
    sql`
      select graphile_worker.add_job(
        ${MAILS_TASK}, json_build_object('sectionId', ${sectionId}::int), queue_name := ${queue},
        job_key := ${at === null ? queue : `${queue}:later`}, run_at := ${at}::timestamptz, max_attempts := 100
      )`,
  );
}

/** Providers that read a local part without its points, and their other names. */
const WITHOUT_POINTS = new Map([
  ['gmail.com', 'gmail.com'],
  ['googlemail.com', 'gmail.com'],
]);

/** What an address has in common with others that lead to the same mailbox. Only to count by: it may be another person's address. */
export function mailboxOf(address: string): string {
  const at = address.lastIndexOf('@');
  const [domain, local] = [address.slice(at + 1), address.slice(0, at).replace(/(?<=.)\+.*$/, '')];
  const known = WITHOUT_POINTS.get(domain);
  return known === undefined ? `${local}@${domain}` : `${local.replaceAll('.', '')}@${known}`;
}

/** How many mails have lately gone to mailboxes, by each: `address_key, today, unanswered`. */
const recentMails = (sectionId: SectionId, mailboxes: readonly string[], now: Date): Sql => sql`
  select mail.address_key, (count(*) filter (where mail.created_at > ${new Date(now.getTime() - DAY_MS)}))::int as today,
    (count(*) filter (where submission.confirmed_at is null))::int as unanswered
  from form_mail mail
  join form_submission submission
    on submission.section_id = ${sectionId} and submission.id = mail.submission_id
  where mail.section_id = ${sectionId} and mail.address_key = any(${mailboxes}::text[])
    and mail.created_at > ${new Date(now.getTime() - 30 * DAY_MS)} and mail.kind in ('confirm', 'again')
    and mail.state <> 'limited'
  group by mail.address_key`;

/** Whether a mailbox may have another mail now. */
export async function hasRoom(db: Db, sectionId: SectionId, mailbox: string, now: Date): Promise<boolean> {
  const sent = await maybeOne<{ today: number; unanswered: number }>(db, recentMails(sectionId, [mailbox], now));
  return !sent || (sent.today < MAILS_PER_DAY && sent.unanswered < MAILS_PER_MONTH);
}

/**
 * Queues the mails of submissions that wait for a confirmation. Those beyond a mailbox's limits are kept as `limited`, and not sent. Only the first of a day
 * is followed by a reminder.
 */
export async function queueMails(
  tx: Tx,
  { sectionId }: { sectionId: SectionId },
  submissions: readonly { id: SubmissionId; key: string; document: FormDocument }[],
  now: Date,
): Promise<void> {
  if (submissions.length === 0) return;
  const wanted = submissions.map(({ id, key, document: { optIn } }) => ({
    id,
    mailbox: mailboxOf(key),
    remind_at:
      optIn.remindAfterDays === null ? null : new Date(now.getTime() + optIn.remindAfterDays * DAY_MS).toISOString(),
  }));
  const queued = await rows<{ state: string; nextAt: Date | null }>(
    tx,
    sql`
      insert into form_mail (section_id, submission_id, kind, state, address_key, next_at, created_at)
      with recent as (${recentMails(
        sectionId,
        wanted.map(({ mailbox }) => mailbox),
        now,
      )}),
      asked as (
        select wanted.id, wanted.mailbox, wanted.remind_at, coalesce(recent.today, 0) + wanted.nth as today,
          coalesce(recent.unanswered, 0) + wanted.nth as unanswered
        from (
          select given.*, row_number() over (partition by given.mailbox order by given.id) - 1 as nth
          from json_to_recordset(${JSON.stringify(wanted)}::json) as given (id bigint, mailbox text, remind_at timestamptz)
        ) wanted
        left join recent on recent.address_key = wanted.mailbox collate "C"
      ),
      judged as (
        select asked.*, today >= ${MAILS_PER_DAY}::int or unanswered >= ${MAILS_PER_MONTH}::int as is_limited from asked
      )
      select ${sectionId}::int, judged.id, kind.kind, case when is_limited then 'limited' else 'waiting' end,
        judged.mailbox,
        case when is_limited then null when kind.kind = 'confirm' then ${now}::timestamptz else judged.remind_at end,
        ${now}::timestamptz
      from judged
      cross join (values ('confirm'), ('reminder')) kind (kind)
      where kind.kind = 'confirm' or (judged.remind_at is not null and judged.today = 0)
      on conflict (section_id, submission_id, kind) do nothing
      returning state, next_at as "nextAt"`,
  );
  if (queued.some(({ state }) => state === 'waiting')) await addMailsJob(tx, sectionId);
}
