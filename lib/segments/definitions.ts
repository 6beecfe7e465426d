// What rules refer to, looked up: refused where it is not of the section, or hidden. The one way to an evaluation, so that
// nobody can use rules that have lost one of their parts.
import { refuse, type RefusalCode } from '@/lib/access/refusal';
import type { AttributeType } from '@/lib/attributes/schema';
import type {
  AttributeId,
  ClaimHolderId,
  EventTypeId,
  EventVersionId,
  KeyspaceId,
  SectionId,
  SegmentId,
  TagId,
} from '@/lib/db/ids';
import { maybeOne, rows, sql, type Db } from '@/lib/db/sql';
import type { EventField, FieldType } from '@/lib/events/schema';
import { hiddenInWords } from './attention';
import type { Definitions } from './evaluation';
import { conditionsOf, referencesOf, RulesSchema, TESTS, type Condition, type RuleNode, type Rules } from './schema';

type Hideable = { name: string; hiddenAt: Date | null; hiddenBy: string | null };
type Thing<Id> = Hideable & { id: Id };

/** Rules with what they refer to, looked up. */
export type Opened = { rules: Rules; definitions: Definitions };

/** A saved segment with what its rules refer to. */
export type OpenSegment = Opened & { id: SegmentId; discriminator: string; name: string };

/** What rules may ask in all, the rules of the segments in them included: what one statement can hold. */
export const WHOLE_MAX = { conditions: 1_000, levels: 30 };

/** Opens a saved segment; refuses with `not_found`, or with `hidden` where it needs attention. */
export async function openSegment(db: Db, sectionId: SectionId, id: SegmentId): Promise<OpenSegment> {
  const found = await maybeOne<{ name: string; discriminator: string; rules: unknown }>(
    db,
    sql`select name, discriminator, rules from segment where section_id = ${sectionId} and id = ${id}`,
  );
  if (!found) refuse('not_found', 'There is no such segment in this section: it may have been deleted.');
  const rules = RulesSchema.parse(found.rules);
  return { ...found, id, rules, definitions: await openRules(db, sectionId, rules, found.name) };
}

/** Opens the section's saved segments by name, all at once; those that need attention are left out. */
export async function openSegments(db: Db, sectionId: SectionId): Promise<OpenSegment[]> {
  const stored = await rows<{ id: SegmentId; name: string; discriminator: string; rules: unknown }>(
    db,
    sql`select id, name, discriminator, rules from segment where section_id = ${sectionId} order by name_key`,
  );
  const all = stored.map((segment) => ({ ...segment, rules: RulesSchema.parse(segment.rules) }));
  const segments = new Map(all.map(({ id, name, rules }) => [id, { name, rules }]));
  const known = await lookUp(
    db,
    sectionId,
    all.map(({ rules }) => rules),
  );
  const definitions: Definitions = { attributes: known.attributes, events: known.events, segments };
  return all
    .filter(({ rules, name }) => firstProblem({ rules, name }, known, segments) === undefined)
    .map((segment) => ({ ...segment, definitions }));
}

/**
 * Looks up what rules refer to, those of the segments in them included. Refuses with `hidden`, `not_found` or `invalid`
 * at the field of the condition, such as `rules.root.items.0`. `name`: of the saved segment whose rules they are.
 */
export async function openRules(db: Db, sectionId: SectionId, rules: Rules, name?: string): Promise<Definitions> {
  const segments = await usedSegments(db, sectionId, referencesOf(rules).segments);
  const known = await lookUp(db, sectionId, [rules, ...[...segments.values()].map((segment) => segment.rules)]);
  const problem = firstProblem({ rules, name }, known, segments);
  if (problem) refuse(problem.code, problem.message, { field: problem.field });
  return { attributes: known.attributes, events: known.events, segments };
}

type Segments = Definitions['segments'];

/** The segments that use one, also through others, with all that they use. */
export async function usersOf(
  db: Db,
  sectionId: SectionId,
  id: SegmentId,
): Promise<{ users: { name: string; rules: Rules }[]; segments: Segments }> {
  const users = await rows<{ id: SegmentId }>(
    db,
    sql`
      with recursive users (id) as (
        select ${id}::int
        union
        select further.segment_id
        from users
        join segment_use further on further.section_id = ${sectionId} and further.used_segment_id = users.id
      )
      select id from users where id <> ${id}`,
  );
  const ids = users.map((user) => user.id);
  const segments = await usedSegments(db, sectionId, ids);
  return { users: ids.map((user) => segments.get(user)!), segments };
}

/** How many conditions rules ask and how deep they go, the segments in them included. There must be no circle. */
export function wholeSize(root: RuleNode, segments: Segments, seen = new Map<SegmentId, Size>()): Size {
  if (root.kind === 'segment') {
    const known = seen.get(root.segmentId);
    const used = segments.get(root.segmentId);
    const size = known ?? (used ? wholeSize(used.rules.root, segments, seen) : { conditions: 1, levels: 0 });
    seen.set(root.segmentId, size);
    return size;
  }
  if (root.kind !== 'group') return { conditions: 1, levels: 0 };
  const sizes = root.items.map((item) => wholeSize(item, segments, seen));
  return {
    conditions: sizes.reduce((sum, { conditions }) => sum + conditions, 0),
    levels: 1 + Math.max(...sizes.map(({ levels }) => levels)),
  };
}
type Size = { conditions: number; levels: number };

/** Why rules are too large with the segments in them; undefined where they are not. */
export function tooLarge({ conditions, levels }: Size): string | undefined {
  if (conditions > WHOLE_MAX.conditions) {
    return `with the segments in it there are ${conditions.toLocaleString('en-GB')} conditions, and at most ${WHOLE_MAX.conditions.toLocaleString('en-GB')} can be asked at once`;
  }
  if (levels > WHOLE_MAX.levels) {
    return `with the segments in it the groups are ${levels} levels deep, and at most ${WHOLE_MAX.levels} are possible`;
  }
  return undefined;
}

/** What is wrong with rules or with those of the segments in them. `field`: the place in the rules themselves. */
function firstProblem(
  { rules, name }: { rules: Rules; name?: string },
  known: Known,
  segments: Segments,
): (Problem & { field?: string }) | undefined {
  const places = [{ rules, of: name, own: true }];
  const add = (used: Rules) => {
    for (const id of referencesOf(used).segments) {
      const segment = segments.get(id);
      if (!segment || places.some((place) => place.rules === segment.rules)) continue;
      places.push({ rules: segment.rules, of: segment.name, own: false });
      add(segment.rules);
    }
  };
  add(rules);
  for (const place of places) {
    for (const { condition, path } of conditionsWithPaths(place.rules.root, 'rules.root')) {
      const problem = problemOf(condition, { ...known, segments });
      if (!problem) continue;
      const where = place.of ? `The segment “${place.of}” needs attention: ` : '';
      return { code: problem.code, message: `${where}${problem.message}`, field: place.own ? path : undefined };
    }
  }
  const large = tooLarge(wholeSize(rules.root, segments));
  return large ? { code: 'invalid', message: `This is too much: ${large}.`, field: 'rules.root' } : undefined;
}

type Known = {
  tags: Map<TagId, Thing<TagId>>;
  attributes: Map<AttributeId, Thing<AttributeId> & { code: string; type: AttributeType }>;
  events: Map<
    EventTypeId,
    Thing<EventTypeId> & { versions: EventVersionId[]; fields: Map<string, { name: string; type: FieldType }> }
  >;
  holders: Set<ClaimHolderId>;
  keyspaces: Set<KeyspaceId>;
};

function conditionsWithPaths(node: RuleNode, path: string): { condition: Condition; path: string }[] {
  if (node.kind !== 'group') return [{ condition: node, path }];
  return node.items.flatMap((item, index) => conditionsWithPaths(item, `${path}.items.${index}`));
}

type Problem = { code: RefusalCode; message: string };

const missing = (what: string): Problem => ({
  code: 'not_found',
  message: `There is no such ${what} in this section. Choose another one, or take the condition out.`,
});

function problemOf(condition: Condition, known: Known & { segments: Segments }): Problem | undefined {
  const unusable = (kind: string, thing: Hideable | undefined): Problem | undefined => {
    if (!thing) return missing(kind);
    const { name, hiddenAt, hiddenBy } = thing;
    return hiddenAt === null
      ? undefined
      : {
          code: 'hidden',
          message: `${hiddenInWords({ kind, name, hiddenAt, hiddenBy })} Choose another one, or take the condition out.`,
        };
  };
  switch (condition.kind) {
    case 'tag': {
      const { test, holderId } = condition;
      const noHolder = test === 'held_by' && holderId !== null && !known.holders.has(holderId);
      return unusable('tag', known.tags.get(condition.tagId)) ?? (noHolder ? missing('list') : undefined);
    }
    case 'attribute': {
      const attribute = known.attributes.get(condition.attributeId);
      return unusable('attribute', attribute) ?? unfit(attribute!, condition.compare.test);
    }
    case 'event': {
      const event = known.events.get(condition.eventTypeId);
      const problem = unusable('event', event);
      if (problem) return problem;
      for (const { code, compare } of condition.fields) {
        const field = event!.fields.get(code);
        const wrong = field ? unfit(field, compare.test) : missing(`field “${code}” of the event`);
        if (wrong) return wrong;
      }
      return undefined;
    }
    case 'profile':
      return condition.test === 'created' || known.keyspaces.has(condition.keyspaceId)
        ? undefined
        : missing('keyspace');
    case 'segment':
      return known.segments.has(condition.segmentId) ? undefined : missing('segment');
  }
}

function unfit({ name, type }: { name: string; type: AttributeType | FieldType }, test: string): Problem | undefined {
  if ((TESTS[type] as readonly string[]).includes(test)) return undefined;
  return { code: 'invalid', message: `“${name}” is of the type ${type}: it cannot be compared like that.` };
}

async function usedSegments(db: Db, sectionId: SectionId, ids: readonly SegmentId[]): Promise<Segments> {
  if (ids.length === 0) return new Map();
  const found = await rows<{ id: SegmentId; name: string; rules: unknown }>(
    db,
    sql`
      with recursive used (id) as (
        select unnest(${ids}::int[])
        union
        select further.used_segment_id
        from used
        join segment_use further on further.section_id = ${sectionId} and further.segment_id = used.id
        where further.used_segment_id is not null
      )
      select segment.id, segment.name, segment.rules
      from used
      join segment on segment.section_id = ${sectionId} and segment.id = used.id`,
  );
  return new Map(found.map(({ id, name, rules }) => [id, { name, rules: RulesSchema.parse(rules) }]));
}

async function lookUp(db: Db, sectionId: SectionId, all: readonly Rules[]): Promise<Known> {
  const conditions = all.flatMap(({ root }) => conditionsOf(root));
  const references = all.map(referencesOf);
  const ids = <Key extends 'tags' | 'attributes' | 'eventTypes'>(key: Key) =>
    references.flatMap((one): number[] => one[key]);
  const byId = <Id, Row extends { id: Id }>(found: Row[]) => new Map(found.map((row) => [row.id, row]));
  const tags = await rows<Thing<TagId>>(db, things(sql`tag`, sql``, sectionId, ids('tags')));
  const attributes = await rows<Thing<AttributeId> & { code: string; type: AttributeType }>(
    db,
    things(sql`attribute`, sql`, thing.code, thing.type`, sectionId, ids('attributes')),
  );
  const versions = sql`, (
    select json_agg(json_build_object('id', version.id, 'fields', version.fields) order by version.id)
    from event_version version
    where version.section_id = thing.section_id and version.event_type_id = thing.id
  ) as versions`;
  const events = await rows<Thing<EventTypeId> & { versions: { id: EventVersionId; fields: EventField[] }[] }>(
    db,
    things(sql`event_type`, versions, sectionId, ids('eventTypes')),
  );
  const claims = conditions.some((one) => one.kind === 'tag' && one.test === 'held_by');
  const holders = claims
    ? await rows<{ id: ClaimHolderId }>(db, sql`select id from claim_holder where section_id = ${sectionId}`)
    : [];
  const keys = conditions.some((one) => one.kind === 'profile');
  const keyspaces = keys
    ? await rows<{ id: KeyspaceId }>(
        db,
        sql`select keyspace.id from keyspace join section using (account_id) where section.id = ${sectionId}`,
      )
    : [];
  return {
    tags: byId(tags),
    attributes: byId(attributes),
    events: byId(
      events.map((event) => ({
        ...event,
        versions: event.versions.map((version) => version.id),
        // The newest version that has a field decides what it is.
        fields: new Map(event.versions.flatMap(({ fields }) => fields.map(({ code, ...field }) => [code, field]))),
      })),
    ),
    holders: new Set(holders.map(({ id }) => id)),
    keyspaces: new Set(keyspaces.map(({ id }) => id)),
  };
}

const things = (
  table: ReturnType<typeof sql>,
  more: ReturnType<typeof sql>,
  sectionId: SectionId,
  ids: number[],
) => sql`
  select thing.id, thing.name, thing.hidden_at as "hiddenAt", app_user.name as "hiddenBy" ${more}
  from ${table} thing
  left join app_user on app_user.id = thing.hidden_by
  where thing.section_id = ${sectionId} and thing.id = any(${ids}::int[])`;
