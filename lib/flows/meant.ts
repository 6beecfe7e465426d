// Which of the happenings in the inbox of a flow its trigger means: a signal only says that a tag was applied, or that an event happened.
import type { ProfileId } from '@/lib/db/ids';
import { join, rows, sql, type Sql, type Tx } from '@/lib/db/sql';
import { fieldComparison } from '@/lib/segments/field-comparison';
import type { Topic } from '@/lib/signals/schema';
import { SOURCES } from '@/lib/tags/source';
import { lostInFlows } from './attention';
import { answeredAt, openEvent } from './happenings';
import type { OpenFlow } from './open';
import { FlowDocumentSchema, type Trigger } from './schema';

/** What may let somebody in, and when it happened. */
export type Happened = { profileId: ProfileId; topic: Topic; at: Date };

/**
 * Those that the trigger means: it may be about some of the ways by which a tag is applied, or some of the events of a type. Whoever is sent to the flow is
 * not asked for that.
 */
export async function whatIsMeant<Each extends Happened>(
  tx: Tx,
  { sectionId, timeZone }: OpenFlow,
  trigger: Trigger | null,
  all: readonly Each[],
  now: Date,
): Promise<readonly Each[]> {
  const asked = all.filter(({ topic }) => topic === trigger?.kind || topic.startsWith(`${trigger?.kind}_`));
  const exists = asked.length === 0 ? null : await condition({ tx, sectionId, timeZone, now }, trigger);
  if (exists === null) return all;
  const fitting = await whichFit(tx, asked, exists);
  const about = new Set<Each>(asked);
  return all.filter((each) => !about.has(each) || fitting.has(each));
}

/** Whether the trigger can be asked though the flow needs attention: nothing is lost that it refers to. */
export async function canBeAsked(tx: Tx, { sectionId }: OpenFlow, trigger: Trigger | null): Promise<boolean> {
  const [lost = []] = await lostInFlows(tx, sectionId, [
    { document: FlowDocumentSchema.parse({ trigger }), settings: null },
  ]);
  return lost.length === 0;
}

type About = { tx: Tx; sectionId: OpenFlow['sectionId']; timeZone: string; now: Date };

/** A subquery about `person`: `profile_id`, and `at`, when it happened. Null: everything is meant that has this trigger’s topic. */
async function condition({ tx, sectionId, timeZone, now }: About, trigger: Trigger | null): Promise<Sql | null> {
  if (trigger?.kind === 'tag_applied' && trigger.sources.length > 0) {
    const sources = trigger.sources.map((source) => SOURCES[source]);
    return sql`
      select from tag_change entry
      where entry.section_id = ${sectionId} and entry.profile_id = person.profile_id and entry.tag_id = ${trigger.tagId}
        and entry.action = 1 and entry.visible and entry.at = person.at and entry.source = any(${sources}::smallint[])`;
  }
  if (trigger?.kind === 'event' && trigger.fields.length > 0) {
    const { versions, fields: types } = await openEvent({ db: tx, sectionId }, trigger.eventTypeId!, trigger.fields);
    const fields = trigger.fields.map((field) => fieldComparison({ timeZone, now }, field, types));
    return sql`
      select from profile_event event
      where event.section_id = ${sectionId} and event.profile_id = person.profile_id and event.received_at = person.at
        and event.version_id = any(${versions}::int[]) and ${join(fields, ' and ')}`;
  }
  if (trigger?.kind === 'message') {
    // It may have turned out meanwhile that it was no person.
    const answered = answeredAt({ sectionId, now }, trigger, sql`person.profile_id`, sql`'-infinity'::timestamptz`);
    return sql`select where ${answered} is not null`;
  }
  return null;
}

async function whichFit<Each extends Happened>(tx: Tx, asked: readonly Each[], exists: Sql): Promise<Set<Each>> {
  const found = await rows<{ place: number }>(
    tx,
    sql`
      select person.place::int as place
      from unnest(
        ${asked.map(({ profileId }) => profileId)}::bigint[], ${asked.map(({ at }) => at)}::timestamptz[]
      ) with ordinality person (profile_id, at, place)
      where exists (${exists})`,
  );
  return new Set(found.map(({ place }) => asked[place - 1]!));
}
