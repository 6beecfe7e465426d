// The rules of a segment: their shape and the messages for rules that are not valid. Compiled by compile.ts.
import { z } from 'zod';
import { ComparisonSchema, CountSchema, DaySchema, ordered } from '@/lib/attributes/comparison';
import {
  AttributeIdSchema,
  ClaimHolderIdSchema,
  EventTypeIdSchema,
  KeyspaceIdSchema,
  SegmentIdSchema,
  TagIdSchema,
  type AttributeId,
  type EventTypeId,
  type SegmentId,
  type TagId,
} from '@/lib/db/ids';
import { NameSchema } from '@/lib/naming/names';
import { SOURCES, type Source } from '@/lib/tags/source';
import { TimeZoneSchema } from '@/lib/text/time-zone';

export const CONDITIONS_MAX = 200;
export const DEPTH_MAX = 12;

/** An id; the message says that nothing was chosen. */
const chosen = <Id extends z.ZodType>(id: Id, message: string) =>
  z.unknown().transform((value, context) => {
    const parsed = id.safeParse(value);
    if (parsed.success) return parsed.data;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
export const UNITS = ['hours', 'days', 'weeks', 'months'] as const;
export type Unit = (typeof UNITS)[number];

/**
 * When something happened. `last`: within that time before now; `before_last`: longer ago than that; `between`: on one of these
 * days, both included, in the segment's time zone.
 */
const PeriodSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ever') }),
  z.object({ kind: z.literal('last'), count: CountSchema, unit: z.enum(UNITS) }),
  z.object({ kind: z.literal('before_last'), count: CountSchema, unit: z.enum(UNITS) }),
  z
    .object({ kind: z.literal('between'), from: DaySchema.nullable(), to: DaySchema.nullable() })
    .refine(({ from, to }) => from !== null || to !== null, { error: 'Choose at least one date.', path: ['from'] })
    .refine(({ from, to }) => from === null || to === null || ordered(from, to), {
      error: 'The second date is before the first.',
      path: ['to'],
    }),
]);
export type Period = z.output<typeof PeriodSchema>;

const SOURCE_NAMES = Object.keys(SOURCES) as [Source, ...Source[]];

/** `source`: how the tag was applied (or removed); null: any. `holderId`: the list whose claim holds it; null: 'by hand or other'. */
const TagConditionSchema = z.object({
  kind: z.literal('tag'),
  tagId: chosen(TagIdSchema, 'Choose a tag.'),
  test: z.enum(['has', 'has_not', 'got', 'lost', 'held_by']),
  source: z.enum(SOURCE_NAMES).nullable().default(null),
  when: PeriodSchema.default({ kind: 'ever' }),
  holderId: ClaimHolderIdSchema.nullable().default(null),
});
export type TagCondition = z.output<typeof TagConditionSchema>;

const AttributeConditionSchema = z.object({
  kind: z.literal('attribute'),
  attributeId: chosen(AttributeIdSchema, 'Choose an attribute.'),
  compare: ComparisonSchema,
});
export type AttributeCondition = z.output<typeof AttributeConditionSchema>;

const EventConditionSchema = z.object({
  kind: z.literal('event'),
  eventTypeId: chosen(EventTypeIdSchema, 'Choose an event.'),
  test: z.enum(['did', 'did_not']),
  /** How often, for 'did'. */
  times: z
    .object({ is: z.enum(['at_least', 'exactly', 'at_most']), count: CountSchema })
    .default({ is: 'at_least', count: 1 }),
  when: PeriodSchema.default({ kind: 'ever' }),
  /** An event counts if it meets all of these. */
  fields: z
    .array(z.object({ code: z.string().max(60), compare: ComparisonSchema }))
    .max(20, 'At most 20 fields of an event can be compared.')
    .default([]),
});
export type EventCondition = z.output<typeof EventConditionSchema>;

const ProfileConditionSchema = z.discriminatedUnion('test', [
  z.object({ kind: z.literal('profile'), test: z.literal('created'), when: PeriodSchema }),
  z.object({
    kind: z.literal('profile'),
    test: z.enum(['has_key', 'has_no_key']),
    keyspaceId: chosen(KeyspaceIdSchema, 'Choose a keyspace.'),
  }),
  /** Any visible tag, from any source. */
  z.object({ kind: z.literal('profile'), test: z.enum(['has_tag', 'has_no_tag']) }),
]);
export type ProfileCondition = z.output<typeof ProfileConditionSchema>;

const SegmentConditionSchema = z.object({
  kind: z.literal('segment'),
  segmentId: chosen(SegmentIdSchema, 'Choose a segment.'),
  test: z.enum(['in', 'not_in']),
});
export type SegmentCondition = z.output<typeof SegmentConditionSchema>;

export const ConditionSchema = z.discriminatedUnion('kind', [
  TagConditionSchema,
  AttributeConditionSchema,
  EventConditionSchema,
  ProfileConditionSchema,
  SegmentConditionSchema,
]);
export type Condition = z.output<typeof ConditionSchema>;

export const MATCHES = ['all', 'any', 'none'] as const;
export type Match = (typeof MATCHES)[number];
export type Group = { kind: 'group'; match: Match; items: RuleNode[] };
export type RuleNode = Condition | Group;

const GroupSchema: z.ZodType<Group> = z.object({
  kind: z.literal('group'),
  match: z.enum(MATCHES),
  items: z.array(z.lazy(() => NodeSchema)).min(1, 'This group is empty: add a condition, or remove the group.'),
});
const NodeSchema: z.ZodType<RuleNode> = z.lazy(() =>
  z.discriminatedUnion('kind', [
    GroupSchema as z.ZodType<Group> & z.core.$ZodTypeDiscriminable,
    TagConditionSchema,
    AttributeConditionSchema,
    EventConditionSchema,
    ProfileConditionSchema,
    SegmentConditionSchema,
  ]),
);

/** Why rules are too large to be parsed; checked before parsing. */
function sizeProblem(raw: unknown): string | null {
  let [level, depth, conditions] = [[raw], 0, 0];
  while (level.length > 0) {
    const groups = level.flatMap((node) => {
      const items: unknown = typeof node === 'object' && node !== null && 'items' in node ? node.items : null;
      return Array.isArray(items) ? [items as unknown[]] : [];
    });
    conditions += level.length - groups.length;
    if (groups.length > 0) depth += 1;
    if (depth > DEPTH_MAX) return `Groups can be nested at most ${DEPTH_MAX} levels deep.`;
    if (conditions > CONDITIONS_MAX) return `A segment has at most ${CONDITIONS_MAX} conditions.`;
    level = groups.flat();
  }
  return null;
}

const RootSchema = z
  .unknown()
  .superRefine((raw, context) => {
    const problem = sizeProblem(raw);
    if (problem) context.addIssue({ code: 'custom', message: problem });
  })
  .pipe(GroupSchema);

/** A segment. Days begin and end in `timeZone`. */
export const RulesSchema = z.object({ timeZone: TimeZoneSchema.default('UTC'), root: RootSchema });
export type Rules = z.output<typeof RulesSchema>;

/** As for tags: visible characters, at most 100. */
export const SegmentNameSchema = NameSchema;

/** What rules refer to. */
type References = {
  tags: TagId[];
  attributes: AttributeId[];
  eventTypes: EventTypeId[];
  segments: SegmentId[];
};

/** Every condition, in order. */
export function conditionsOf(node: RuleNode): Condition[] {
  return node.kind === 'group' ? node.items.flatMap(conditionsOf) : [node];
}

/** What rules refer to, without duplicates. */
export function referencesOf(rules: Pick<Rules, 'root'>): References {
  const conditions = conditionsOf(rules.root);
  const ids = <Id>(pick: (condition: Condition) => Id | undefined) => [
    ...new Set(conditions.map(pick).filter((id) => id !== undefined)),
  ];
  return {
    tags: ids((item) => (item.kind === 'tag' ? item.tagId : undefined)),
    attributes: ids((item) => (item.kind === 'attribute' ? item.attributeId : undefined)),
    eventTypes: ids((item) => (item.kind === 'event' ? item.eventTypeId : undefined)),
    segments: ids((item) => (item.kind === 'segment' ? item.segmentId : undefined)),
  };
}
