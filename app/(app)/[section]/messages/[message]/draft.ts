// A message while somebody writes it.
import { z } from 'zod';
import { AudienceSchema } from '@/lib/audience/schema';
import { SenderIdSchema, TopicIdSchema } from '@/lib/db/ids';
import { ContentSchema, MESSAGE_KINDS, MessageSettingsSchema } from '@/lib/messages/schema';

/** Everything that `saveMessage` saves. */
export const DraftSchema = z.object({
  name: z.string(),
  kind: z.enum(MESSAGE_KINDS),
  topicIds: z.array(TopicIdSchema),
  senderId: SenderIdSchema.nullable(),
  content: ContentSchema,
  audience: AudienceSchema,
  settings: MessageSettingsSchema,
});
export type Draft = z.output<typeof DraftSchema>;
export type EmailDraft = Extract<Draft['content'], { channel: 'email' }>;
