// When somebody did what a flow waits for, as an expression about a set of people: by what the database has kept of it, so that it does not matter
// whether it came before or after somebody began to wait.
import type { SectionId } from '@/lib/db/ids';
import { join, sql, type Db, type Sql } from '@/lib/db/sql';
import { eventsOf } from '@/lib/events/built-in';
import { isMember } from '@/lib/segments/compile';
import { openRules, openSegment } from '@/lib/segments/definitions';
import { fieldComparison } from '@/lib/segments/field-comparison';
import type { EventCondition, Rules } from '@/lib/segments/schema';
import { SOURCES } from '@/lib/tags/source';
import { KNOWN_AFTER_MS } from '@/lib/messages/machines';
import type { Awaited, MessageAnswer } from './schema';

type About = { db: Db; sectionId: SectionId; now: Date; timeZone: string };

/** Two processes, and a writer that began before somebody came here, do not agree on the moment. */
const CLOCKS_MS = 5_000;

/**
 * A person, in columns of the statement: `since`: from when on it counts; `after`: only what is later than that, if it is not null; `entered`: when they
 * entered the flow.
 */
type Of = { id: Sql; since: Sql; after: Sql; entered: Sql };

/**
 * An expression: when it happened first to somebody; null: it has not. A tag that they have already, or are without already, counts at once: it cannot
 * come, or go, any more. What they do with a message counts from when they entered, as it may be done before their flow knows that it was sent.
 */
export async function happenedAt(about: About, what: Awaited, of: Of): Promise<Sql> {
  const { db, sectionId, now } = about;
  const { id, since, entered } = of;
  switch (what.kind) {
    case 'tag_applied':
      return tagApplied(sectionId, what, id, since);
    case 'tag_removed':
      return sql`coalesce(
        ${firstChange(sectionId, what.tagId, id, sql`entry.action = -1 and entry.at >= ${since}`)},
        case when not ${hasTag(sectionId, what.tagId, id)} then ${since} end
      )`;
    case 'form':
      return sql`(
        select min(submission.worked_at) from form_submission submission
        where submission.section_id = ${sectionId} and submission.profile_id = ${id}
          and submission.form_id = ${what.formId} and submission.state = 'done'
          and ${counts(sql`submission.worked_at`, of)}
      )`;
    case 'event':
      return eventHappened(about, what, of);
    case 'segment': {
      const { rules, definitions } = await openSegment(db, sectionId, what.segmentId!);
      const inside = isMember({ sectionId, definitions, now }, rules, id);
      return sql`case when ${what.becomes === 'in' ? inside : sql`not ${inside}`} then ${now}::timestamptz end`;
    }
    case 'message':
      return answeredAt(about, what, id, entered);
  }
}

/** When somebody opened a message, or clicked in it. What may still turn out to be a gateway's look does not count yet. */
export function answeredAt(
  { sectionId, now }: Pick<About, 'sectionId' | 'now'>,
  { did, messageId }: MessageAnswer,
  id: Sql,
  since: Sql,
): Sql {
  const moment = did === 'opened' ? sql`recipient.opened_at` : sql`recipient.clicked_at`;
  return sql`(
    select min(${moment}) from recipient
    join send on send.section_id = ${sectionId} and send.id = recipient.send_id and send.message_id = ${messageId}
    where recipient.section_id = ${sectionId} and recipient.profile_id = ${id} and ${moment} >= ${since}
      and ${moment} <= ${new Date(now.getTime() - KNOWN_AFTER_MS)}
  )`;
}

/** A condition about a moment. What let somebody in, or ended their last wait, is not what they wait for now, however close it is. */
const counts = (moment: Sql, { since, after }: Of): Sql => sql`
  ${moment} >= ${since} - ${`${CLOCKS_MS} milliseconds`}::interval and ${moment} > coalesce(${after}, '-infinity')`;

const hasTag = (sectionId: SectionId, tagId: number | null, id: Sql): Sql => sql`exists (
  select from profile_tag held
  where held.section_id = ${sectionId} and held.tag_id = ${tagId} and held.profile_id = ${id}
)`;

const firstChange = (sectionId: SectionId, tagId: number | null, id: Sql, which: Sql): Sql => sql`(
  select min(entry.at) from tag_change entry
  where entry.section_id = ${sectionId} and entry.profile_id = ${id} and entry.tag_id = ${tagId} and entry.visible
    and ${which}
)`;

function tagApplied(sectionId: SectionId, what: Extract<Awaited, { kind: 'tag_applied' }>, id: Sql, since: Sql): Sql {
  const { tagId } = what;
  const sources = what.sources.map((source) => SOURCES[source]);
  const bySource = sources.length === 0 ? sql`true` : sql`entry.source = any(${sources}::smallint[])`;
  const last = sql`(
    select ${bySource} from tag_change entry
    where entry.section_id = ${sectionId} and entry.profile_id = ${id} and entry.tag_id = ${tagId} and entry.visible
      and entry.action = 1
    order by entry.id desc limit 1
  )`;
  const held = sources.length === 0 ? hasTag(sectionId, tagId, id) : sql`(${hasTag(sectionId, tagId, id)} and ${last})`;
  return sql`coalesce(
    ${firstChange(sectionId, tagId, id, sql`entry.action = 1 and ${bySource} and entry.at >= ${since}`)},
    case when ${held} then ${since} end
  )`;
}

/** Events that clients send go by when they were received; those of Tagwell’s own by when they happened. */
async function eventHappened(
  about: About,
  { eventTypeId, fields }: Extract<Awaited, { kind: 'event' }>,
  of: Of,
): Promise<Sql> {
  const { id } = of;
  const { sectionId } = about;
  const opened = await openEvent(about, eventTypeId!, fields);
  const compared = fields.map((field) => sql`and ${fieldComparison(about, field, opened.fields)}`);
  if (opened.builtIn !== null) {
    return sql`(
      select min(event.at) from ${eventsOf(sectionId, opened)} event
      where event.profile_id = ${id} and ${counts(sql`event.at`, of)} ${join(compared, ' ')}
    )`;
  }
  return sql`(
    select min(event.received_at) from profile_event event
    where event.section_id = ${sectionId} and event.profile_id = ${id}
      and event.version_id = any(${opened.versions}::int[])
      and ${counts(sql`event.received_at`, of)} ${join(compared, ' ')}
  )`;
}

/** Looks up an event with its fields, as rules do. */
export async function openEvent(
  { db, sectionId }: Pick<About, 'db' | 'sectionId'>,
  eventTypeId: EventCondition['eventTypeId'],
  fields: EventCondition['fields'],
) {
  const times = { is: 'at_least' as const, count: 1 };
  const condition: EventCondition = { kind: 'event', eventTypeId, test: 'did', times, when: { kind: 'ever' }, fields };
  const rules: Rules = { timeZone: 'UTC', root: { kind: 'group', match: 'all', items: [condition] } };
  const { events } = await openRules(db, sectionId, rules);
  return events.get(eventTypeId)!;
}
