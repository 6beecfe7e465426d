// Shapes of how a sender hears of bounces: what forms send, what is stored, what pages show.
import { z } from 'zod';
import { InSender } from '@/lib/sending/schema';

export const MAILBOX_ENCRYPTIONS = ['tls', 'starttls', 'none'] as const;

/** An IMAP mailbox as a form sends it. `remove`: mails are deleted from it once they have been read and say something. */
export const MailboxSchema = z.object({
  host: z
    .string()
    .trim()
    .max(253)
    .refine((text) => /^[A-Za-z0-9.:-]+$/.test(text), 'Enter the name of the mail server, such as imap.example.com.'),
  port: z.coerce
    .number('Enter a whole number.')
    .int('Enter a whole number.')
    .min(1, 'Enter 1 or more.')
    .max(65_535, 'Enter at most 65,535.'),
  encryption: z.enum(MAILBOX_ENCRYPTIONS),
  user: z.string().trim().min(1, 'Enter the user name.').max(320),
  folder: z
    .string()
    .trim()
    .max(200)
    .transform((text) => text || 'INBOX'),
  remove: z.boolean(),
});

/** `password`: empty keeps the stored one. */
export const SaveMailboxSchema = InSender.extend(MailboxSchema.shape).extend({ password: z.string().max(1_000) });

export type MailboxSettings = z.output<typeof MailboxSchema>;
export const StoredMailbox = MailboxSchema.extend({ port: z.int() });

/** `formerHookSecret`: goes on proving calls until the sender of them knows the new one. */
export const BounceSecretsSchema = z.object({
  password: z.string().nullable(),
  hookSecret: z.string().nullable(),
  formerHookSecret: z.string().nullable(),
});
export type BounceSecrets = z.infer<typeof BounceSecretsSchema>;
export const NO_BOUNCE_SECRETS: BounceSecrets = { password: null, hookSecret: null, formerHookSecret: null };

/** A mail that says nothing that can be used. It stays in the mailbox. */
export type AsideMail = { id: number; at: Date; from: string; subject: string; why: string };

/** How reading a mailbox goes. */
export type MailboxState = MailboxSettings & {
  /** Its password is no longer known: it was sealed under another secret of the installation. */
  needsPassword: boolean;
  readAt: Date | null;
  failingSince: Date | null;
  /** The last error, in words; null: the last time went well. */
  error: string | null;
  bounces: number;
  complaints: number;
  passedOver: number;
  probedAt: Date | null;
  arrivedAt: Date | null;
  aside: AsideMail[];
  asideCount: number;
};

/** What a sender's page shows. Addresses are null where nobody outside can reach this installation. */
export type BouncesView = {
  mailbox: MailboxState | null;
  hook: { address: string | null; hasSecret: boolean };
  ses: { address: string | null; topicArn: string | null; confirmedAt: Date | null };
  calledAt: Date | null;
  callProblem: string | null;
};
