// A flow as it is written: what lets people in, and a tree of steps. A step never names another one, so nothing can point into the void or go back.
// Imports no server code, so that the editor can use it.
import { z } from 'zod';
import { ComparisonSchema, DaySchema } from '@/lib/attributes/comparison';
import {
  AttributeIdSchema,
  EventTypeIdSchema,
  FlowIdSchema,
  FormIdSchema,
  MessageIdSchema,
  SectionIdSchema,
  SegmentIdSchema,
  TagIdSchema,
  type TagId,
} from '@/lib/db/ids';
import { GivenNameSchema } from '@/lib/mail-document/schema';
import { RulesSchema } from '@/lib/segments/schema';
import { SOURCES, type Source } from '@/lib/tags/source';
import { TimeZoneSchema } from '@/lib/text/time-zone';

export const STEPS_MAX = 300;
export const DEPTH_MAX = 12;
export const WAYS_MAX = 10;

const SOURCE_NAMES = Object.keys(SOURCES) as [Source, ...Source[]];

/** `HH:MM` on a clock. */
const ClockSchema = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Enter a time as 09:00.');

/** From the first to before the second, also over midnight; the same twice: all day. */
const HoursSchema = z.object({ from: ClockSchema, to: ClockSchema });
export type Hours = z.output<typeof HoursSchema>;

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** Days are days of the calendar in the person’s zone; hours and minutes are that long. */
export const WAIT_UNITS = ['minutes', 'hours', 'days', 'weeks'] as const;
const DurationSchema = z.object({ count: z.int().min(0).max(1_000), unit: z.enum(WAIT_UNITS) });
export type Duration = z.output<typeof DurationSchema>;

/** A date in an attribute, moved by some days, at a time of the day. */
const DateMomentSchema = z.object({
  attributeId: AttributeIdSchema.nullable().default(null),
  /** Days after the date; before it if negative. */
  days: z.int().min(-366).max(366).default(0),
  at: ClockSchema.default('09:00'),
});

/** What somebody does with a message, as far as one can tell that it was a person. */
const MessageAnswerSchema = z.object({
  did: z.enum(['opened', 'clicked']).default('opened'),
  messageId: MessageIdSchema.nullable().default(null),
});
export type MessageAnswer = z.output<typeof MessageAnswerSchema>;

export const FIELDS_MAX = 20;

/** Conditions on the values of something that happened, or that a call gave. */
const FieldConditionsSchema = z
  .array(z.object({ code: z.string().max(60), compare: ComparisonSchema }))
  .max(FIELDS_MAX);
export type FieldConditions = z.output<typeof FieldConditionsSchema>;

/** What a person does, or what happens to them: of a trigger, and of a wait. Null: not chosen yet. */
const happenings = {
  tag_applied: z.object({
    kind: z.literal('tag_applied'),
    tagId: TagIdSchema.nullable().default(null),
    /** Only by these ways; empty: by any. */
    sources: z.array(z.enum(SOURCE_NAMES)).default([]),
  }),
  tag_removed: z.object({ kind: z.literal('tag_removed'), tagId: TagIdSchema.nullable().default(null) }),
  form: z.object({ kind: z.literal('form'), formId: FormIdSchema.nullable().default(null) }),
  event: z.object({
    kind: z.literal('event'),
    eventTypeId: EventTypeIdSchema.nullable().default(null),
    fields: FieldConditionsSchema.default([]),
  }),
  segment: z.object({
    kind: z.literal('segment'),
    segmentId: SegmentIdSchema.nullable().default(null),
    becomes: z.enum(['in', 'out']).default('in'),
  }),
  message: MessageAnswerSchema.extend({ kind: z.literal('message') }),
};

/** A value that a call of the API may give along with somebody. */
export const DATA_TYPES = ['text', 'number', 'date', 'boolean'] as const;
const DataFieldSchema = z.object({ name: GivenNameSchema, type: z.enum(DATA_TYPES) });
export type DataField = z.output<typeof DataFieldSchema>;

export const TriggerSchema = z.discriminatedUnion('kind', [
  happenings.tag_applied,
  happenings.tag_removed,
  happenings.form,
  happenings.event,
  happenings.segment,
  happenings.message,
  DateMomentSchema.extend({ kind: z.literal('date'), yearly: z.boolean().default(false) }),
  /** By hand, from a segment, or by the API. `data`: what a call may give along. */
  z.object({ kind: z.literal('none'), data: z.array(DataFieldSchema).max(FIELDS_MAX).default([]) }),
]);
export type Trigger = z.output<typeof TriggerSchema>;

/** May be in several versions of a flow, and is copied: never used twice in one. */
const StepIdSchema = z.string().regex(/^[a-z0-9]{4,16}$/);
const step = {
  id: StepIdSchema,
  /** The author’s own words; empty: what it does says it. */ name: z.string().trim().max(100).default(''),
};

/** Null: the message is not chosen yet. `ifNot`: people who may not get it, or whose message failed. */
const send = {
  messageId: MessageIdSchema.nullable().default(null),
  ifNot: z.enum(['go_on', 'leave']).default('go_on'),
  /** Of people who have had as many messages as the section allows: they may not get it, or wait until they may. */
  ifOver: z.enum(['skip', 'wait']).default('skip'),
};

const leaves = [
  z.object({
    ...step,
    kind: z.literal('wait'),
    time: DurationSchema.default({ count: 1, unit: 'days' }),
    at: ClockSchema.nullable().default(null),
  }),
  z.object({
    ...step,
    kind: z.literal('wait_hours'),
    from: ClockSchema.default('09:00'),
    to: ClockSchema.default('17:00'),
    /** On which the hours begin. */
    days: z.array(z.enum(WEEKDAYS)).min(1, 'Choose a day.').default(WEEKDAYS.slice(0, 5)),
  }),
  DateMomentSchema.extend({
    ...step,
    kind: z.literal('wait_date'),
    past: z.enum(['go_on', 'leave']).default('go_on'),
    none: z.enum(['go_on', 'leave']).default('go_on'),
  }),
  z.object({
    ...step,
    kind: z.literal('tags'),
    apply: z.array(TagIdSchema).max(20).default([]),
    remove: z.array(TagIdSchema).max(20).default([]),
  }),
  z.object({
    ...step,
    kind: z.literal('attribute'),
    attributeId: AttributeIdSchema.nullable().default(null),
    value: z
      .union([z.string().max(2_000), z.number(), z.boolean()])
      .nullable()
      .default(null),
  }),
  z.object({ ...step, kind: z.literal('email'), ...send }),
  z.object({ ...step, kind: z.literal('sms'), ...send }),
  z.object({
    ...step,
    kind: z.literal('notify'),
    to: z.array(z.email()).max(10).default([]),
    subject: z.string().trim().max(200).default(''),
    text: z.string().max(2_000).default(''),
  }),
  z.object({ ...step, kind: z.literal('webhook'), address: z.string().trim().max(2_000).default('') }),
  z.object({ ...step, kind: z.literal('enter'), flowId: FlowIdSchema.nullable().default(null) }),
  z.object({ ...step, kind: z.literal('leave') }),
] as const;

const LeafSchema = z.discriminatedUnion('kind', [...leaves]);
export type Leaf = z.output<typeof LeafSchema>;

const way = { id: StepIdSchema, name: z.string().trim().max(60).default('') };

/** The first way whose rule a person fits; `otherwise` for those who fit none. */
export type Branch = { id: string; name: string; kind: 'branch'; ways: BranchWay[]; otherwise: Step[] };
/** Instead of rules, `answer`: what they have done with a message since they entered the flow; `given`: what a call gave along with them. */
export type BranchWay = {
  id: string;
  name: string;
  rules: z.output<typeof RulesSchema> | null;
  answer: MessageAnswer | null;
  given: FieldConditions | null;
  steps: Step[];
};
/** Shares of hundred, which together make a hundred. A person always takes the same way. */
export type Split = { id: string; name: string; kind: 'split'; ways: SplitWay[] };
/** `tagId`: people who go this way get it. */
export type SplitWay = { id: string; name: string; percent: number; tagId: TagId | null; steps: Step[] };
/** What comes first: one of the happenings, or the time-out. */
export type WaitFor = {
  id: string;
  name: string;
  kind: 'wait_for';
  ways: WaitWay[];
  timeout: Duration;
  otherwise: Step[];
  since: 'step' | 'entry';
};
export type WaitWay = { id: string; name: string; what: Awaited; steps: Step[] };
const AwaitedSchema = z.discriminatedUnion('kind', [
  happenings.tag_applied,
  happenings.tag_removed,
  happenings.form,
  happenings.event,
  happenings.segment,
  happenings.message,
]);
export type Awaited = z.output<typeof AwaitedSchema>;

export type Block = Branch | Split | WaitFor;
export type Step = Leaf | Block;
export type StepKind = Step['kind'];

/** Also of what is copied from one flow to another. */
export const StepsSchema: z.ZodType<Step[]> = z.lazy(() => z.array(StepSchema));

const BranchSchema = z.object({
  ...step,
  kind: z.literal('branch'),
  ways: z
    .array(
      z.object({
        ...way,
        rules: RulesSchema.nullable().default(null),
        answer: MessageAnswerSchema.nullable().default(null),
        given: FieldConditionsSchema.nullable().default(null),
        steps: StepsSchema,
      }),
    )
    .min(1)
    .max(WAYS_MAX),
  otherwise: StepsSchema,
});
const SplitSchema = z.object({
  ...step,
  kind: z.literal('split'),
  ways: z
    .array(
      z.object({
        ...way,
        percent: z.number().min(0).max(100),
        tagId: TagIdSchema.nullable().default(null),
        steps: StepsSchema,
      }),
    )
    .min(2)
    .max(WAYS_MAX),
});
const WaitForSchema = z.object({
  ...step,
  kind: z.literal('wait_for'),
  ways: z
    .array(z.object({ ...way, what: AwaitedSchema, steps: StepsSchema }))
    .min(1)
    .max(WAYS_MAX),
  timeout: DurationSchema.default({ count: 7, unit: 'days' }),
  otherwise: StepsSchema,
  /** Since when it counts: what happened before somebody came here, but after they entered, may count too. */
  since: z.enum(['step', 'entry']).default('step'),
});

const StepSchema: z.ZodType<Step> = z.lazy(
  () =>
    z.discriminatedUnion('kind', [...leaves, BranchSchema, SplitSchema, WaitForSchema]) as unknown as z.ZodType<Step>,
);

export const FlowDocumentSchema = z
  .object({
    trigger: TriggerSchema.nullable().default(null),
    /** Only people who fit when it happens; null: everyone. */
    filter: RulesSchema.nullable().default(null),
    steps: StepsSchema.default([]),
  })
  .superRefine(({ trigger, steps }, context) => {
    const all = allSteps(steps);
    const refuse = (message: string) => context.addIssue({ code: 'custom', path: ['steps'], message });
    if (all.length > STEPS_MAX) refuse(`A flow has at most ${STEPS_MAX} steps.`);
    const ids = all.flatMap((one) => [one.id, ...('ways' in one ? one.ways.map(({ id }) => id) : [])]);
    if (new Set(ids).size < ids.length) refuse('Two steps have the same ID.');
    const names = dataOf({ trigger }).map(({ name }) => name);
    if (new Set(names).size < names.length) refuse('Two values of the data have the same name.');
    if (depthOf(steps) > DEPTH_MAX) refuse(`Ways can be nested at most ${DEPTH_MAX} deep.`);
  });
export type FlowDocument = z.output<typeof FlowDocumentSchema>;

/** What a call may give along with somebody. */
export const dataOf = ({ trigger }: { trigger: Trigger | null }): readonly DataField[] =>
  trigger?.kind === 'none' ? trigger.data : [];

/** For all versions at once, from the moment they are saved. */
export const FlowSettingsSchema = z.object({
  /** Whoever has it, or gets it, leaves at once. */
  exitTagId: TagIdSchema.nullable().default(null),
  /** People who reach it leave, and are counted; those who have reached it already do not enter. */
  goal: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('tag'), tagId: TagIdSchema }),
      z.object({ kind: z.literal('rules'), rules: RulesSchema }),
    ])
    .nullable()
    .default(null),
  /** How often the same person may enter. `after`: days since they last entered. */
  again: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('once') }),
      z.object({ kind: z.literal('after'), days: z.int().min(1).max(3_650) }),
      z.object({ kind: z.literal('each_time') }),
    ])
    .default({ kind: 'once' }),
  /** Nobody enters before the first of these days, or after the second, in the flow’s zone. Who is in it goes on. */
  opensOn: DaySchema.nullable().default(null),
  closesOn: DaySchema.nullable().default(null),
  /** Messages leave at these hours only, by the person's clock. May span midnight. */
  hours: HoursSchema.nullable().default(null),
  /** Of people without a zone of their own. Null: the section’s. */
  timeZone: TimeZoneSchema.nullable().default(null),
  /** The attribute in which people have a zone of their own, as an IANA name. */
  zoneAttributeId: AttributeIdSchema.nullable().default(null),
});
export type FlowSettings = z.output<typeof FlowSettingsSchema>;
export type Goal = NonNullable<FlowSettings['goal']>;

/** `live`: lets people in and moves them. `paused`: neither. `stopped`: everyone has left. */
export const FLOW_STATES = ['draft', 'live', 'paused', 'stopped'] as const;
export type FlowState = (typeof FLOW_STATES)[number];

/** The lists of steps inside a step, in the order of the page. */
export function listsIn(of: Step): Step[][] {
  switch (of.kind) {
    case 'branch':
    case 'wait_for':
      return [...of.ways.map(({ steps }) => steps), of.otherwise];
    case 'split':
      return of.ways.map(({ steps }) => steps);
    default:
      return [];
  }
}

/** Every step, in the order of the page. */
export const allSteps = (steps: readonly Step[]): Step[] =>
  steps.flatMap((one) => [one, ...listsIn(one).flatMap(allSteps)]);

/** How deep ways are nested. */
export const depthOf = (steps: readonly Step[]): number =>
  Math.max(0, ...steps.map((one) => ('ways' in one ? 1 + Math.max(0, ...listsIn(one).map(depthOf)) : 0)));

export const InFlow = z.object({ sectionId: SectionIdSchema, flowId: FlowIdSchema });
