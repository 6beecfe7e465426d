// Whether the messages that a flow waits for, or decides by, count what people do with them.
import type { SectionId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import type { Channel } from '@/lib/consents/schema';
import type { FlowProblem } from './problems';
import { allSteps, type FlowDocument, type MessageAnswer } from './schema';

type Asked = { stepId: string | null; answer: MessageAnswer };
type Message = { id: number; name: string; channel: Channel; opens: boolean; clicks: boolean };

/** What is wrong with them. Nothing, if the flow asks for none. */
export async function answerProblems(
  db: Db,
  sectionId: SectionId,
  { trigger, steps }: FlowDocument,
): Promise<FlowProblem[]> {
  const asked: Asked[] = [
    ...(trigger?.kind === 'message' ? [{ stepId: null, answer: trigger }] : []),
    ...allSteps(steps).flatMap((step): Asked[] => {
      if (step.kind === 'wait_for') {
        return step.ways.flatMap(({ id, what }) => (what.kind === 'message' ? [{ stepId: id, answer: what }] : []));
      }
      if (step.kind !== 'branch') return [];
      return step.ways.flatMap(({ id, answer }) => (answer ? [{ stepId: id, answer }] : []));
    }),
  ];
  const ids = asked.flatMap(({ answer: { messageId } }) => (messageId === null ? [] : [messageId]));
  if (ids.length === 0) return [];
  const found = await rows<Message>(
    db,
    sql`
      select id, name, channel, coalesce((settings ->> 'trackOpens')::boolean, true) as opens,
        coalesce((settings ->> 'trackClicks')::boolean, true) as clicks
      from message
      where section_id = ${sectionId} and id = any(${ids}::int[])`,
  );
  const known = new Map(found.map((message) => [message.id, message]));
  return asked.flatMap(({ stepId, answer: { did, messageId } }) => {
    const message = messageId === null ? undefined : known.get(messageId);
    const words = message && wrongWith(message, did);
    return words ? [{ stepId, place: stepId === null ? 'trigger' : 'steps', words, must: true } as const] : [];
  });
}

function wrongWith({ name, channel, opens, clicks }: Message, did: MessageAnswer['did']): string | undefined {
  if (did === 'opened') {
    if (channel === 'sms') return `“${name}” is an SMS: nobody can tell whether one was opened.`;
    return opens ? undefined : `“${name}” does not count who opens it. Switch that on in its settings.`;
  }
  return clicks ? undefined : `“${name}” does not count who clicks. Switch that on in its settings.`;
}
