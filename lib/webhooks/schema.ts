// Shapes of webhooks: input, messages, and what pages show.
import { z } from 'zod';
import { addressProblem } from '@/lib/outbound/request';
import { KeyspaceIdSchema, SectionIdSchema, TagIdSchema, WebhookIdSchema, type WebhookId } from '@/lib/db/ids';
import { proseSchema } from '@/lib/text/prose';

export const WebhookInput = z.object({ sectionId: SectionIdSchema, webhookId: WebhookIdSchema });

const AddressSchema = z
  .string()
  .trim()
  .max(2_000, 'Use at most 2,000 characters.')
  .superRefine((text, context) => {
    const problem = addressProblem(text);
    if (problem) context.addIssue({ code: 'custom', message: problem });
  });

/** What a webhook receives: everything, or only these. */
const some = <Id extends z.ZodType>(id: Id, message: string) =>
  z.union([z.literal('all'), z.array(id).min(1, message).max(200)]).default('all');

export const NewWebhookSchema = z.object({
  sectionId: SectionIdSchema,
  url: AddressSchema,
  description: proseSchema(200).default(''),
  tags: some(TagIdSchema, 'Choose at least one tag.'),
  keyspaces: some(KeyspaceIdSchema, 'Choose at least one keyspace.'),
});

/** Types of messages. `tags.bulk_changed`: one for a whole bulk operation, with an address for paging through its changes. */
export const MESSAGE_TYPES = ['tag.applied', 'tag.removed', 'tags.bulk_changed', 'webhook.test'] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];

/** Delays before further attempts, in seconds: a day in total. */
export const RETRY_AFTER = [5, 60, 300, 900, 3_600, 3 * 3_600, 6 * 3_600, 13 * 3_600];

export type WebhookView = {
  id: WebhookId;
  url: string;
  description: string;
  /** Names; null: all. */
  tags: string[] | null;
  keyspaces: string[] | null;
  createdAt: Date;
  createdBy: string | null;
  pausedAt: Date | null;
  pauseReason: string | null;
  waiting: number;
  failed: number;
  lastDeliveredAt: Date | null;
};

export type MessageView = {
  id: number;
  messageId: string;
  type: MessageType;
  status: 'waiting' | 'delivered' | 'failed';
  attempts: number;
  createdAt: Date;
  nextAttemptAt: Date;
  lastStatus: number | null;
  lastError: string | null;
};

export type AttemptView = {
  id: number;
  at: Date;
  milliseconds: number;
  statusCode: number | null;
  error: string | null;
  answer: string | null;
};
