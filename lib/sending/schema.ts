// Shapes of senders: what forms send, what is stored, and what pages show.
import { z } from 'zod';
import { InSection } from '@/lib/access/declared';
import { SenderIdSchema, type SectionId, type SenderId } from '@/lib/db/ids';
import { NameSchema } from '@/lib/naming/names';
import { SmsAccountSchema } from '@/lib/sms/account';
import { SMS_KINDS, USUAL_SMS_HOURS } from '@/lib/sms/kinds';
import { readSmsFrom } from '@/lib/sms/sender-name';
import { HoursSchema } from '@/lib/text/hours';
import { domainOf, readAddress } from './address';
import { ProviderRateSchema, RatesTextSchema } from './rates';

export const ENCRYPTIONS = ['tls', 'starttls', 'none'] as const;
export const SENDER_KINDS = ['smtp', 'mailbox', ...SMS_KINDS] as const;
export type SenderKind = (typeof SENDER_KINDS)[number];

export const InSender = InSection.extend({ senderId: SenderIdSchema });

const NOT_AN_ADDRESS = 'Enter an email address, such as news@example.com.';

const AddressSchema = z
  .string()
  .max(320)
  .refine((text) => readAddress(text)?.ascii === true, NOT_AN_ADDRESS)
  .transform((text) => readAddress(text)?.address ?? '');

const HostSchema = z
  .string()
  .trim()
  .max(253)
  .refine((text) => /^[A-Za-z0-9.:-]+$/.test(text), 'Enter the name of the mail server, such as smtp.example.com.');

const OptionalDomain = z
  .string()
  .trim()
  .max(253)
  .refine(
    (text) => text === '' || domainOf(text) !== undefined,
    'Enter a name such as mail.example.com, or leave it empty.',
  );

const whole = (most: number) =>
  z.coerce
    .number('Enter a whole number.')
    .int('Enter a whole number.')
    .min(1, 'Enter 1 or more.')
    .max(most, `Enter at most ${most.toLocaleString('en-GB')}.`);

/** Empty: no limit. */
const limit = (most: number) => z.union([z.literal('').transform(() => null), whole(most)]);

/** What a sender is called and writes as. */
export const IdentitySchema = z.object({
  name: NameSchema,
  fromAddress: AddressSchema,
  fromName: z.string().trim().min(1, 'Enter the name that people see.').max(100, 'Use at most 100 characters.'),
  replyTo: z.union([z.literal('').transform(() => null), AddressSchema]),
});

/** A mail server as a form sends it: numbers as they were typed. */
export const ServerSchema = z.object({
  host: HostSchema,
  port: whole(65_535),
  encryption: z.enum(ENCRYPTIONS),
  user: z.string().trim().max(320),
  ehloName: OptionalDomain,
  connections: whole(50),
  perSecond: limit(1_000),
  perHour: limit(10_000_000),
  perDay: limit(100_000_000),
  /** How many mails on the first day of a warm-up; empty: none. */
  warmUp: limit(1_000_000),
  rates: RatesTextSchema,
});

/** `hours`: when marketing leaves; null: at any time. */
const SmsHoursSchema = HoursSchema.nullable().default({ ...USUAL_SMS_HOURS, zone: 'UTC' });

/** How much an SMS sender may send, as a form sends it. */
export const SmsLimitsSchema = z.object({
  hours: SmsHoursSchema,
  connections: whole(50),
  perSecond: limit(1_000),
  perHour: limit(10_000_000),
  perDay: limit(100_000_000),
});

/** What an SMS sender is called and writes as: a name or a number. */
export const SmsIdentitySchema = z.object({
  name: NameSchema,
  from: z
    .string()
    .max(30)
    .refine(
      (text) => readSmsFrom(text) !== undefined,
      'Enter a name of up to 11 letters and digits, or a number with its country code, such as +46701234567.',
    )
    .transform((text) => readSmsFrom(text) ?? ''),
});

export const RETURN_FORMS = ['plus', 'minus', 'domain', 'plain'] as const;

/**
 * Where mails that cannot be delivered come back to. `plus`: name+token@domain. `minus`: name-token@domain. `domain`: token@domain, a domain of which everything comes
 * into one mailbox. `plain`: the address as it is, for mailboxes that take no other; then only what is quoted of a mail says whose it was.
 */
const ReturnsSchema = z.object({ address: z.string(), form: z.enum(RETURN_FORMS) });
export type Returns = z.infer<typeof ReturnsSchema>;

const DkimSchema = z.object({ selector: z.string(), publicKey: z.string() });
export type Dkim = z.infer<typeof DkimSchema>;

/** Since when a server, or provider, is used: it starts gently. Null: since before that was known. */
const GentleSinceSchema = z.iso.datetime().nullable().default(null);

/** What is stored of a sender, besides its secrets. */
export const SettingsSchema = z.object({
  server: ServerSchema.extend({
    port: z.int(),
    connections: z.int(),
    perSecond: z.int().nullable(),
    perHour: z.int().nullable(),
    perDay: z.int().nullable(),
    warmUp: z.object({ since: z.iso.datetime(), first: z.int() }).nullable(),
    gentleSince: GentleSinceSchema,
    /** For mailbox providers. */
    rates: z.array(ProviderRateSchema).default([]),
  }).nullable(),
  /** Of an SMS sender: its provider. */
  sms: z
    .object({
      account: SmsAccountSchema,
      hours: SmsHoursSchema,
      connections: z.int(),
      perSecond: z.int().nullable(),
      perHour: z.int().nullable(),
      perDay: z.int().nullable(),
      gentleSince: GentleSinceSchema,
    })
    .nullable()
    .default(null),
  /** The key that signs, and one that waits for its record. */
  dkim: DkimSchema.nullable(),
  nextDkim: DkimSchema.nullable(),
  /** Null: mails come back to the from address. */
  returns: ReturnsSchema.nullable().default(null),
});
export type SenderSettings = z.infer<typeof SettingsSchema>;
export type ServerSettings = NonNullable<SenderSettings['server']>;
export type SmsSettings = NonNullable<SenderSettings['sms']>;

/**
 * Of an SMS sender. `former…`: what was there until `changedAt`; a provider signs with it until it knows the new one. `hookSecret`: signs what
 * the provider sends, where that is agreed on.
 */
const SmsSecretsSchema = z.object({
  secret: z.string(),
  formerSecret: z.string().nullable(),
  hookSecret: z.string().nullable(),
  formerHookSecret: z.string().nullable(),
  changedAt: z.iso.datetime(),
});
export type StoredSmsSecrets = z.infer<typeof SmsSecretsSchema>;

export const SecretsSchema = z.object({
  password: z.string().nullable(),
  sms: SmsSecretsSchema.nullable().default(null),
  dkimKey: z.string().nullable(),
  nextDkimKey: z.string().nullable(),
});
export type SenderSecrets = z.infer<typeof SecretsSchema>;

export const NO_SECRETS: SenderSecrets = { password: null, sms: null, dkimKey: null, nextDkimKey: null };
export const NO_SETTINGS: SenderSettings = { server: null, sms: null, dkim: null, nextDkim: null, returns: null };

/** Something found about the DNS of a domain. `record`: to be added there. */
const FindingSchema = z.object({
  what: z.enum(['SPF', 'DKIM', 'DMARC']),
  state: z.enum(['fine', 'missing', 'wrong', 'unknown']),
  words: z.string(),
  record: z.object({ name: z.string(), value: z.string() }).nullable(),
});
export const DomainCheckSchema = z.object({
  at: z.iso.datetime(),
  domain: z.string(),
  findings: z.array(FindingSchema),
});
export type Finding = z.infer<typeof FindingSchema>;
export type DomainCheck = z.infer<typeof DomainCheckSchema>;

/** A sender as pages show it. */
export type SenderView = {
  id: SenderId;
  kind: SenderKind;
  name: string;
  fromAddress: string;
  fromName: string;
  replyTo: string | null;
  server: ServerSettings | null;
  sms: SmsSettings | null;
  /** Where people's answers to its SMS go, to be entered at its provider; null: this installation cannot be reached from outside. */
  answersTo: string | null;
  hasPassword: boolean;
  /** Its password is no longer known: see `OpenSender`. */
  needsPassword: boolean;
  dkim: (Dkim & { record: { name: string; value: string } }) | null;
  nextDkim: (Dkim & { record: { name: string; value: string } }) | null;
  pausedAt: Date | null;
  createdAt: Date;
  /** Also used for invitations and password links of the account. */
  isForSystem: boolean;
  check: DomainCheck | null;
  /** How many mails it has handed over today. */
  today: number;
  /** How many a second it sends at most, while it starts gently; null: it does not any more. */
  gentleRate: number | null;
  returns: Returns | null;
  /** The mailbox that its bounces come into cannot be read. */
  bouncesFail: boolean;
};

/** A sender with its secrets, for a process that sends. */
export type OpenSender = {
  sectionId: SectionId;
  id: SenderId;
  kind: SenderKind;
  name: string;
  fromAddress: string;
  fromName: string;
  replyTo: string | null;
  settings: SenderSettings;
  secrets: SenderSecrets;
  /**
   * Its password is no longer known and has to be entered again: it was sealed under another secret of the installation, or
   * forgotten some days after the sender was removed.
   */
  needsPassword: boolean;
  pausedAt: Date | null;
};
