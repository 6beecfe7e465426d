// Invitations, password links and notices about the sign-in by mail. They are written down in the transaction that makes them, and
// sent after it by a job: at least once, with the same Message-ID each time.
import { z } from 'zod';
import { recordAudit } from '@/lib/audit/record';
import { seal, unsealIfReadable } from '@/lib/config/seal';
import { installationAddress } from '@/lib/config/installation';
import type { AccountId, UserId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, maybeOne, one, rows, sql, type Db, type Tx } from '@/lib/db/sql';
import { hashToken, newToken } from '@/lib/db/tokens';
import { compose, ComposeError } from '@/lib/sending/compose/compose';
import { domainOfSender, openTransport } from '@/lib/sending/open-transport';
import type { Outcome } from '@/lib/sending/outcome';
import { openSender, systemSender } from '@/lib/sending/queries';
import type { OpenSender } from '@/lib/sending/schema';
import type { PoolOptions } from '@/lib/sending/smtp/pool';
import { takeRoom } from '@/lib/sending/use';
import { findOpenLink } from './links';
import { NoticeSchema, type Notice } from './notices';
import { contentOf, contentOfNotice, type Content } from './system-mail-words';

/** The task of the lane `now`. */
export const SYSTEM_MAIL_TASK = 'send_system_mail';
export const SystemMailJobSchema = z.object({ id: z.int() });

/** Minutes until each further attempt. */
const RETRY_MINUTES = [1, 5, 15, 60, 240, 240, 240];
/** How long a mail waits for a paused sender before it is looked at again. */
const PAUSED_MINUTES = 15;
const KEPT_DAYS = 30;

/**
 * How long a link from the "Forgot password?" page is valid, and how many a person gets per day. After that they get another only when
 * the last one has expired, so nobody can lock anyone out by using up their links.
 */
const ASKED_MINUTES = 60;
const ASKED_PER_DAY = 5;

type LinkKind = 'invitation' | 'password' | 'forgotten';

/** Whether the account's links are sent by mail. */
export const sendsLinks = async (db: Db, accountId: AccountId): Promise<boolean> =>
  (await systemSender(db, accountId)) !== undefined;

/** Whether somebody who has forgotten their password may be sent a link: some account sends them. */
export async function offersPasswordMails(): Promise<boolean> {
  return (await maybeOne(pool(), sql`select from account_sender limit 1`)) !== undefined;
}

/** Sends a link by mail, if the account has a sender for that; says whether. In the transaction that makes the link. */
export async function mailLink(
  tx: Tx,
  link: { accountId: AccountId; invitationId: number; kind: 'invitation' | 'password'; to: string; token: string },
): Promise<boolean> {
  if (!(await sendsLinks(tx, link.accountId))) return false;
  const { id } = await one<{ id: number }>(
    tx,
    sql`
      insert into system_mail (account_id, kind, to_address, token, invitation_id, origin, created_at)
      values (${link.accountId}, ${link.kind}, ${link.to}, ${seal(link.token)}, ${link.invitationId}, ${installationAddress()}, ${new Date()})
      returning id`,
  );
  await addJob(tx, id);
  return true;
}

/** Tells somebody by mail what happened to their sign-in, if their account has a sender for such mails. In the transaction in which it happens. */
export async function mailNotice(tx: Tx, to: { accountId: AccountId; email: string }, notice: Notice): Promise<void> {
  if (!(await sendsLinks(tx, to.accountId))) return;
  const { id } = await one<{ id: number }>(
    tx,
    sql`
      insert into system_mail (account_id, kind, to_address, notice, origin, created_at)
      values (${to.accountId}, 'notice', ${to.email}, ${JSON.stringify(notice)}, ${installationAddress()}, ${new Date()})
      returning id`,
  );
  await addJob(tx, id);
}

/** Notes that somebody has forgotten the password of an address. Whose it is, if anybody's, is looked up by the job: so this takes as long for all. */
export async function noteForgotten(tx: Tx, to: string): Promise<void> {
  const { id } = await one<{ id: number }>(
    tx,
    sql`
      insert into system_mail (kind, to_address, origin, created_at)
      values ('forgotten', ${to}, ${installationAddress()}, ${new Date()})
      returning id`,
  );
  await addJob(tx, id);
}

async function addJob(db: Db, id: number, runAt?: Date): Promise<void> {
  await rows(
    db,
    sql`
      select graphile_worker.add_job(
        ${SYSTEM_MAIL_TASK}, json_build_object('id', ${id}::bigint), job_key := ${`system-mail:${id}`},
        run_at := ${runAt ?? null}::timestamptz, max_attempts := 6
      )`,
  );
}

type Row = {
  id: number;
  accountId: AccountId | null;
  kind: LinkKind | 'notice';
  to: string;
  token: Buffer | null;
  notice: unknown;
  origin: string;
  createdAt: Date;
  attempts: number;
};

/** Sends a mail that waits, or notes when to try again. Safe to repeat: after a crash it is sent again, as the same message. */
export async function sendSystemMail(id: number, options: Partial<PoolOptions> = {}): Promise<void> {
  const row = await maybeOne<Row>(
    pool(),
    sql`
      select id, account_id as "accountId", kind, to_address as "to", token, notice, origin, created_at as "createdAt",
        attempts
      from system_mail where id = ${id} and state = 'waiting'`,
  );
  if (!row) return;
  const letter = row.kind === 'notice' ? await noticeOf(row) : await linkOf(row, row.kind);
  if (letter === 'ended') return;
  const place = await systemSender(pool(), letter.accountId);
  const sender = place && (await openSender(pool(), place.sectionId, place.senderId));
  if (!sender) return end(id, 'failed', 'There is no longer a sender for invitations and password links.');
  if (sender.pausedAt) return later(row, PAUSED_MINUTES, `The sender “${sender.name}” is paused.`);
  try {
    await settle(row, await handOver(row, letter, sender, options));
  } catch (error) {
    if (!(error instanceof ComposeError)) throw error;
    // The address is invalid: a retry would not help.
    await end(id, 'failed', error.message);
  }
}

/** What is to be sent. `once`: tells its message from others. */
type Letter = { accountId: AccountId; name: string; content: Content; once: string };

/** The mail with a link; 'ended' if there is nothing to send any more. */
async function linkOf(row: Row, kind: LinkKind): Promise<Letter | 'ended'> {
  const known = row.token === null ? await makeAskedLink(row) : openToken(row.accountId!, row.token);
  if (known === 'unreadable') return ended(row, 'failed', 'TAGWELL_SECRET has changed since. Make a new link.');
  if (!known) {
    // What was asked for an address of nobody is not kept: it may be anybody's.
    await execute(pool(), sql`delete from system_mail where id = ${row.id}`);
    return 'ended';
  }
  const { accountId, token } = known;
  const link = await findOpenLink(pool(), token);
  if (!link) return ended(row, 'cancelled', 'The link has ended.');
  const content = contentOf(kind, link, `${row.origin}/invite/${token}`);
  return { accountId, name: link.person?.name ?? '', content, once: `link.${row.id}.${hashToken(token).slice(0, 16)}` };
}

async function noticeOf(row: Row): Promise<Letter | 'ended'> {
  const notice = NoticeSchema.parse(row.notice);
  const person = await maybeOne<{ name: string; account: string }>(
    pool(),
    sql`
      select app_user.name, account.name as account from app_user
      join account on account.id = account_id
      where email = ${row.to} and account_id = ${row.accountId}`,
  );
  if (!person) return ended(row, 'cancelled', 'There is no user with this address any more.');
  const { name, account } = person;
  const content = contentOfNotice(notice, { account, at: row.createdAt }, `${row.origin}/`);
  const once = `notice.${row.id}.${hashToken(`${row.to} ${row.createdAt.toISOString()}`).slice(0, 16)}`;
  return { accountId: row.accountId!, name, content, once };
}

async function ended({ id }: Row, state: 'failed' | 'cancelled', outcome: string): Promise<'ended'> {
  await end(id, state, outcome);
  return 'ended';
}

function openToken(accountId: AccountId, sealed: Buffer): { accountId: AccountId; token: string } | 'unreadable' {
  const token = unsealIfReadable(sealed);
  return token === undefined ? 'unreadable' : { accountId, token };
}

async function handOver(
  row: Row,
  { name, content, once }: Letter,
  sender: OpenSender,
  options: Partial<PoolOptions>,
): Promise<Outcome> {
  const mail = compose({
    from: { name: sender.fromName, address: sender.fromAddress },
    to: { name, address: row.to },
    replyTo: sender.replyTo === null ? null : { name: '', address: sender.replyTo },
    ...content,
    messageId: `${once}@${domainOfSender(sender)}`,
    date: row.createdAt,
    automatic: true,
  });
  await execute(pool(), sql`update system_mail set attempts = attempts + 1 where id = ${row.id}`);
  // Counted among the sender's mails, but not held back by its limits: somebody waits for it.
  await transaction((tx) => takeRoom(tx, sender, 1));
  const transport = openTransport(sender, { connections: 1, ...options });
  try {
    return await transport.deliver({ ...mail, letsIn: true });
  } finally {
    await transport.close();
  }
}

/** Service mail goes at least once: what may have been lost is sent again, as the same message. */
async function settle(row: Row, outcome: Outcome): Promise<void> {
  const { text } = outcome;
  if (outcome.kind === 'sent') return end(row.id, 'sent', text);
  const minutes = RETRY_MINUTES[row.attempts];
  if (outcome.kind === 'refused' || minutes === undefined) return end(row.id, 'failed', text);
  await later(row, minutes, text);
}

async function end(id: number, state: 'sent' | 'failed' | 'cancelled', outcome: string): Promise<void> {
  await execute(
    pool(),
    sql`
      update system_mail set state = ${state}, outcome = ${outcome}, ended_at = ${new Date()}, token = null
      where id = ${id} and state = 'waiting'`,
  );
}

async function later({ id }: Row, minutes: number, outcome: string): Promise<void> {
  await transaction(async (tx) => {
    await execute(tx, sql`update system_mail set outcome = ${outcome} where id = ${id}`);
    await addJob(tx, id, new Date(Date.now() + minutes * 60_000));
  });
}

/** Makes the link for somebody who has forgotten their password. Undefined if there is nobody, or if they have been sent enough. */
function makeAskedLink({ id, to }: Row): Promise<{ accountId: AccountId; token: string } | undefined> {
  return transaction(async (tx) => {
    // Those who only sign in with the identity provider have no password to forget.
    const user = await maybeOne<{ id: UserId; accountId: AccountId; role: string; sessionVersion: number }>(
      tx,
      sql`
        select id, account_id as "accountId", role, session_version as "sessionVersion" from app_user
        where email = ${to} and deactivated_at is null and (password_hash is not null or identity_subject is null)
        for no key update`,
    );
    if (!user || !(await sendsLinks(tx, user.accountId))) return undefined;
    const own = sql`user_id = ${user.id} and invited_by = ${user.id}`;
    const now = new Date();
    const { asked, isOpen } = await one<{ asked: number; isOpen: boolean | null }>(
      tx,
      sql`
        select count(*)::int as asked, bool_or(expires_at > ${now}) as "isOpen" from invitation
        where ${own} and created_at > ${new Date(now.getTime() - 86_400_000)}`,
    );
    if (asked >= ASKED_PER_DAY && isOpen) return undefined;
    await execute(
      tx,
      sql`update invitation set revoked_at = ${now} where ${own} and accepted_at is null and revoked_at is null`,
    );
    const { token, tokenHash } = newToken();
    const made = await one<{ id: number }>(
      tx,
      sql`
        insert into invitation
          (account_id, user_id, email, role, section_ids, token_hash, invited_by, session_version, created_at, expires_at)
        values
          (${user.accountId}, ${user.id}, ${to}, ${user.role}::role, '{}', ${tokenHash}, ${user.id}, ${user.sessionVersion},
           ${now}, ${new Date(now.getTime() + ASKED_MINUTES * 60_000)})
        returning id`,
    );
    await recordAudit(tx, {
      accountId: user.accountId,
      sectionId: null,
      actorKind: 'system',
      userId: user.id,
      actorName: 'Tagwell',
      command: 'users.ask-password-link',
      subject: `user:${user.id}`,
      summary: `Made a password link for ${to}, as somebody asked for it`,
      ip: null,
      userAgent: null,
    });
    await execute(
      tx,
      sql`
        update system_mail set account_id = ${user.accountId}, invitation_id = ${made.id}, token = ${seal(token)}
        where id = ${id}`,
    );
    return { accountId: user.accountId, token };
  });
}

/** Removes mails that ended long ago. */
export async function removeOldSystemMail(now = new Date()): Promise<void> {
  const before = new Date(now.getTime() - KEPT_DAYS * 86_400_000);
  await execute(pool(), sql`delete from system_mail where created_at < ${before}`);
}
