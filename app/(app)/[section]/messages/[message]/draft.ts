// A message while somebody writes it. What could not be saved is kept in the browser, so that a reload or a closed tab loses nothing.
import { z } from 'zod';
import { AudienceSchema } from '@/lib/audience/schema';
import { SenderIdSchema, TopicIdSchema, type MessageId } from '@/lib/db/ids';
import { ContentSchema, MESSAGE_KINDS, MessageSettingsSchema } from '@/lib/messages/schema';

/** Everything that `saveMessage` saves. */
const DraftSchema = z.object({
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

/** `seen`: the last change that it is based on. */
const KeptSchema = z.object({ seen: z.string(), draft: DraftSchema });
export type Kept = z.output<typeof KeptSchema>;

const keyOf = (id: MessageId) => `tagwell:message:${id}`;

/** The draft that this browser could not save; null if there is none, or it can no longer be read. */
export function readKept(id: MessageId): Kept | null {
  try {
    return KeptSchema.safeParse(JSON.parse(localStorage.getItem(keyOf(id)) ?? 'null')).data ?? null;
  } catch {
    return null;
  }
}

/** Null: there is nothing to keep. */
export function keep(id: MessageId, kept: Kept | null): void {
  try {
    if (kept === null) localStorage.removeItem(keyOf(id));
    else localStorage.setItem(keyOf(id), JSON.stringify(kept));
  } catch {
    // The storage quota is used up: only a reload would lose it.
  }
}
