// Building blocks for tests of segments: short notation for rules, and the things that rules refer to.
import type { ClientActor, UserActor } from '@/lib/access/actor';
import type { Result } from '@/lib/access/refusal';
import { createApiKey } from '@/lib/accounts/api-keys';
import { createAttribute } from '@/lib/attributes/commands';
import type { AttributeType } from '@/lib/attributes/schema';
import type {
  AttributeId,
  ClaimHolderId,
  EventTypeId,
  EventVersionId,
  KeyspaceId,
  ProfileId,
  SectionId,
  SegmentId,
  TagId,
} from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { createEventType } from '@/lib/events/commands';
import type { FieldType } from '@/lib/events/schema';
import { mergePeople } from '@/lib/people/across-sections';
import { createSegment } from '@/lib/segments/commands';
import { openRules } from '@/lib/segments/definitions';
import { membersOf, type AsOf } from '@/lib/segments/members';
import type { Comparison } from '@/lib/attributes/comparison';
import {
  RulesSchema,
  type AttributeCondition,
  type EventCondition,
  type Group,
  type Period,
  type ProfileCondition,
  type RuleNode,
  type Rules,
  type SegmentCondition,
  type TagCondition,
} from '@/lib/segments/schema';
import { allowClaims, changeClaims, changeTags, wantedClaims, wantedFor, type Cause } from '@/lib/tags/change';
import type { TestAccount } from './fixtures';

// ── Rules ───────────────────────────────────────────────────────────────────────────────────────────────────────────

export const allOf = (...items: RuleNode[]): Group => ({ kind: 'group', match: 'all', items });
export const anyOf = (...items: RuleNode[]): Group => ({ kind: 'group', match: 'any', items });
export const noneOf = (...items: RuleNode[]): Group => ({ kind: 'group', match: 'none', items });

export const onTag = (tagId: TagId, more: Partial<TagCondition> = {}): TagCondition => ({
  kind: 'tag',
  tagId,
  test: 'has',
  source: null,
  when: { kind: 'ever' },
  holderId: null,
  ...more,
});
export const hasTag = (tagId: TagId) => onTag(tagId);
export const hasNotTag = (tagId: TagId) => onTag(tagId, { test: 'has_not' });

export const onAttribute = (attributeId: AttributeId, compare: Comparison): AttributeCondition => ({
  kind: 'attribute',
  attributeId,
  compare,
});

export const did = (eventTypeId: EventTypeId, more: Partial<EventCondition> = {}): EventCondition => ({
  kind: 'event',
  eventTypeId,
  test: 'did',
  times: { is: 'at_least', count: 1 },
  when: { kind: 'ever' },
  fields: [],
  ...more,
});

export const inSegment = (segmentId: SegmentId, test: SegmentCondition['test'] = 'in'): SegmentCondition => ({
  kind: 'segment',
  segmentId,
  test,
});

export const hasKey = (keyspaceId: KeyspaceId): ProfileCondition => ({ kind: 'profile', test: 'has_key', keyspaceId });
export const created = (when: Period): ProfileCondition => ({ kind: 'profile', test: 'created', when });

/** Complete rules as saved. A single condition is put into a group. */
export const rulesOf = (node: RuleNode, timeZone = 'UTC'): Rules =>
  RulesSchema.parse({ timeZone, root: node.kind === 'group' ? node : allOf(node) });

/** A group nested `levels` deep around this node. */
export const nested = (node: RuleNode, levels: number): RuleNode =>
  levels === 0 ? node : allOf(nested(node, levels - 1));

// ── What they refer to ──────────────────────────────────────────────────────────────────────────────────────────────

/** The value of a command's result. Throws its refusal. */
export function valueOf<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new Error(`${result.refusal.code}: ${result.refusal.message}`);
  return result.value;
}

let made = 0;
const unused = (kind: string) => `${kind} ${++made}`;

/** Saves a segment as a person does. */
export async function makeSegment(
  actor: UserActor,
  sectionId: SectionId,
  node: RuleNode,
  name = unused('Segment'),
): Promise<SegmentId> {
  return valueOf(await createSegment(actor, { sectionId, name, rules: rulesOf(node) })).id;
}

export async function makeAttribute(
  actor: UserActor,
  sectionId: SectionId,
  type: AttributeType,
  { name = unused('Attribute'), choices = [] as string[] } = {},
): Promise<{ id: AttributeId; code: string }> {
  return valueOf(await createAttribute(actor, { sectionId, name, type, choices }));
}

/** An event with a field of each code. */
export async function makeEventType(
  actor: UserActor,
  sectionId: SectionId,
  fields: Record<string, FieldType> = {},
  name = unused('Event'),
): Promise<{ id: EventTypeId; versionId: EventVersionId }> {
  const list = Object.entries(fields).map(([code, type]) => ({ code, type, name: code }));
  const { id } = valueOf(await createEventType(actor, { sectionId, name, fields: list }));
  const version = await one<{ id: EventVersionId }>(
    pool(),
    sql`select id from event_version where section_id = ${sectionId} and event_type_id = ${id}`,
  );
  return { id, versionId: version.id };
}

/** Adds an event of a profile, at time `at`. */
export async function addEvent(
  sectionId: SectionId,
  profileId: ProfileId,
  versionId: EventVersionId,
  { at = new Date(), data = {} }: { at?: Date; data?: Record<string, string | number | boolean> } = {},
): Promise<void> {
  await execute(
    pool(),
    sql`insert into profile_event (section_id, profile_id, version_id, at, data)
        values (${sectionId}, ${profileId}, ${versionId}, ${at}, ${JSON.stringify(data)})`,
  );
}

/** A list that can hold tags. */
export async function makeHolder(sectionId: SectionId, name = unused('List')): Promise<ClaimHolderId> {
  const { id } = await one<{ id: ClaimHolderId }>(
    pool(),
    sql`insert into claim_holder (section_id, name) values (${sectionId}, ${name}) returning id`,
  );
  return id;
}

export async function setAttributes(sectionId: SectionId, id: ProfileId, values: object): Promise<void> {
  await execute(
    pool(),
    sql`update profile set attributes = attributes || ${JSON.stringify(values)}::jsonb
        where section_id = ${sectionId} and id = ${id}`,
  );
}

/** Applies tags through the door, with any cause. */
export async function tagProfiles(
  sectionId: SectionId,
  profiles: readonly ProfileId[],
  tags: { apply?: TagId[]; remove?: TagId[] },
  cause: Partial<Cause> = {},
): Promise<void> {
  const chosen = sql`select unnest(${profiles}::bigint[]) as profile_id`;
  await transaction(async (tx) => {
    // Foreign keys may have been planned when the table was tiny: each check of many would read all of it.
    await execute(tx, sql`discard plans`);
    await changeTags(
      tx,
      { sectionId, source: 'user', userId: null, ...cause },
      wantedFor(chosen, { apply: [], remove: [], ...tags }),
    );
  });
}

/** The members, by id. */
export async function membersIn(sectionId: SectionId, rules: Rules, asOf?: AsOf): Promise<ProfileId[]> {
  const opened = { rules, definitions: await openRules(pool(), sectionId, rules) };
  const found = await rows<{ profile_id: ProfileId }>(pool(), membersOf(sectionId, opened, asOf));
  return found.map((member) => member.profile_id).sort((left, right) => left - right);
}

/** A list starts (or ends) holding a tag on profiles, as a sync does. */
export async function claimProfiles(
  sectionId: SectionId,
  profiles: readonly ProfileId[],
  { tagId, holderId, apply = true, at }: { tagId: TagId; holderId: ClaimHolderId; apply?: boolean; at?: Date },
): Promise<void> {
  await transaction((tx) => allowClaims(tx, sectionId, tagId));
  const pairs = sql`
    select unnest(${profiles}::bigint[]) as profile_id, ${tagId}::int as tag_id, ${holderId}::int as holder_id,
      ${apply}::boolean as apply`;
  await transaction((tx) =>
    changeClaims(tx, { sectionId, source: 'integration', userId: null, at }, wantedClaims(pairs)),
  );
}

/** Merges two profiles, as an API client does. */
export async function mergeProfiles(
  { accountId, admin, keyspaces }: TestAccount,
  sectionId: SectionId,
  { into, from }: { into: ProfileId; from: ProfileId },
): Promise<void> {
  const keys = [
    { keyspaceId: keyspaces.email, key: `${into}@example.com`, profileId: into },
    { keyspaceId: keyspaces.crm_id, key: `C-${from}`, profileId: from },
  ];
  for (const { keyspaceId, key, profileId } of keys) {
    await execute(
      pool(),
      sql`insert into profile_key (section_id, keyspace_id, key, profile_id)
          values (${sectionId}, ${keyspaceId}, ${key}, ${profileId})`,
    );
  }
  const rights = { name: 'Web shop', sections: 'all', keyspaces: 'all', canWrite: true } as const;
  const { id } = valueOf(await createApiKey(admin, { ...rights, expiresAt: null }));
  const client: ClientActor = {
    ...rights,
    kind: 'client',
    apiKeyId: id,
    accountId,
    from: { ip: null, userAgent: null },
  };
  const profiles = keys.map(({ keyspaceId, key }) => ({ keyspaceId, key }));
  valueOf(await mergePeople(client, { profiles }));
}
