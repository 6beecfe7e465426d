// Shapes of messages and their sends. Imports no server code, so that the browser can use it.
import { z } from 'zod';
import { AttributeIdSchema, MessageIdSchema, SectionIdSchema, SendIdSchema } from '@/lib/db/ids';
import { MailDocumentSchema } from '@/lib/mail-document/schema';
import { AbTestSchema } from './ab-schema';
import { SmsTextSchema } from './sms-pieces';

export const MESSAGE_KINDS = ['marketing', 'service'] as const;

/** What a message says. */
export const ContentSchema = z.discriminatedUnion('channel', [
  z.object({
    channel: z.literal('email'),
    /** Of an A/B test, variant A. */
    document: MailDocumentSchema,
    ab: AbTestSchema.nullable().default(null),
  }),
  z.object({ channel: z.literal('sms'), text: SmsTextSchema }),
]);
export type Content = z.output<typeof ContentSchema>;

const Parameter = z
  .string()
  .trim()
  .max(200)
  .refine((text) => !/[\p{Cc}]/u.test(text), 'Use letters, digits and signs.');

/**
 * How a message goes out. `utm`: parameters added to its web links. `again`: what may have been lost is sent once more. `onlySameDay`: of an SMS, what has not left when the
 * allowed hours end does not leave.
 */
export const MessageSettingsSchema = z.object({
  trackOpens: z.boolean().default(true),
  trackClicks: z.boolean().default(true),
  utm: z.object({ source: Parameter, medium: Parameter, campaign: Parameter }).nullable().default(null),
  again: z.boolean().default(false),
  onlySameDay: z.boolean().default(false),
});
export type MessageSettings = z.output<typeof MessageSettingsSchema>;

/** Without the server's `InSection`, which the browser cannot load. */
export const InMessage = z.object({ sectionId: SectionIdSchema, messageId: MessageIdSchema });
export const InSend = z.object({ sectionId: SectionIdSchema, sendId: SendIdSchema });

/** `broadcast`: to an audience, once. `api`: to one person by each call. `flow`: to whoever comes to a step of a flow. */
export type SendOrigin = 'broadcast' | 'api' | 'flow';

/** `asked`: a second person is to approve it. `returned`: one has not. */
export const SEND_STATUSES = [
  ...(['asked', 'returned', 'scheduled', 'preparing', 'sending', 'paused', 'done', 'cancelled', 'nobody'] as const),
] as const;
export type SendStatus = (typeof SEND_STATUSES)[number];

/**
 * What paused a send: a person; a tag or segment that cannot be used; more people than promised; too many refusals; its sender; it is
 * too late for it; somebody is to choose a variant; the flow that sends it is paused.
 */
export const PAUSE_KINDS = ['person', 'attention', 'drift', 'brake', 'sender', 'late', 'choice', 'flow'] as const;
export type PauseKind = (typeof PAUSE_KINDS)[number];

export const RECIPIENT_STATES = [
  'waiting',
  'claimed',
  'handing',
  'sent',
  'refused',
  'unknown',
  'skipped',
  'failed',
  'cancelled',
  'held',
] as const;
export type RecipientState = (typeof RECIPIENT_STATES)[number];

/** When a message is to go: at once, at a local time of a zone, or at that time by the clock of each person. */
export const WishSchema = z.discriminatedUnion('when', [
  z.object({ when: z.literal('now') }),
  z.object({
    when: z.literal('at'),
    /** YYYY-MM-DDTHH:MM by the clock of the zone. */
    local: z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/, 'Enter a date and a time.'),
    zone: z.string().min(1).max(60),
    /** The attribute that names each person’s zone, such as Europe/Stockholm; `zone` is that of people without one. */
    byPerson: AttributeIdSchema.optional(),
  }),
]);
export type Wish = z.output<typeof WishSchema>;
