// For whom a trigger holds already, and how they are sent into a flow: by signals to it, so that they enter by its own rules.
import type { FlowId, OperationId, SectionId } from '@/lib/db/ids';
import { asParameter } from '@/lib/db/as-parameter';
import { execute, one, sql, type Db, type Sql, type Tx } from '@/lib/db/sql';
import { isMember, memberIds } from '@/lib/segments/compile';
import { openRules, openSegment } from '@/lib/segments/definitions';
import type { Rules } from '@/lib/segments/schema';
import { appendSignals } from '@/lib/signals/append';
import { TOPICS } from '@/lib/signals/schema';
import { goalRules } from './references';
import type { FlowDocument, FlowSettings, Trigger } from './schema';

/** `select profile_id` of those for whom it holds now; undefined: it is not something that holds. */
export async function holding(
  db: Db,
  sectionId: SectionId,
  trigger: Trigger | null,
  now: Date,
): Promise<Sql | undefined> {
  if (trigger?.kind === 'tag_applied' && trigger.tagId !== null) {
    return sql`select profile_id from profile_tag where section_id = ${sectionId} and tag_id = ${trigger.tagId}`;
  }
  if (trigger?.kind !== 'segment' || trigger.segmentId === null) return undefined;
  const { rules, definitions } = await openSegment(db, sectionId, trigger.segmentId);
  if (trigger.becomes === 'in') return memberIds({ sectionId, definitions, now }, rules);
  const inside = isMember({ sectionId, definitions, now }, rules, sql`profile.id`);
  return sql`select profile.id as profile_id from profile where profile.section_id = ${sectionId} and not ${inside}`;
}

/** How many would enter now, if those came for whom the trigger holds already. `people` selects `profile_id`. */
export async function countEntering(
  db: Db,
  { sectionId, flowId }: { sectionId: SectionId; flowId: FlowId },
  { filter }: FlowDocument,
  settings: FlowSettings,
  people: Sql,
  now: Date,
): Promise<{ holds: number; enters: number }> {
  const { exitTagId } = settings;
  const fit = async (rules: Rules | null, without: Sql) =>
    rules === null
      ? without
      : isMember({ sectionId, definitions: await openRules(db, sectionId, rules), now }, rules, sql`person.profile_id`);
  const fits = await fit(filter, sql`true`);
  const reached = await fit(goalRules(settings), sql`false`);
  return one(
    db,
    sql`
      select count(*) as holds, count(*) filter (where ${fits} and not ${reached} and ${
        exitTagId === null
          ? sql`true`
          : sql`not exists (
              select from profile_tag held
              where held.section_id = ${sectionId} and held.tag_id = ${exitTagId} and held.profile_id = person.profile_id
            )`
      } and ${notInside({ sectionId, flowId }, settings, now)}) as enters
      from (${people}) person`,
  );
}

/** A condition about `person.profile_id`: they are not in the flow, and may enter by its re-entry rule. */
export function notInside(
  { sectionId, flowId }: { sectionId: SectionId; flowId: FlowId },
  { again }: FlowSettings,
  now: Date,
): Sql {
  const since = again.kind === 'after' ? new Date(now.getTime() - again.days * 86_400_000) : null;
  const mayNot = again.kind === 'once' ? sql`true` : since === null ? sql`false` : sql`run.entered_at > ${since}`;
  return sql`not exists (
    select from flow_run run
    where run.section_id = ${sectionId} and run.flow_id = ${flowId} and run.profile_id = person.profile_id
      and (run.due_at is not null or ${mayNot})
  )`;
}

/** `given`: `people` also selects `given`, what was given along with each. */
export type SendOptions = { operationId?: OperationId | null; given?: boolean };

/** Sends people to a flow. `people` selects `profile_id`, each once. Returns how many; none if nothing listens for them. */
export async function sendTo(
  tx: Tx,
  { sectionId, flowId }: { sectionId: SectionId; flowId: FlowId },
  people: Sql,
  now: Date,
  { operationId = null, given = false }: SendOptions = {},
): Promise<number> {
  const columns = given ? sql`profile_id bigint, given jsonb` : sql`profile_id bigint`;
  const sent = await asParameter(tx, people, columns);
  const happened = sql`
    select ${TOPICS.sent_to_flow}::smallint as topic, ${flowId}::int as subject_id, sent.profile_id
      ${given ? sql`, sent.given` : sql``}
    from (${sent}) sent`;
  const along = given ? { given: sql`happened.given` } : {};
  return execute(tx, appendSignals({ sectionId, operationId }, happened, sql`${now}::timestamptz`, along));
}
