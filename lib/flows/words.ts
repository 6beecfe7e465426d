// A flow in plain words: 'Wait 2 days', 'When Newsletter is applied'. For the server and the browser.
import { comparisonInWords, listed } from '@/lib/attributes/comparison-words';
import type { FlowId, FormId, MessageId } from '@/lib/db/ids';
import { nodeInWords, SOURCE_WORDS, type Names } from '@/lib/segments/words';
import { WEEKDAYS } from './schema';
import type {
  Awaited,
  Block,
  Branch,
  BranchWay,
  Duration,
  FieldConditions,
  FlowDocument,
  Leaf,
  MessageAnswer,
  Split,
  Step,
  StepKind,
  Trigger,
  WaitFor,
  Weekday,
} from './schema';

/** Names of what a flow refers to. */
export type FlowNames = Names & {
  message: (id: MessageId) => string;
  form: (id: FormId) => string;
  flow: (id: FlowId) => string;
};

export const KIND_WORDS: Record<StepKind, string> = {
  wait: 'Wait',
  wait_date: 'Wait until a date',
  wait_hours: 'Wait for the right hours',
  wait_for: 'Wait for something',
  branch: 'Branch',
  split: 'Split',
  tags: 'Tags',
  attribute: 'Attribute',
  email: 'Email',
  sms: 'SMS',
  notify: 'Notice to a colleague',
  webhook: 'Webhook',
  enter: 'Another flow',
  leave: 'Leave',
};

/** '2 days', '1 hour'. */
export const durationInWords = ({ count, unit }: Duration): string =>
  `${count.toLocaleString('en-GB')} ${count === 1 ? unit.slice(0, -1) : unit}`;

/** What lets people in. */
export function triggerInWords(trigger: Trigger | null, names: FlowNames): string {
  if (trigger === null) return 'Choose what lets people in';
  switch (trigger.kind) {
    case 'date':
      return `${capital(dateMoment(trigger, names, 'on '))}${trigger.yearly ? ', every year' : ''}`;
    case 'none':
      return trigger.data.length === 0
        ? 'By hand, from a segment or by the API'
        : `By hand, from a segment or by the API, with ${listed(
            trigger.data.map(({ name }) => name),
            'and',
          )}`;
    default:
      return `When ${happeningInWords(trigger, names)}`;
  }
}

/** Who is let in, if not everyone. */
export const filterInWords = (filter: NonNullable<FlowDocument['filter']>, names: FlowNames): string =>
  `Only somebody ${nodeInWords(filter.root, names)}`;

/** What happens, as it continues after 'When' or 'until'. */
export function happeningInWords(what: Awaited, names: FlowNames): string {
  switch (what.kind) {
    case 'tag_applied': {
      const by =
        what.sources.length > 0
          ? ` by ${listed(
              what.sources.map((source) => SOURCE_WORDS[source]),
              'or',
            )}`
          : '';
      return `${what.tagId === null ? 'a tag' : names.tag(what.tagId)} is applied${by}`;
    }
    case 'tag_removed':
      return `${what.tagId === null ? 'a tag' : names.tag(what.tagId)} is removed`;
    case 'form':
      return `${what.formId === null ? 'a form' : `“${names.form(what.formId)}”`} is submitted`;
    case 'event':
      return eventInWords(what, names);
    case 'segment': {
      const verb = what.becomes === 'in' ? 'enter' : 'leave';
      return `they ${verb} ${what.segmentId === null ? 'a segment' : `the segment ${names.segment(what.segmentId)}`}`;
    }
    case 'message':
      return `they ${what.did === 'opened' ? 'open' : 'click in'} ${messageName(what, names)}`;
  }
}

const messageName = ({ messageId }: MessageAnswer, names: FlowNames): string =>
  messageId === null ? 'a message' : `“${names.message(messageId)}”`;

/** What somebody has done with a message, as it continues after 'who' or 'somebody'. */
export const answerInWords = (answer: MessageAnswer, names: FlowNames): string =>
  `has ${answer.did === 'opened' ? 'opened' : 'clicked in'} ${messageName(answer, names)}`;

/** What was given along with somebody, as it continues after 'somebody'. */
export const givenInWords = (given: FieldConditions): string =>
  given.length === 0
    ? 'with some data'
    : `whose ${listed(
        given.map(({ code, compare }) => `${code} ${comparisonInWords(compare)}`),
        'and',
      )}`;

function eventInWords({ eventTypeId, fields }: Extract<Awaited, { kind: 'event' }>, names: FlowNames): string {
  if (eventTypeId === null) return 'an event happens';
  const which = fields.map(({ code, compare }) => {
    const labelled = 'text' in compare ? { ...compare, text: names.value(eventTypeId, code, compare.text) } : compare;
    return `${names.field(eventTypeId, code)} ${comparisonInWords(labelled)}`;
  });
  return `${names.event(eventTypeId)} happens${which.length > 0 ? ` where ${listed(which, 'and')}` : ''}`;
}

/** What a step does. */
export function stepInWords(step: Step, names: FlowNames): string {
  switch (step.kind) {
    case 'wait':
      return waitInWords(step);
    case 'wait_hours':
      return hoursInWords(step);
    case 'wait_date':
      return `Wait until ${dateMoment(step, names, '')}`;
    case 'wait_for':
      return waitForInWords(step, names);
    case 'branch':
      return branchInWords(step, names);
    case 'split':
      return `Split ${listed(
        step.ways.map(({ percent }) => percentInWords(percent)),
        'and',
      )}`;
    case 'tags':
      return tagsInWords(step, names);
    case 'attribute':
      return attributeInWords(step, names);
    case 'email':
      return step.messageId === null ? 'Send an email' : `Send “${names.message(step.messageId)}”`;
    case 'sms':
      return step.messageId === null ? 'Send an SMS' : `Send “${names.message(step.messageId)}” by SMS`;
    case 'notify':
      return notifyInWords(step);
    case 'webhook':
      return `Call ${hostOf(step.address) ?? 'a webhook'}`;
    case 'enter':
      return step.flowId === null ? 'Go into another flow' : `Go into the flow “${names.flow(step.flowId)}”`;
    case 'leave':
      return 'Leave the flow';
  }
}

/** How a step is called: the author’s own words, or what it does. */
export const stepName = (step: Step, names: FlowNames): string => step.name || stepInWords(step, names);

function waitInWords({ time, at }: Extract<Leaf, { kind: 'wait' }>): string {
  if (at === null) return time.count === 0 ? 'Wait no time at all' : `Wait ${durationInWords(time)}`;
  return time.count === 0 ? `Wait until ${at}` : `Wait ${durationInWords(time)}, then until ${at}`;
}

export const WEEKDAY_WORDS: Record<Weekday, string> = {
  ...{ mon: 'Monday', tue: 'Tuesday', wed: 'Wednesday', thu: 'Thursday', fri: 'Friday' },
  ...{ sat: 'Saturday', sun: 'Sunday' },
};

/** 'Wait until it is between 09:00 and 17:00, from Monday to Friday'. */
function hoursInWords({ from, to, days }: Extract<Leaf, { kind: 'wait_hours' }>): string {
  const on = daysInWords(WEEKDAYS.filter((day) => days.includes(day)));
  if (from !== to) return `Wait until it is between ${from} and ${to}${on === null ? '' : `, ${on.with}`}`;
  return on === null ? 'Wait no time at all' : `Wait until it is ${on.alone}`;
}

/** Null: all of them. */
function daysInWords(days: readonly Weekday[]): { with: string; alone: string } | null {
  const names = days.map((day) => WEEKDAY_WORDS[day]);
  const [first, last] = [names[0], names.at(-1)];
  if (names.length === WEEKDAYS.length) return null;
  const isRow = names.length > 2 && WEEKDAYS.indexOf(days.at(-1)!) - WEEKDAYS.indexOf(days[0]!) === days.length - 1;
  if (isRow) return { with: `from ${first} to ${last}`, alone: `a day from ${first} to ${last}` };
  return { with: `on ${listed(names, 'or')}`, alone: listed(names, 'or') };
}

type DateMoment = Pick<Extract<Leaf, { kind: 'wait_date' }>, 'attributeId' | 'days' | 'at'>;

/** '3 days before Birthday, at 09:00'. `on`: before a date alone. */
function dateMoment({ attributeId, days, at }: DateMoment, names: FlowNames, on: string): string {
  const date = attributeId === null ? 'a date' : names.attribute(attributeId);
  if (days === 0) return `${on}${date} at ${at}`;
  const distance = durationInWords({ count: Math.abs(days), unit: 'days' });
  return `${distance} ${days < 0 ? 'before' : 'after'} ${date}, at ${at}`;
}

function waitForInWords({ ways, timeout }: WaitFor, names: FlowNames): string {
  const what = listed(
    ways.map((way) => happeningInWords(way.what, names)),
    'or',
  );
  return `Wait until ${what}, at most ${durationInWords(timeout)}`;
}

function branchInWords({ ways }: Branch, names: FlowNames): string {
  const [only] = ways;
  if (ways.length > 1) return `The first of ${ways.length} conditions that fits`;
  if (only?.answer) return `Is it somebody who ${answerInWords(only.answer, names)}?`;
  if (only?.given) return `Is it somebody ${givenInWords(only.given)}?`;
  return only?.rules ? `Is it somebody ${nodeInWords(only.rules.root, names)}?` : 'Does somebody fit a condition?';
}

function tagsInWords({ apply, remove }: Extract<Leaf, { kind: 'tags' }>, names: FlowNames): string {
  const parts = [
    apply.length > 0 && `apply ${listed(apply.map(names.tag), 'and')}`,
    remove.length > 0 && `remove ${listed(remove.map(names.tag), 'and')}`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? 'Apply or remove tags' : capital(parts.join(', '));
}

function attributeInWords({ attributeId, value }: Extract<Leaf, { kind: 'attribute' }>, names: FlowNames): string {
  if (attributeId === null) return 'Set an attribute';
  const name = names.attribute(attributeId);
  if (value === null || value === '') return `Set ${name}`;
  if (typeof value === 'boolean') return `Set ${name} to ${value ? 'yes' : 'no'}`;
  return `Set ${name} to ${typeof value === 'number' ? value.toLocaleString('en-GB') : `“${value}”`}`;
}

function notifyInWords({ to, subject }: Extract<Leaf, { kind: 'notify' }>): string {
  const [first, ...others] = to;
  const whom =
    first === undefined
      ? 'a colleague'
      : others.length === 0
        ? first
        : `${first} and ${others.length === 1 ? '1 other' : `${others.length} others`}`;
  return `Tell ${whom}${subject === '' ? '' : `: ${subject}`}`;
}

/** A way of a block, as its head says it. */
export type WayHead = {
  /** Of the way; for whoever takes none of the others, made of the block’s. */
  id: string;
  words: string;
  steps: Step[];
  isOtherwise: boolean;
};

/** The id of the way of whoever takes none of the others. */
export const otherwiseOf = (block: Pick<Block, 'id'>): string => `${block.id}:otherwise`;

/** The ways of a block, in the order of the page, with their names. */
export function waysOf(block: Block, names: FlowNames): WayHead[] {
  const heads = block.ways.map((way, at) => ({
    id: way.id,
    words: way.name || wayInWords(block, at, names),
    steps: way.steps,
    isOtherwise: false,
  }));
  if (block.kind === 'split') return heads;
  return [
    ...heads,
    { id: otherwiseOf(block), words: otherwiseInWords(block), steps: block.otherwise, isOtherwise: true },
  ];
}

function wayInWords(block: Block, at: number, names: FlowNames): string {
  switch (block.kind) {
    case 'branch':
      return branchWayInWords(block.ways[at]!, block, names);
    case 'split':
      return splitWayInWords(block.ways[at]!, at, names);
    case 'wait_for':
      return capital(happeningInWords(block.ways[at]!.what, names));
  }
}

function branchWayInWords({ rules, answer, given }: BranchWay, { ways }: Branch, names: FlowNames): string {
  if (ways.length === 1) return 'Yes';
  if (answer) return capital(answerInWords(answer, names));
  if (given) return capital(givenInWords(given));
  return rules ? capital(nodeInWords(rules.root, names)) : 'No condition yet';
}

/** 'A · 50 % · VIP'. */
const splitWayInWords = ({ percent, tagId }: Split['ways'][number], at: number, names: FlowNames): string =>
  [String.fromCharCode(65 + at), percentInWords(percent), ...(tagId === null ? [] : [names.tag(tagId)])].join(' · ');

function otherwiseInWords(block: Branch | WaitFor): string {
  if (block.kind === 'wait_for') return `Not within ${durationInWords(block.timeout)}`;
  return block.ways.length === 1 ? 'No' : 'Everybody else';
}

const percentInWords = (percent: number) => `${percent.toLocaleString('en-GB')} %`;

/** Of an address; undefined if it is none. */
const hostOf = (address: string): string | undefined =>
  URL.canParse(address) ? new URL(address).host || undefined : undefined;

const capital = (words: string) => words.slice(0, 1).toUpperCase() + words.slice(1);
