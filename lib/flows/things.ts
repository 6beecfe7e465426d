// What the steps of a flow can refer to, by name: messages, forms and other flows.
import type { FlowId, FormId, MessageId, SectionId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import { sendLimits } from '@/lib/messages/limits';
import type { SendLimits } from '@/lib/messages/limits-schema';
import type { Channel } from '@/lib/consents/schema';

export type FlowChoices = {
  messages: { id: MessageId; name: string; channel: Channel }[];
  forms: { id: FormId; name: string }[];
  flows: { id: FlowId; name: string }[];
  /** How many messages somebody gets at most. */
  limits: SendLimits;
};

type Thing =
  | { kind: 'message'; id: MessageId; name: string; channel: Channel }
  | { kind: 'form'; id: FormId; name: string; channel: null }
  | { kind: 'flow'; id: FlowId; name: string; channel: null };

/** Of each kind, the last changed first. `flowId`: the flow itself, which cannot refer to itself. */
export async function flowChoices(db: Db, sectionId: SectionId, flowId: FlowId): Promise<FlowChoices> {
  const found = await rows<Thing>(
    db,
    sql`
      select kind, id, name, channel from (
        select 'message' as kind, id, name, channel, changed_at from message
        where section_id = ${sectionId} and deleted_at is null
        union all
        select 'form', id, name, null, changed_at from form
        where section_id = ${sectionId} and deleted_at is null
        union all
        select 'flow', id, name, null, changed_at from flow
        where section_id = ${sectionId} and deleted_at is null and id <> ${flowId}
      ) thing
      order by changed_at desc, id desc`,
  );
  return {
    messages: found.flatMap((thing) => (thing.kind === 'message' ? [thing] : [])),
    forms: found.flatMap((thing) => (thing.kind === 'form' ? [thing] : [])),
    limits: await sendLimits(db, sectionId),
    flows: found.flatMap((thing) => (thing.kind === 'flow' ? [thing] : [])),
  };
}
