// What pages read about messages.
import { z } from 'zod';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { refuse } from '@/lib/access/refusal';
import { ChannelSchema } from '@/lib/consents/schema';
import { inAddress, MessageIdSchema } from '@/lib/db/ids';
import { findMessage, listMessages, MESSAGE_FILTERS, MESSAGE_ORDERS, messageCounts, senderChoices } from './queries';

const PlaceSchema = z.object({ at: z.coerce.date(), id: z.int().min(0) });

/** A page of messages, newest change first or in another order. `search`: words of the name. */
export const readMessages = query({
  name: 'messages.list',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InSection.extend({
    filter: z.enum(MESSAGE_FILTERS).default('all'),
    search: z.string().max(200).default(''),
    order: z.enum(MESSAGE_ORDERS).default('changed'),
    ascending: z.boolean().default(false),
    before: PlaceSchema.optional(),
    skip: z.int().min(0).default(0),
    limit: z.int().min(1).max(201).default(50),
  }),
  run: ({ db }, { sectionId, ...page }) => listMessages(db, sectionId, page),
});

/** How many messages there are by filter. */
export const readMessageCounts = query({
  name: 'messages.count',
  scope: 'section',
  allow: 'readers',
  input: InSection,
  run: ({ db }, { sectionId }) => messageCounts(db, sectionId),
});

/** A message with its draft, its last send, and why it needs attention. */
export const readMessage = query({
  name: 'messages.read',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ messageId: inAddress(MessageIdSchema) }),
  run: async ({ db }, { sectionId, messageId }) => {
    const message = messageId === null ? undefined : await findMessage(db, sectionId, messageId);
    return message ?? refuse('not_found', 'This message does not exist in this section: it may have been deleted.');
  },
});

/** What messages of a channel can be sent through, by name. */
export const readSenderChoices = query({
  name: 'messages.list-senders',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ channel: ChannelSchema }),
  run: ({ db }, { sectionId, channel }) => senderChoices(db, sectionId, channel),
});
