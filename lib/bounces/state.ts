// How a sender hears of bounces, as it is stored: with its secrets for those who read, without for pages.
import { unsealIfReadable } from '@/lib/config/seal';
import type { SectionId, SenderId } from '@/lib/db/ids';
import { maybeOne, sql, type Db } from '@/lib/db/sql';
import {
  BounceSecretsSchema,
  NO_BOUNCE_SECRETS,
  StoredMailbox,
  type BounceSecrets,
  type MailboxSettings,
} from './schema';

export type SenderOf = { sectionId: SectionId; senderId: SenderId };

/** `isReadable`: the secrets could be opened; otherwise they have to be entered again. */
export type OpenBounces = {
  mailbox: MailboxSettings | null;
  secrets: BounceSecrets;
  isReadable: boolean;
  topicArn: string | null;
};

/** With its secrets; nothing set if nothing is stored. */
export async function openBounces(db: Db, { sectionId, senderId }: SenderOf): Promise<OpenBounces> {
  const row = await maybeOne<{ mailbox: unknown; secrets: Buffer | null; topicArn: string | null }>(
    db,
    sql`
      select mailbox, secrets, topic_arn as "topicArn" from sender_bounces
      where section_id = ${sectionId} and sender_id = ${senderId}`,
  );
  if (!row) return { mailbox: null, secrets: NO_BOUNCE_SECRETS, isReadable: true, topicArn: null };
  return { mailbox: mailboxOf(row.mailbox), topicArn: row.topicArn, ...secretsOf(row.secrets) };
}

export const mailboxOf = (stored: unknown): MailboxSettings | null => StoredMailbox.nullable().parse(stored);

export function secretsOf(sealed: Buffer | null): { secrets: BounceSecrets; isReadable: boolean } {
  if (sealed === null) return { secrets: NO_BOUNCE_SECRETS, isReadable: true };
  const text = unsealIfReadable(sealed);
  if (text === undefined) return { secrets: NO_BOUNCE_SECRETS, isReadable: false };
  return { secrets: BounceSecretsSchema.parse(JSON.parse(text)), isReadable: true };
}
