// What keeps flows from sending messages, as they are saved: all of it, so that it can be said while a flow is written.
import type { Actor } from '@/lib/access/actor';
import { mayAct } from '@/lib/access/policy';
import { refuse, Refusal } from '@/lib/access/refusal';
import type { Channel } from '@/lib/consents/schema';
import type { MessageId, SectionId, SenderId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import { givenIn } from '@/lib/mail-document/blocks';
import { smsFromOf } from '@/lib/sms/sender-name';
import { variantsOf } from './ab-schema';
import { approvalRule } from './approval';
import { requireMayServe } from './commands';
import { requireNothingGiven } from './given';
import { lostInContent } from './lost';
import { requireReach } from './reach';
import { findSender, requireTopics, type Message, type Sender } from './schedule';
import { ContentSchema, MessageSettingsSchema } from './schema';
import { requireWayOut } from './sms-content';
import { compileVersion, requireNoStray, requireSubject, requireText, valuesIn } from './version';

type Asked = Pick<Message, 'kind' | 'topicIds' | 'content' | 'settings'>;
type About = { db: Db; actor: Actor; sectionId: SectionId };

/** Each refuses one thing. `sender`: null if none is chosen. */
type Check = () => void | Promise<void>;

/** What a message of a step must be, in the order in which it is said. */
export function checksOfStep(
  { db, actor, sectionId }: About,
  message: Asked,
  channel: Channel,
  sender: Sender | undefined,
): Check[] {
  const { kind, content, settings } = message;
  return [
    () => {
      if (content.channel === channel) return;
      refuse('invalid', channel === 'email' ? 'This message is not an email.' : 'This message is not an SMS.');
    },
    () => {
      if (kind === 'service') requireMayServe(actor);
    },
    async () => {
      if ((await approvalRule(db, sectionId)) === 'none' || mayAct(actor, 'integrators')) return;
      refuse(
        'not_allowed',
        'In this section a second person approves what goes out. Ask an Admin to publish the flow.',
      );
    },
    () => {
      if (!sender) refuse('invalid', 'Choose a sender.', { field: 'senderId' });
    },
    () => requireTopics(db, sectionId, message),
    () => {
      if (sender) requireReach(sender, content, settings);
    },
    () => requireSubject(content),
    () => requireText(sectionId, content, settings),
    () => requireNoStray(content),
    () => requireNothingGiven(content),
    () => {
      if (sender && content.channel === 'sms') requireWayOut(kind, content.text, smsFromOf(sender));
    },
    () => {
      if (content.channel !== 'email' || !content.ab) return;
      refuse('invalid', 'A/B tests are for messages to many. In a flow, split the people instead.');
    },
    () => {
      if (valuesIn(content).every(({ fallback }) => fallback.trim() !== '')) return;
      refuse('invalid', 'Say in the content of the message what stands for each value of people who do not have it.');
    },
    async () => {
      const [lost] = await lostInContent(db, sectionId, await compileVersion(db, sectionId, content));
      if (lost) refuse('hidden', lost);
    },
  ];
}

/** A message that a flow is to send. */
type Wanted = { messageId: MessageId; channel: Channel };

/** A message with what keeps it from being sent. `given`: the values in it that only a call of the API gives. */
export type FaultsOfMessage = { name: string; faults: string[]; given: string[] };

/** Of each of the messages; those that are gone are absent. For this actor, who may have less rights than others. */
export async function faultsOfMessages(
  about: About,
  wanted: readonly Wanted[],
): Promise<Map<MessageId, FaultsOfMessage>> {
  const channels = new Map(wanted.map(({ messageId, channel }) => [messageId, channel]));
  if (channels.size === 0) return new Map();
  const { db, sectionId } = about;
  const found = await rows<{ id: MessageId; name: string; senderId: SenderId | null } & Record<keyof Asked, unknown>>(
    db,
    sql`
      select id, name, kind, topic_ids as "topicIds", sender_id as "senderId", content, settings from message
      where section_id = ${sectionId} and id = any(${[...channels.keys()]}::int[]) and deleted_at is null`,
  );
  const all = new Map<MessageId, FaultsOfMessage>();
  for (const { id, name, senderId, content, settings, ...stored } of found) {
    const message = {
      ...(stored as Pick<Asked, 'kind' | 'topicIds'>),
      content: ContentSchema.parse(content),
      settings: MessageSettingsSchema.parse(settings),
    };
    const sender = await findSender(db, sectionId, senderId);
    const faults = await refusedBy(checksOfStep(about, message, channels.get(id)!, sender));
    const given = message.content.channel === 'email' ? variantsOf(message.content).flatMap(givenIn) : [];
    all.set(id, { name, faults, given: [...new Set(given.map((value) => value.name))] });
  }
  return all;
}

async function refusedBy(checks: readonly Check[]): Promise<string[]> {
  const words: string[] = [];
  for (const check of checks) {
    try {
      await check();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      words.push(error.message);
    }
  }
  return words;
}
