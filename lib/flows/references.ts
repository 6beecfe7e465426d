// What a flow refers to. Imports no server code, so that the editor can use it.
import type { AttributeId, EventTypeId, FlowId, FormId, MessageId, SegmentId, TagId } from '@/lib/db/ids';
import { referencesOf as referencesOfRules, type Rules } from '@/lib/segments/schema';
import { allSteps, type Awaited, type FlowDocument, type FlowSettings, type Step, type Trigger } from './schema';

export type References = {
  tagIds: TagId[];
  attributeIds: AttributeId[];
  eventTypeIds: EventTypeId[];
  segmentIds: SegmentId[];
  formIds: FormId[];
  messageIds: MessageId[];
  flowIds: FlowId[];
};

const NONE: References = {
  tagIds: [],
  attributeIds: [],
  eventTypeIds: [],
  segmentIds: [],
  formIds: [],
  messageIds: [],
  flowIds: [],
};

const known = <Id>(id: Id | null): Id[] => (id === null ? [] : [id]);

/** Of a flow with its settings, each once. */
export function referencesOf(document: FlowDocument, settings: FlowSettings | null): References {
  return together([
    ofHappening(document.trigger),
    ofRules(document.filter),
    ...allSteps(document.steps).map(referencesOfStep),
    ofRules(settings && goalRules(settings)),
    {
      ...NONE,
      tagIds: known(settings?.exitTagId ?? null),
      attributeIds: known(settings?.zoneAttributeId ?? null),
    },
  ]);
}

/** Of one step, without those inside it. */
export function referencesOfStep(step: Step): References {
  switch (step.kind) {
    case 'tags':
    case 'split':
      return { ...NONE, tagIds: changedTags(step) };
    case 'attribute':
    case 'wait_date':
      return { ...NONE, attributeIds: known(step.attributeId) };
    case 'email':
    case 'sms':
      return { ...NONE, messageIds: known(step.messageId) };
    case 'enter':
      return { ...NONE, flowIds: known(step.flowId) };
    case 'branch':
      return together(
        step.ways.flatMap(({ rules, answer }) => [
          ofRules(rules),
          { ...NONE, messageIds: known(answer?.messageId ?? null) },
        ]),
      );
    case 'wait_for':
      return together(step.ways.map(({ what }) => ofHappening(what)));
    default:
      return NONE;
  }
}

/** The tags that a step gives to people, or takes away. */
export function changedTags(step: Step): TagId[] {
  if (step.kind === 'tags') return [...step.apply, ...step.remove];
  return step.kind === 'split' ? step.ways.flatMap(({ tagId }) => known(tagId)) : [];
}

/** Whom the goal of a flow asks for: people who fit have reached it. Null: it has none. */
export function goalRules({ goal }: Pick<FlowSettings, 'goal'>): Rules | null {
  if (goal?.kind !== 'tag') return goal?.rules ?? null;
  const has = {
    kind: 'tag',
    tagId: goal.tagId,
    test: 'has',
    source: null,
    when: { kind: 'ever' },
    holderId: null,
  } as const;
  return { timeZone: 'UTC', root: { kind: 'group', match: 'all', items: [has] } };
}

/** The rules of a flow: its filter and those of its branches. */
export const rulesIn = (document: FlowDocument): Rules[] => [
  ...known(document.filter),
  ...allSteps(document.steps).flatMap(rulesOfStep),
];

/** The rules of one step, without those inside it. */
export const rulesOfStep = (step: Step): Rules[] =>
  step.kind === 'branch' ? step.ways.flatMap(({ rules }) => known(rules)) : [];

function ofHappening(what: Trigger | Awaited | null): References {
  switch (what?.kind) {
    case 'tag_applied':
    case 'tag_removed':
      return { ...NONE, tagIds: known(what.tagId) };
    case 'form':
      return { ...NONE, formIds: known(what.formId) };
    case 'event':
      return { ...NONE, eventTypeIds: known(what.eventTypeId) };
    case 'segment':
      return { ...NONE, segmentIds: known(what.segmentId) };
    case 'message':
      return { ...NONE, messageIds: known(what.messageId) };
    case 'date':
      return { ...NONE, attributeIds: known(what.attributeId) };
    default:
      return NONE;
  }
}

function ofRules(rules: Rules | null): References {
  if (!rules) return NONE;
  const { tags, attributes, eventTypes, segments } = referencesOfRules(rules);
  return { ...NONE, tagIds: tags, attributeIds: attributes, eventTypeIds: eventTypes, segmentIds: segments };
}

function together(all: readonly References[]): References {
  const of = <Key extends keyof References>(key: Key) =>
    [...new Set(all.flatMap((one): readonly References[Key][number][] => one[key]))] as References[Key];
  return {
    tagIds: of('tagIds'),
    attributeIds: of('attributeIds'),
    eventTypeIds: of('eventTypeIds'),
    segmentIds: of('segmentIds'),
    formIds: of('formIds'),
    messageIds: of('messageIds'),
    flowIds: of('flowIds'),
  };
}
