// The last look at a message that a flow sends.
import type { FlowId, SectionId } from '@/lib/db/ids';
import { sql, type Sql } from '@/lib/db/sql';

/**
 * A condition: the flow still wants this message to leave. Its person stands at the step and waits for it, the flow is live, and they do not have its
 * exit tag. Looked up when a message is claimed and again in the statement before it leaves, so what was committed by then counts. `recipient`: a row with
 * `number` and `profile_id`.
 */
export const isWantedByFlow = (sectionId: SectionId, flowId: FlowId, recipient: Sql): Sql => sql`exists (
  select from flow_run run
  join flow on flow.section_id = ${sectionId} and flow.id = run.flow_id
  where run.section_id = ${sectionId} and run.flow_id = ${flowId}
    and run.profile_id = ${recipient}.profile_id and run.recipient = ${recipient}.number
    and run.due_at is not null and flow.state = 'live' and not exists (
      select from profile_tag held
      where held.section_id = ${sectionId} and held.tag_id = flow.exit_tag_id and held.profile_id = run.profile_id
    )
)`;
