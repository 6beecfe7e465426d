// The last look at a message that a flow sends.
import { Refusal } from '@/lib/access/refusal';
import type { FlowId, SectionId } from '@/lib/db/ids';
import { maybeOne, sql, type Sql, type Tx } from '@/lib/db/sql';
import { isMember } from '@/lib/segments/compile';
import { openRules } from '@/lib/segments/definitions';
import { RulesSchema } from '@/lib/segments/schema';

/**
 * A condition: somebody has reached the goal of the flow by its rules, since they came to the step: they leave, and are not to get the message first. Looked
 * up when it is claimed. Null: its goal is none, or a tag, which is looked up with the rest. `profileId`: a column of the statement.
 */
export async function reachedByRules(
  tx: Tx,
  { sectionId, flowId }: { sectionId: SectionId; flowId: FlowId },
  profileId: Sql,
  now: Date,
): Promise<Sql | null> {
  const flow = await maybeOne<{ rules: unknown }>(
    tx,
    sql`select settings #> '{goal,rules}' as rules from flow where section_id = ${sectionId} and id = ${flowId}`,
  );
  if (!flow?.rules) return null;
  const rules = RulesSchema.parse(flow.rules);
  try {
    const definitions = await openRules(tx, sectionId, rules);
    return isMember({ sectionId, definitions, now }, rules, profileId);
  } catch (error) {
    // It uses something that is hidden: the flow needs attention, and nobody reaches its goal till then.
    if (error instanceof Refusal) return null;
    throw error;
  }
}

/**
 * A condition: the flow still wants this message to leave. Its person stands at the step and waits for it, the flow is live, and they have neither its
 * exit tag nor the tag that is its goal. Looked up when a message is claimed and again in the statement before it leaves, so what was committed by then counts. `recipient`: a row with
 * `number` and `profile_id`.
 */
export const isWantedByFlow = (sectionId: SectionId, flowId: FlowId, recipient: Sql): Sql => sql`exists (
  select from flow_run run
  join flow on flow.section_id = ${sectionId} and flow.id = run.flow_id
  where run.section_id = ${sectionId} and run.flow_id = ${flowId}
    and run.profile_id = ${recipient}.profile_id and run.recipient = ${recipient}.number
    and run.due_at is not null and flow.state = 'live' and not exists (
      select from profile_tag held
      where held.section_id = ${sectionId} and held.profile_id = run.profile_id
        and held.tag_id in (flow.exit_tag_id, (flow.settings #>> '{goal,tagId}')::int)
    )
)`;
