// Rules in plain words: 'Everyone who has VIP or Partner, and whose Country is “Sweden”.' For the server and the browser.
import type { AttributeId, ClaimHolderId, EventTypeId, KeyspaceId, SegmentId, TagId } from '@/lib/db/ids';
import type { Comparison } from '@/lib/attributes/comparison';
import { comparisonInWords, dayInWords, listed } from '@/lib/attributes/comparison-words';
import type { Source } from '@/lib/tags/source';
import type { Condition, EventCondition, Group, Match, Period, RuleNode, Rules, TagCondition, Unit } from './schema';
import type { Vocabulary } from './vocabulary';

/** Names of what rules refer to. */
export type Names = {
  tag: (id: TagId) => string;
  attribute: (id: AttributeId) => string;
  event: (id: EventTypeId) => string;
  field: (id: EventTypeId, code: string) => string;
  /** A value of a field, for those that are chosen from a list. */
  value: (id: EventTypeId, code: string, value: string) => string;
  segment: (id: SegmentId) => string;
  keyspace: (id: KeyspaceId) => string;
  holder: (id: ClaimHolderId) => string;
};

/** Names from a vocabulary. What it does not contain has been deleted. */
export function namesIn({ tags, attributes, events, segments, keyspaces, holders }: Vocabulary): Names {
  const nameOf = <Id>(list: readonly { id: Id; name: string }[], id: Id, missing: string) =>
    list.find((item) => item.id === id)?.name ?? missing;
  return {
    tag: (id) => nameOf(tags, id, 'a missing tag'),
    attribute: (id) => nameOf(attributes, id, 'a missing attribute'),
    event: (id) => nameOf(events, id, 'a missing event'),
    field: (id, code) =>
      events.find((event) => event.id === id)?.fields.find((field) => field.code === code)?.name ?? code,
    value: (id, code, value) =>
      events
        .find((event) => event.id === id)
        ?.fields.find((field) => field.code === code)
        ?.options?.find((option) => option.value === value)?.label ?? value,
    segment: (id) => nameOf(segments, id, 'a missing segment'),
    keyspace: (id) => nameOf(keyspaces, id, 'a missing keyspace'),
    holder: (id) => nameOf(holders, id, 'a missing list'),
  };
}

export const UNIT_WORDS: Record<Unit, string> = { hours: 'hours', days: 'days', weeks: 'weeks', months: 'months' };

/** Where a tag came from, after 'from'. */
export const SOURCE_WORDS: Record<Source, string> = {
  user: 'people, one by one',
  bulk: 'bulk changes',
  import: 'imports',
  form: 'forms',
  flow: 'flows',
  integration: 'integrations',
  api: 'the API',
  merge: 'merges',
  undo: 'undoing',
  erasure: 'erasures',
};

/** Rules as a sentence. */
export function rulesInWords({ root }: Rules, names: Names): string {
  return `Everyone ${nodeInWords(root, names)}.`;
}

/** A condition or group, as it continues after 'Everyone'. */
export function nodeInWords(node: RuleNode, names: Names): string {
  const simple = unwrapped(node);
  return simple.kind === 'group' ? groupInWords(simple, names) : conditionInWords(simple, names);
}

/** A group with one item reads as that item, unless it is a 'none' group. */
function unwrapped(node: RuleNode): RuleNode {
  return node.kind === 'group' && node.items.length === 1 && node.match !== 'none' ? unwrapped(node.items[0]!) : node;
}

function groupInWords({ match, items }: Group, names: Names): string {
  const tags = tagsAlone(items, names);
  if (tags) return `who has ${tagsInWords(match, tags)}`;
  const clauses = items.map((item) => {
    const simple = unwrapped(item);
    const words = nodeInWords(simple, names);
    // Brackets show what belongs together; tags that read as one clause do not need them.
    return simple.kind === 'group' && !tagsAlone(simple.items, names) ? `(${words})` : words;
  });
  if (match === 'none') return `for whom none of this is true: ${listed(clauses, 'or')}`;
  return listed(clauses, match === 'all' ? 'and' : 'or');
}

/** 'either VIP or Partner', 'all of VIP, Partner and Gold', 'neither VIP nor Partner'. */
function tagsInWords(match: Match, tags: readonly string[]): string {
  const two = tags.length === 2;
  switch (match) {
    case 'all':
      return `${two ? 'both' : 'all of'} ${listed(tags, 'and')}`;
    case 'any':
      return `${two ? 'either' : 'any of'} ${listed(tags, 'or')}`;
    case 'none':
      return two ? `neither ${listed(tags, 'nor')}` : `none of ${listed(tags, 'and')}`;
  }
}

/** If a group only asks for two or more tags: their names in one clause. */
const tagsAlone = (items: readonly RuleNode[], names: Names): string[] | null => {
  const simple = items.map(unwrapped);
  return simple.length > 1 && simple.every(isPlainHas) ? simple.map(({ tagId }) => names.tag(tagId)) : null;
};

const isPlainHas = (node: RuleNode): node is TagCondition =>
  node.kind === 'tag' && node.test === 'has' && node.source === null;

export function conditionInWords(condition: Condition, names: Names): string {
  switch (condition.kind) {
    case 'tag':
      return tagInWords(condition, names);
    case 'attribute':
      return `whose ${names.attribute(condition.attributeId)} ${comparisonInWords(condition.compare)}`;
    case 'event':
      return eventInWords(condition, names);
    case 'profile':
      if (condition.test === 'created') return `whose profile was added ${periodInWords(condition.when)}`;
      if (!('keyspaceId' in condition))
        return condition.test === 'has_tag' ? 'who has any tag' : 'who has no tag at all';
      return `who ${condition.test === 'has_key' ? 'has a' : 'has no'} key in ${names.keyspace(condition.keyspaceId)}`;
    case 'segment':
      return `who is ${condition.test === 'in' ? '' : 'not '}in the segment ${names.segment(condition.segmentId)}`;
  }
}

function tagInWords({ tagId, test, source, when, holderId }: TagCondition, names: Names): string {
  const tag = names.tag(tagId);
  const from = source === null ? '' : ` from ${SOURCE_WORDS[source]}`;
  switch (test) {
    case 'has':
      return `who has ${tag}${from}`;
    case 'has_not':
      return `who does not have ${tag}${from}`;
    case 'got':
      return `who got ${tag}${from} ${periodInWords(when)}`;
    case 'lost':
      return `who lost ${tag}${source === null ? '' : ` by ${SOURCE_WORDS[source]}`} ${periodInWords(when)}`;
    case 'held_by':
      return holderId === null
        ? `who has ${tag} set here, by people, imports or the API`
        : `who has ${tag} by the list ${names.holder(holderId)}`;
  }
}

function eventInWords({ eventTypeId, test, times, when, fields }: EventCondition, names: Names): string {
  const event = names.event(eventTypeId);
  const where = fields.map(
    ({ code, compare }) =>
      `${names.field(eventTypeId, code)} ${comparisonInWords(withLabels(compare, (value) => names.value(eventTypeId, code, value)))}`,
  );
  const which = where.length > 0 ? ` where ${listed(where, 'and')}` : '';
  const period = when.kind === 'ever' ? '' : ` ${periodInWords(when)}`;
  if (test === 'did_not') return `who does not have the event ${event}${which}${period || ' at any time'}`;
  const once = times.is === 'at_least' && times.count === 1;
  const often = once ? '' : ` ${TIMES_WORDS[times.is]} ${times.count} ${times.count === 1 ? 'time' : 'times'}`;
  return `who has the event ${event}${which}${often}${period}`;
}

function withLabels(compare: Comparison, label: (value: string) => string): Comparison {
  if ('text' in compare) return { ...compare, text: label(compare.text) };
  return 'texts' in compare ? { ...compare, texts: compare.texts.map(label) } : compare;
}

export const TIMES_WORDS: Record<EventCondition['times']['is'], string> = {
  at_least: 'at least',
  exactly: 'exactly',
  at_most: 'at most',
};

/** 'in the last 30 days', 'between 1 May and 3 May 2026', 'at any time'. */
export function periodInWords(when: Period): string {
  switch (when.kind) {
    case 'ever':
      return 'at any time';
    case 'last':
      return `in the last ${counted(when.count, when.unit)}`;
    case 'before_last':
      return `more than ${when.count === 1 ? ONE[when.unit] : counted(when.count, when.unit)} ago`;
    case 'between':
      if (when.from === null) return `up to ${dayInWords(when.to!)}`;
      if (when.to === null) return `since ${dayInWords(when.from)}`;
      return when.from === when.to
        ? `on ${dayInWords(when.from)}`
        : `from ${dayInWords(when.from)} to ${dayInWords(when.to)}`;
  }
}

const ONE: Record<Unit, string> = { hours: 'an hour', days: 'a day', weeks: 'a week', months: 'a month' };
const counted = (count: number, unit: Unit) =>
  count === 1 ? UNIT_WORDS[unit].slice(0, -1) : `${count.toLocaleString('en-GB')} ${UNIT_WORDS[unit]}`;
