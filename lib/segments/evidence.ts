// The evidence for a condition on one profile: the ledger's entry, the value, or the events.
import { z } from 'zod';
import { join, sql, type Sql } from '@/lib/db/sql';
import { throughOf } from '@/lib/tags/origin';
import { eventsOf } from '@/lib/events/built-in';
import { SOURCES, sourceOf } from '@/lib/tags/source';
import { fieldComparison, linksAskedFor } from './field-comparison';
import { during, type Evaluation, type RulesEvaluation } from './evaluation';
import type { Condition, EventCondition, ProfileCondition, TagCondition } from './schema';
import { aboutOne, changedBy } from './tag-conditions';

type RulesEvaluationOfOne = RulesEvaluation & Required<Pick<Evaluation, 'only'>>;

const moment = z.string().transform((text) => new Date(text).toISOString());
const TagEvidenceSchema = z.object({
  kind: z.literal('tag'),
  /** The last ledger entry that concerns the condition; null if there is none. */
  entry: z
    .object({
      action: z.int().transform((action) => (action === 1 ? ('applied' as const) : ('removed' as const))),
      at: moment,
      source: z.int().transform(sourceOf),
      by: z.string().nullable(),
      through: z.string().nullable(),
    })
    .nullable(),
});
export const EvidenceSchema = z.discriminatedUnion('kind', [
  TagEvidenceSchema,
  z.object({ kind: z.literal('value'), value: z.union([z.string(), z.number(), z.boolean()]).nullable() }),
  /** `times`, `last`: of the matching events; `lastEver`: of all events of the type. Moments are ISO 8601. */
  z.object({
    kind: z.literal('event'),
    times: z.int(),
    last: moment.nullable(),
    lastEver: moment.nullable(),
  }),
  z.object({ kind: z.literal('created'), at: moment }),
  z.object({ kind: z.literal('key'), key: z.string().nullable() }),
  /** The first of the tags that the profile has, by name. */
  z.object({ kind: z.literal('tags'), names: z.array(z.string()) }),
]);
export type Evidence = z.output<typeof EvidenceSchema>;

/** A jsonb expression that EvidenceSchema parses; null for a condition on another segment. */
export function evidenceOf(evaluation: RulesEvaluationOfOne, condition: Condition): Sql {
  const { sectionId, only } = evaluation;
  switch (condition.kind) {
    case 'tag':
      return sql`jsonb_build_object('kind', 'tag', 'entry', (${tagEntry(evaluation, condition)}))`;
    case 'attribute': {
      const { code } = evaluation.definitions.attributes.get(condition.attributeId)!;
      return sql`(
        select jsonb_build_object('kind', 'value', 'value', profile.attributes -> ${code}::text)
        from profile where profile.section_id = ${sectionId} and profile.id = ${only.id}
      )`;
    }
    case 'event':
      return eventCounts(evaluation, condition);
    case 'profile':
      return profileEvidence(evaluation, condition);
    case 'segment':
      return sql`null::jsonb`;
  }
}

/** At most this many names are read of the tags that somebody has. */
const NAMES_SHOWN = 10;

function profileEvidence({ sectionId, only, past, now }: RulesEvaluationOfOne, condition: ProfileCondition): Sql {
  switch (condition.test) {
    case 'created':
      return sql`(
        select jsonb_build_object('kind', 'created', 'at', profile.created_at)
        from profile where profile.section_id = ${sectionId} and profile.id = ${only.id}
      )`;
    case 'has_key':
    case 'has_no_key':
      return sql`jsonb_build_object('kind', 'key', 'key', (
        select min(keyed.key) from profile_key keyed
        where keyed.section_id = ${sectionId} and keyed.profile_id = ${only.id}
          and keyed.keyspace_id = ${condition.keyspaceId}
      ))`;
    case 'has_tag':
    case 'has_no_tag': {
      const held = past
        ? sql`(
            select sum(change.action) from tag_change change
            where change.section_id = ${sectionId} and change.tag_id = tag.id and change.visible and change.at <= ${now}
              and ${aboutOne(only, sql`true`)}
          ) > 0`
        : sql`exists (
            select from profile_tag held
            where held.section_id = ${sectionId} and held.tag_id = tag.id and held.profile_id = ${only.id}
          )`;
      return sql`jsonb_build_object('kind', 'tags', 'names', array(
        select tag.name from tag
        where tag.section_id = ${sectionId} and ${held}
          and (tag.hidden_at is null ${past ? sql`or tag.hidden_at > ${now}` : sql``})
        order by tag.name_key
        limit ${NAMES_SHOWN}
      ))`;
    }
  }
}

/**
 * The last change of the tag; a removal that was undone does not count. If several profiles were merged into this one, that of a
 * profile which still has the tag, if any. For 'got' and 'lost' the last matching change, or else the last in that direction.
 */
function tagEntry(evaluation: RulesEvaluationOfOne, { tagId, test, when, source, holderId }: TagCondition): Sql {
  const { sectionId, only, past, now } = evaluation;
  const seen = test === 'held_by' ? sql`change.holder_id = ${holderId ?? 0}` : sql`change.visible`;
  const known = sql`
    change.section_id = ${sectionId} and change.tag_id = ${tagId} and ${seen}
    ${past ? sql`and change.at <= ${now}` : sql``}`;
  const changes = test === 'got' || test === 'lost';
  const action = test === 'got' ? 1 : -1;
  const entries = changes
    ? sql`
        select change.* from tag_change change
        where ${known} and ${aboutOne(only)} and change.action = ${action}
          ${source === 'undo' ? sql`` : changedBy(null, action)}`
    : sql`
        select distinct on (change.profile_id) change.*
        from (
          select change.*,
            first_value(change.action) over (partition by change.profile_id order by change.id desc) as standing
          from tag_change change
          where ${known} and ${aboutOne(only, sql`true`)}
        ) change
        where change.action = change.standing and not (change.action = 1 and change.source = ${SOURCES.undo})
        order by change.profile_id, change.id desc`;
  const first = changes
    ? sql`(change.visible ${during(evaluation, sql`change.at`, when)} ${changedBy(source, action)})`
    : sql`change.action`;
  return sql`
    select jsonb_build_object(
      'action', change.action, 'at', change.at, 'source', change.source, 'by', app_user.name,
      'through', ${throughOf(sectionId, sql`change`)}
    )
    from (${entries}) change
    left join app_user on app_user.id = change.user_id
    order by ${first} desc, change.id desc
    limit 1`;
}

function eventCounts(evaluation: RulesEvaluationOfOne, condition: EventCondition): Sql {
  const { eventTypeId, when, fields } = condition;
  const { sectionId, only, past, now } = evaluation;
  const type = evaluation.definitions.events.get(eventTypeId)!;
  const tests = fields.map((field) => sql`and ${fieldComparison(evaluation, field, type.fields)}`);
  const counts = sql`true ${during(evaluation, sql`event.at`, when)} ${join(tests, ' ')}`;
  return sql`(
    select jsonb_build_object(
      'kind', 'event', 'times', count(*) filter (where ${counts}), 'last', max(event.at) filter (where ${counts}),
      'lastEver', max(event.at)
    )
    from ${eventsOf(sectionId, type, linksAskedFor(condition))} event
    where event.section_id = ${sectionId} and event.profile_id = ${only.id}
      ${past ? sql`and event.at <= ${now}` : sql``}
  )`;
}
