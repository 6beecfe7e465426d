// What the steps of a flow can refer to, by name: messages, forms and other flows.
import type { FlowId, FormId, MessageId, SectionId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import type { Channel } from '@/lib/consents/schema';

export type FlowChoices = {
  messages: { id: MessageId; name: string; channel: Channel }[];
  forms: { id: FormId; name: string }[];
  flows: { id: FlowId; name: string }[];
};

/** Of each kind, the last changed first. `flowId`: the flow itself, which cannot refer to itself. */
export async function flowChoices(db: Db, sectionId: SectionId, flowId: FlowId): Promise<FlowChoices> {
  const [messages, forms, flows] = await Promise.all([
    rows<FlowChoices['messages'][number]>(
      db,
      sql`
        select id, name, channel from message
        where section_id = ${sectionId} and deleted_at is null
        order by changed_at desc, id desc`,
    ),
    rows<FlowChoices['forms'][number]>(
      db,
      sql`
        select id, name from form
        where section_id = ${sectionId} and deleted_at is null
        order by changed_at desc, id desc`,
    ),
    rows<FlowChoices['flows'][number]>(
      db,
      sql`
        select id, name from flow
        where section_id = ${sectionId} and deleted_at is null and id <> ${flowId}
        order by changed_at desc, id desc`,
    ),
  ]);
  return { messages, forms, flows };
}
