// What is missing in a flow before it can be published. Imports no server code, so that the editor can say it while one works.
import {
  allSteps,
  dataOf,
  listsIn,
  type Awaited,
  type BranchWay,
  type FlowDocument,
  type FlowSettings,
  type Step,
  type Trigger,
} from './schema';

/** `stepId`: where, a step or one of its ways; null: `place` says it. `must`: it cannot be published like that. */
export type FlowProblem = {
  stepId: string | null;
  place: 'trigger' | 'filter' | 'steps' | 'settings';
  words: string;
  must: boolean;
};

/** What is missing, and what may be a mistake, in the order of the page. */
export function problemsOf(document: FlowDocument, settings: FlowSettings): FlowProblem[] {
  const trigger = document.trigger === null ? 'Choose what lets people in.' : missingIn(document.trigger);
  return [
    ...(trigger === undefined ? [] : [{ stepId: null, place: 'trigger' as const, words: trigger, must: true }]),
    ...ofReentry(document, settings),
    ...ofDays(settings),
    ...(document.steps.length === 0
      ? [{ stepId: null, place: 'steps' as const, words: 'Add a step: this flow does nothing yet.', must: true }]
      : []),
    ...ofSteps(document.steps),
    ...ofData(document),
  ];
}

function missingIn(what: Trigger | Awaited): string | undefined {
  switch (what.kind) {
    case 'tag_applied':
    case 'tag_removed':
      return what.tagId === null ? 'Choose the tag.' : undefined;
    case 'form':
      return what.formId === null ? 'Choose the form.' : undefined;
    case 'event':
      return missingInEvent(what);
    case 'segment':
      return what.segmentId === null ? 'Choose the segment.' : undefined;
    case 'message':
      return what.messageId === null ? 'Choose the message.' : undefined;
    case 'date':
      return what.attributeId === null ? 'Choose the attribute with the date.' : undefined;
    case 'none':
      return undefined;
  }
}

function missingInEvent({ eventTypeId, fields }: Extract<Awaited, { kind: 'event' }>): string | undefined {
  if (eventTypeId === null) return 'Choose the event.';
  const isPlaceholder = fields.some(({ compare }) => 'text' in compare && /\{\{.*\}\}/.test(compare.text));
  return isPlaceholder ? 'An event cannot be compared with the data of another one: enter a value.' : undefined;
}

function ofReentry({ trigger }: FlowDocument, { again }: FlowSettings): FlowProblem[] {
  if (trigger?.kind !== 'date' || !trigger.yearly || again.kind !== 'once') return [];
  const words =
    'The date comes every year, but people may enter only once in a lifetime. Let them enter again, if that is not meant.';
  return [{ stepId: null, place: 'settings', words, must: false }];
}

function ofDays({ opensOn, closesOn }: FlowSettings): FlowProblem[] {
  if (opensOn === null || closesOn === null || opensOn <= closesOn) return [];
  const words = 'The last day on which people may enter is before the first one.';
  return [{ stepId: null, place: 'settings', words, must: true }];
}

function ofSteps(steps: readonly Step[]): FlowProblem[] {
  return steps.flatMap((step, index) => {
    const next = steps[index + 1];
    const own = wordsOf(step).map((words) => problem(step, words, true));
    const unreachable =
      next && leavesBy(step) ? [problem(next, 'Nobody comes here: everybody has left before.', false)] : [];
    return [...own, ...ofWays(step), ...listsIn(step).flatMap(ofSteps), ...unreachable];
  });
}

/** Whether everybody who comes to a step leaves the flow there. */
function leavesBy(step: Step): boolean {
  if (step.kind === 'leave') return true;
  const lists = listsIn(step);
  return lists.length > 0 && lists.every((list) => list.some(leavesBy));
}

/** What the ways of a step lack. */
function ofWays(step: Step): FlowProblem[] {
  if (step.kind === 'branch') return step.ways.flatMap(ofBranchWay);
  if (step.kind !== 'wait_for') return [];
  return step.ways.flatMap((way) => {
    const missing = missingIn(way.what);
    return missing === undefined ? [] : [problem(way, missing, true)];
  });
}

/** Ways may only ask for what the trigger takes. */
function ofData(document: FlowDocument): FlowProblem[] {
  const names = new Set(dataOf(document).map(({ name }) => name));
  const ways = allSteps(document.steps).flatMap((step) => (step.kind === 'branch' ? step.ways : []));
  return ways.flatMap((way) => {
    const unknown = way.answer ? undefined : way.given?.find(({ code }) => !names.has(code));
    if (!unknown) return [];
    return [problem(way, `No “${unknown.code}” comes with people: what lets them in does not name it.`, true)];
  });
}

function ofBranchWay(way: BranchWay): FlowProblem[] {
  if (way.answer) return way.answer.messageId === null ? [problem(way, 'Choose the message.', true)] : [];
  if (way.given) return way.given.length === 0 ? [problem(way, 'Say what the data must be.', true)] : [];
  return way.rules === null ? [problem(way, 'Say who goes this way.', true)] : [];
}

const problem = ({ id }: Pick<Step, 'id'>, words: string, must: boolean): FlowProblem => ({
  stepId: id,
  place: 'steps',
  words,
  must,
});

/** What a step lacks. */
function wordsOf(step: Step): string[] {
  switch (step.kind) {
    case 'wait_date':
      return step.attributeId === null ? ['Choose the attribute with the date.'] : [];
    case 'tags':
      return wordsOfTags(step);
    case 'attribute':
      return [
        ...(step.attributeId === null ? ['Choose the attribute.'] : []),
        ...(step.value === null || step.value === '' ? ['Enter the value.'] : []),
      ];
    case 'email':
    case 'sms':
      return step.messageId === null ? ['Choose the message.'] : [];
    case 'notify':
      return [
        ...(step.to.length === 0 ? ['Enter the address of a colleague.'] : []),
        ...(step.subject === '' ? ['Enter a subject.'] : []),
      ];
    case 'webhook':
      return step.address === '' ? ['Enter the address.'] : [];
    case 'enter':
      return step.flowId === null ? ['Choose the flow.'] : [];
    case 'split': {
      const sum = Math.round(step.ways.reduce((total, { percent }) => total + percent, 0) * 100) / 100;
      return sum === 100 ? [] : [`The shares make ${sum} %. They must make 100 %.`];
    }
    default:
      return [];
  }
}

function wordsOfTags({ apply, remove }: Extract<Step, { kind: 'tags' }>): string[] {
  if (apply.length + remove.length === 0) return ['Choose a tag.'];
  return apply.some((id) => remove.includes(id)) ? ['It applies and removes the same tag. Choose one of both.'] : [];
}
