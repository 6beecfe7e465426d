// Rules while they are being edited: input is kept as typed, complete or not, and each node has a key.
import {
  comparisonFor,
  draftComparison,
  numberIn,
  rawComparison,
  type DraftComparison,
  type Problems,
} from '@/components/comparison/draft-comparison';
import type { AttributeType } from '@/lib/attributes/schema';
import type { AttributeId, ClaimHolderId, EventTypeId, KeyspaceId, SegmentId, TagId } from '@/lib/db/ids';
import {
  ConditionSchema,
  type Condition,
  type EventCondition,
  type Match,
  type Period,
  type ProfileCondition,
  type RuleNode,
  type Rules,
  type SegmentCondition,
  type TagCondition,
  type Unit,
} from '@/lib/segments/schema';

export type DraftPeriod = { kind: Period['kind']; count: string; unit: Unit; from: string; to: string };

export type DraftTag = { key: string; kind: 'tag'; when: DraftPeriod; holderId: ClaimHolderId | null } & Pick<
  TagCondition,
  'tagId' | 'test' | 'source'
>;
export type DraftAttribute = { key: string; kind: 'attribute'; attributeId: AttributeId; compare: DraftComparison };
export type DraftField = { key: string; code: string; compare: DraftComparison };
export type DraftEvent = {
  key: string;
  kind: 'event';
  eventTypeId: EventTypeId;
  test: EventCondition['test'];
  timesIs: EventCondition['times']['is'];
  times: string;
  when: DraftPeriod;
  fields: DraftField[];
};
export type DraftProfile = {
  key: string;
  kind: 'profile';
  test: ProfileCondition['test'];
  when: DraftPeriod;
  keyspaceId: KeyspaceId | null;
};
export type DraftSegment = { key: string; kind: 'segment'; segmentId: SegmentId; test: SegmentCondition['test'] };
export type DraftCondition = DraftTag | DraftAttribute | DraftEvent | DraftProfile | DraftSegment;
export type DraftGroup = { key: string; kind: 'group'; match: Match; items: DraftNode[] };
export type DraftNode = DraftGroup | DraftCondition;

/** `base`: when the saved segment was last changed before editing began; null for a new segment. */
export type Draft = { base: string | null; name: string; description: string; timeZone: string; root: DraftGroup };

export const newKey = (): string => crypto.randomUUID();

export const ANY_TIME: DraftPeriod = { kind: 'ever', count: '30', unit: 'days', from: '', to: '' };
export const groupOf = (match: Match, items: DraftNode[]): DraftGroup => ({
  key: newKey(),
  kind: 'group',
  match,
  items,
});

export const tagCondition = (tagId: TagId, test: TagCondition['test'] = 'has'): DraftTag => ({
  key: newKey(),
  kind: 'tag',
  tagId,
  test,
  source: null,
  when: ANY_TIME,
  holderId: null,
});

export const attributeCondition = (attributeId: AttributeId, type: AttributeType): DraftAttribute => ({
  key: newKey(),
  kind: 'attribute',
  attributeId,
  compare: comparisonFor(type),
});

export const eventCondition = (eventTypeId: EventTypeId): DraftEvent => ({
  key: newKey(),
  kind: 'event',
  eventTypeId,
  test: 'did',
  timesIs: 'at_least',
  times: '1',
  when: { ...ANY_TIME, kind: 'last', count: '90' },
  fields: [],
});

export const profileCondition = (test: DraftProfile['test'], keyspaceId: KeyspaceId | null): DraftProfile => ({
  key: newKey(),
  kind: 'profile',
  test,
  when: { ...ANY_TIME, kind: 'last' },
  keyspaceId,
});

export const segmentCondition = (segmentId: SegmentId): DraftSegment => ({
  key: newKey(),
  kind: 'segment',
  segmentId,
  test: 'in',
});

// ── From rules ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** Saved rules as a draft. */
export function draftOf(node: RuleNode): DraftNode {
  const key = newKey();
  switch (node.kind) {
    case 'group':
      return { ...node, key, items: node.items.map(draftOf) };
    case 'tag':
      return { ...node, key, when: draftPeriod(node.when) };
    case 'attribute':
      return { ...node, key, compare: draftComparison(node.compare) };
    case 'event':
      return {
        ...node,
        key,
        timesIs: node.times.is,
        times: String(node.times.count),
        when: draftPeriod(node.when),
        fields: node.fields.map(({ code, compare }) => ({ key: newKey(), code, compare: draftComparison(compare) })),
      };
    case 'profile':
      return node.test === 'created'
        ? { ...node, key, when: draftPeriod(node.when), keyspaceId: null }
        : { keyspaceId: null, ...node, key, when: { ...ANY_TIME, kind: 'last' } };
    case 'segment':
      return { ...node, key };
  }
}

export const draftRoot = ({ root }: Pick<Rules, 'root'>): DraftGroup => draftOf(root) as DraftGroup;

/** Whether two drafts have the same content, regardless of their base and keys. */
export const isSameDraft = (left: Draft, right: Draft): boolean => contentOf(left) === contentOf(right);

const contentOf = ({ name, description, timeZone, root }: Draft): string =>
  JSON.stringify([name, description, timeZone, root], (field, value: unknown) => (field === 'key' ? undefined : value));

function draftPeriod(when: Period): DraftPeriod {
  switch (when.kind) {
    case 'ever':
      return ANY_TIME;
    case 'last':
    case 'before_last':
      return { ...ANY_TIME, kind: when.kind, count: String(when.count), unit: when.unit };
    case 'between':
      return { ...ANY_TIME, kind: when.kind, from: when.from ?? '', to: when.to ?? '' };
  }
}

// ── To rules ────────────────────────────────────────────────────────────────────────────────────────────────────────

function rawPeriod({ kind, count, unit, from, to }: DraftPeriod): unknown {
  if (kind === 'ever') return { kind };
  if (kind === 'between') return { kind, from: from || null, to: to || null };
  return { kind, count: numberIn(count), unit };
}

/** Drops fields that a condition's test does not use: the period of 'has', the list of 'got'. */
function rawCondition(node: DraftCondition): unknown {
  switch (node.kind) {
    case 'tag': {
      const { kind, tagId, test } = node;
      const changes = test === 'got' || test === 'lost';
      return {
        kind,
        tagId,
        test,
        ...(test !== 'held_by' && { source: node.source }),
        ...(changes && { when: rawPeriod(node.when) }),
        ...(test === 'held_by' && { holderId: node.holderId }),
      };
    }
    case 'attribute':
      return { kind: node.kind, attributeId: node.attributeId, compare: rawComparison(node.compare) };
    case 'event':
      return {
        kind: node.kind,
        eventTypeId: node.eventTypeId,
        test: node.test,
        ...(node.test === 'did' && { times: { is: node.timesIs, count: numberIn(node.times) } }),
        when: rawPeriod(node.when),
        fields: node.fields.map(({ code, compare }) => ({ code, compare: rawComparison(compare) })),
      };
    case 'profile':
      return {
        kind: node.kind,
        test: node.test,
        ...(node.test === 'created' && { when: rawPeriod(node.when) }),
        ...((node.test === 'has_key' || node.test === 'has_no_key') && { keyspaceId: node.keyspaceId }),
      };
    case 'segment':
      return { kind: node.kind, segmentId: node.segmentId, test: node.test };
  }
}

/** The condition, or its problems. */
export function checkCondition(
  node: DraftCondition,
): { ok: true; condition: Condition } | { ok: false; problems: Problems } {
  const parsed = ConditionSchema.safeParse(rawCondition(node));
  if (parsed.success) return { ok: true, condition: parsed.data };
  const problems: Problems = {};
  for (const { path, message } of parsed.error.issues) problems[path.join('.')] ??= message;
  return { ok: false, problems };
}

/**
 * The complete part of the rules; `incomplete`: the number of conditions and empty groups that are left out. Null if nothing is
 * complete.
 */
export function completePart(node: DraftNode): { node: RuleNode | null; incomplete: number } {
  if (node.kind !== 'group') {
    const checked = checkCondition(node);
    return checked.ok ? { node: checked.condition, incomplete: 0 } : { node: null, incomplete: 1 };
  }
  if (node.items.length === 0) return { node: null, incomplete: 1 };
  const parts = node.items.map(completePart);
  const items = parts.flatMap((part) => (part.node ? [part.node] : []));
  const incomplete = parts.reduce((sum, part) => sum + part.incomplete, 0);
  return { node: items.length > 0 ? { kind: 'group', match: node.match, items } : null, incomplete };
}
