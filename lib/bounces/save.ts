// The mailbox that a sender's bounces come into: asked first, outside of any transaction; what let us in is stored, with the password sealed.
import { z } from 'zod';
import { command } from '@/lib/access/command';
import type { Actor } from '@/lib/access/actor';
import { parseInput, refused } from '@/lib/access/declared';
import { requireAllowed } from '@/lib/access/policy';
import { refuse, type Result } from '@/lib/access/refusal';
import { BOUNCE_MAILBOX } from '@/lib/config/limits';
import { seal } from '@/lib/config/seal';
import { pool } from '@/lib/db/pool';
import { execute, sql, type Tx } from '@/lib/db/sql';
import { isSmsKind } from '@/lib/sms/kinds';
import { lockSender, ownSender } from '@/lib/sending/save';
import { InSender, type OpenSender } from '@/lib/sending/schema';
import { requireMayChangeSender } from '@/lib/sending/system';
import { NoMailbox, OpenMailbox, type ImapOptions, type ImapServer } from './imap';
import { SaveMailboxSchema, StoredMailbox, type BounceSecrets, type MailboxSettings } from './schema';
import { openBounces, type SenderOf } from './state';

/** `imap`: times and certificates, which tests give. `requestId`: one per intent. */
export type SaveOptions = { imap?: ImapOptions; requestId?: string };

const OTHER_SERVER =
  'This is another server, user or encryption. The stored password is not sent there: enter it again.';

/** Where a stored password goes, and how. Anything else there needs it entered again. */
const destination = ({ host, port, encryption, user }: MailboxSettings): string =>
  JSON.stringify([host.toLowerCase(), port, encryption, user]);

/** Stores a mailbox, if it can be read. Refuses with `invalid` and the reason; nothing is stored then. */
export async function saveMailbox(
  actor: Actor,
  raw: unknown,
  { imap, requestId }: SaveOptions = {},
): Promise<Result<{ waiting: number }>> {
  try {
    requireAllowed(actor, 'admins');
    const { sectionId, senderId, password: entered, ...mailbox } = parseInput(SaveMailboxSchema, raw);
    const sender = await ownSender(actor, sectionId, senderId);
    requireMail(sender);
    await requireMayChangeSender(pool(), actor, { sectionId, senderId });
    const stored = await openBounces(pool(), { sectionId, senderId });
    const moved = stored.mailbox !== null && destination(stored.mailbox) !== destination(mailbox);
    const password = entered === '' ? (moved ? null : stored.secrets.password) : entered;
    if (password === null) {
      return refuse('invalid', moved ? OTHER_SERVER : 'Enter the password.', { field: 'password' });
    }
    const waiting = await askMailbox({ ...mailbox, password }, imap);
    const kept = await storeMailbox(actor, { sectionId, senderId, mailbox, password }, { requestId });
    return kept.ok ? { ok: true, value: { waiting } } : kept;
  } catch (error) {
    return refused(error);
  }
}

/** Opens it, and says how many mails are in it. */
async function askMailbox(server: ImapServer, options: ImapOptions = {}): Promise<number> {
  try {
    const box = await OpenMailbox.open(server, {
      connectMs: BOUNCE_MAILBOX.askMs,
      answerMs: BOUNCE_MAILBOX.askMs,
      ...options,
    });
    try {
      return (await box.after(0)).length;
    } finally {
      await box.close();
    }
  } catch (error) {
    if (!(error instanceof NoMailbox)) throw error;
    return refuse('invalid', error.message, { field: error.field });
  }
}

export function requireMail({ kind }: Pick<OpenSender, 'kind'>): void {
  if (isSmsKind(kind)) refuse('invalid', 'This sender sends no mails.');
}

const storeMailbox = command({
  name: 'bounces.save-mailbox',
  scope: 'section',
  allow: 'admins',
  input: InSender.extend({ mailbox: StoredMailbox, password: z.string() }),
  run: async ({ tx, actor }, { sectionId, senderId, mailbox, password }) => {
    const sender = await lockSender(tx, sectionId, senderId);
    await requireMayChangeSender(tx, actor, { sectionId, senderId });
    const known = await openBounces(tx, { sectionId, senderId });
    const isSame =
      known.mailbox !== null &&
      destination(known.mailbox) === destination(mailbox) &&
      known.mailbox.folder === mailbox.folder;
    await keepSecrets(tx, { sectionId, senderId }, { ...known.secrets, password });
    // Another one is read from its beginning. Whoever reads the former one loses its lease.
    await execute(
      tx,
      sql`
        update sender_bounces set mailbox = ${JSON.stringify(mailbox)}::jsonb, next_at = null, lease = null, lease_until = null,
          error = null, failing_since = null, stuck = 0
          ${isSame ? sql`` : sql`, uid_validity = null, last_uid = 0, undeleted = '{}', read_at = null`}
        where section_id = ${sectionId} and sender_id = ${senderId}`,
    );
    return { name: sender.name };
  },
  audit: ({ senderId, mailbox }, { name }) => ({
    summary: `Bounces of the sender “${name}” are read from a mailbox`,
    subject: `sender:${senderId}`,
    details: { host: mailbox.host, port: mailbox.port, encryption: mailbox.encryption, user: mailbox.user },
  }),
});

/** Stores secrets, and a row if there is none. */
export async function keepSecrets(tx: Tx, { sectionId, senderId }: SenderOf, secrets: BounceSecrets): Promise<void> {
  const sealed = seal(JSON.stringify(secrets));
  await execute(
    tx,
    sql`
      insert into sender_bounces (section_id, sender_id, secrets) values (${sectionId}, ${senderId}, ${sealed})
      on conflict (section_id, sender_id) do update set secrets = excluded.secrets`,
  );
}
