// Segments by discriminator, and their members by key, for API clients. A rule on a tag reveals who has the tag, so the
// client must be allowed to read it through the keyspace.
import type { Actor, ClientActor } from '@/lib/access/actor';
import { mayUseKeyspace } from '@/lib/access/policy';
import { refuse } from '@/lib/access/refusal';
import type { KeyspaceId, ProfileId, SectionId, SegmentId, TagId } from '@/lib/db/ids';
import { maybeOne, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { oneKey, shownKey } from './feed';
import { forbiddenAttributes, findProfile, openKey, usableKeyspaces, type InKeyspace } from '@/lib/profiles/keyspace';
import { listKeyspaces, type Slice } from '@/lib/profiles/queries';
import type { Keyspace } from '@/lib/profiles/schema';
import { findTags, type Denied, type FoundTag } from '@/lib/profiles/allowed-operations';
import { memberSlice } from '@/lib/segments/compile';
import { openSegments, usedIn, type Opened, type OpenSegment } from '@/lib/segments/definitions';
import type { Definitions } from '@/lib/segments/evaluation';
import { evaluateFor } from '@/lib/segments/explain';
import type { Problem } from '@/lib/segments/lookup';
import { evaluationOf } from '@/lib/segments/members';
import { conditionsOf, referencesOf, RulesSchema, type Rules } from '@/lib/segments/schema';
import { vocabularyOf, type Vocabulary } from '@/lib/segments/vocabulary';
import { wholeSize } from '@/lib/segments/whole-size';
import { namesIn, rulesInWords } from '@/lib/segments/words';

/** A segment as listed to clients. `attention`: why it cannot be used now; empty if it can. */
export type ListedSegment = { discriminator: string; name: string; section: string; attention: string[] };

type Listed = Omit<ListedSegment, 'attention'> & { id: SegmentId; sectionId: SectionId };

/** A condition on `section`: the client may use it. */
const ofClient = ({ accountId, sections }: ClientActor): Sql => sql`
  section.account_id = ${accountId} ${sections === 'all' ? sql`` : sql`and section.id = any(${sections}::int[])`}`;

const listed = sql`
  segment.id, segment.section_id as "sectionId", segment.discriminator, segment.name, section.discriminator as section`;

/** All segments in the sections that the client may use, by name. */
export async function segmentsOfClient(db: Db, client: ClientActor): Promise<ListedSegment[]> {
  const found = await rows<Listed>(
    db,
    sql`
      select ${listed}
      from segment join section on section.id = segment.section_id
      where ${ofClient(client)}
      order by segment.name_key, section.discriminator`,
  );
  const reasons = new Map<SectionId, Map<SegmentId, string[]>>();
  for (const sectionId of new Set(found.map((segment) => segment.sectionId))) {
    reasons.set(sectionId, (await openSegments(db, sectionId, 'all', forClients)).reasons);
  }
  return found.map(({ id, sectionId, ...segment }) => ({
    ...segment,
    attention: reasons.get(sectionId)?.get(id) ?? [],
  }));
}

export type DescribedSegment = ListedSegment & { description: string; rulesInWords: string };

/** One segment. Refuses with `not_found` if it does not exist. */
export async function segmentOfClient(db: Db, client: ClientActor, ref: string): Promise<DescribedSegment> {
  const [found] = await rows<Listed & { description: string; rules: unknown }>(
    db,
    sql`
      select ${listed}, segment.description, segment.rules
      from segment join section on section.id = segment.section_id
      where ${ofClient(client)} and segment.discriminator = ${ref}`,
  );
  if (!found) return missing(ref);
  const { id, sectionId, rules: stored, ...segment } = found;
  const rules = RulesSchema.parse(stored);
  const { reasons } = await openSegments(db, sectionId, [id], forClients);
  const vocabulary = await vocabularyOf(db, { accountId: client.accountId, sectionId }, [rules]);
  return {
    ...segment,
    attention: reasons.get(id) ?? [],
    rulesInWords: rulesInWords(rules, namesIn(withoutHidden(vocabulary))),
  };
}

/** Clients do not see the name of what was hidden, nor who hid it. */
export const forClients = ({ reason, hidden }: Problem): string =>
  hidden === undefined ? reason : `It refers to a hidden ${hidden}.`;

/** The same with what is hidden unnamed. */
export function withoutHidden(vocabulary: Vocabulary): Vocabulary {
  const unnamed = <Of extends { name: string; lost?: string }>(things: readonly Of[], name: string): Of[] =>
    things.map((thing) => (thing.lost === undefined ? thing : { ...thing, name }));
  return {
    ...vocabulary,
    tags: unnamed(vocabulary.tags, 'a hidden tag'),
    attributes: unnamed(vocabulary.attributes, 'hidden attribute'),
    events: unnamed(vocabulary.events, '(hidden)'),
  };
}

const missing = (ref: string): never =>
  refuse('not_found', `There is no segment “${ref}” that this API key may use.`, { field: ref });

type Stored = { id: SegmentId; sectionId: SectionId; discriminator: string; name: string };

/** Finds segments in the given order, each once. Refuses with `not_found` if one does not exist. */
async function findSegments(db: Db, where: Sql, refs: readonly string[]): Promise<Stored[]> {
  const found = await rows<Stored>(
    db,
    sql`
      select segment.id, segment.section_id as "sectionId", segment.discriminator, segment.name
      from segment join section on section.id = segment.section_id
      where ${where} and segment.discriminator = any(${refs}::text[])`,
  );
  const byRef = new Map(found.map((segment) => [segment.discriminator, segment]));
  return [...new Set(refs)].map((ref) => byRef.get(ref) ?? missing(ref));
}

/**
 * Opens a segment of the section. Refuses with `conflict` if it needs attention, since nobody can use it until it is
 * fixed.
 */
export async function openByRef(db: Db, sectionId: SectionId, ref: string): Promise<OpenSegment> {
  const [segment] = await openAllByRef(db, sectionId, [ref]);
  return segment!;
}

/** The same for several segments, in the given order. */
export async function openAllByRef(db: Db, sectionId: SectionId, refs: readonly string[]): Promise<OpenSegment[]> {
  return openAll(db, sectionId, await findSegments(db, sql`section.id = ${sectionId}`, refs));
}

async function openAll(db: Db, sectionId: SectionId, stored: readonly Stored[]): Promise<OpenSegment[]> {
  const { opened, reasons } = await openSegments(
    db,
    sectionId,
    stored.map(({ id }) => id),
    forClients,
  );
  const lost = stored.find(({ id }) => reasons.has(id));
  if (lost) {
    refuse('conflict', `The segment “${lost.name}” needs attention: ${reasons.get(lost.id)!.join(' ')}`, {
      field: lost.discriminator,
    });
  }
  return stored.map(({ id }) => opened.find((segment) => segment.id === id)!);
}

/** The rules of a segment and of all segments that they refer to. */
const allRules = ({ rules, definitions }: Opened): Rules[] => [
  rules,
  ...usedIn(rules, definitions.segments).map((used) => used.rules),
];

/** The tags that the rules refer to, including those of nested segments. */
const tagsUsed = (opened: Opened): TagId[] => [...new Set(allRules(opened).flatMap((item) => referencesOf(item).tags))];

/** Whether the rules ask if a profile has any tag: the answer reveals something about every tag. */
const asksForAnyTag = (opened: Opened): boolean =>
  allRules(opened)
    .flatMap(({ root }) => conditionsOf(root))
    .some(
      (condition) => condition.kind === 'profile' && (condition.test === 'has_tag' || condition.test === 'has_no_tag'),
    );

/** `thing`: what has the rules; a segment, if it is not said. */
type NamedRules = Opened & Pick<OpenSegment, 'name' | 'discriminator'> & { thing?: 'segment' | 'message' | 'flow' };

/** Refuses if a segment's rules use a keyspace that is closed to the client: membership would reveal its keys. */
async function requireOpenKeys(db: Db, actor: Actor, opened: readonly NamedRules[]): Promise<void> {
  const keyspaces = (await listKeyspaces(db, actor.accountId)).filter(({ id }) => !mayUseKeyspace(actor, id));
  if (keyspaces.length === 0) return;
  const closed = await forbiddenAttributes(db, actor, actor.accountId);
  for (const { rules, definitions, name, discriminator, thing = 'segment' } of opened) {
    const conditions = allRules({ rules, definitions }).flatMap(({ root }) => conditionsOf(root));
    const usedKeyspaces = conditions.flatMap((condition): (Keyspace | undefined)[] => {
      if (condition.kind === 'attribute')
        return [closed.get(definitions.attributes.get(condition.attributeId)?.code ?? '')];
      if (condition.kind !== 'profile' || !('keyspaceId' in condition)) return [];
      return [keyspaces.find(({ id }) => id === condition.keyspaceId)];
    });
    const keyspace = usedKeyspaces.find((item) => item !== undefined);
    if (!keyspace) continue;
    refuse(
      'not_allowed',
      `The ${thing} “${name}” uses keys of the keyspace ${keyspace.name}, which this API key may not use.`,
      { field: discriminator },
    );
  }
}

/**
 * Refuses if a segment's rules use something that the client may not read: a tag, through the keyspace, or a keyspace.
 * Returns the tags in the rules. `actor`: null for later steps of checked work, since a client's access never changes.
 */
export async function requireReadable(
  db: Db,
  actor: Actor | null,
  profileKey: InKeyspace,
  opened: readonly NamedRules[],
): Promise<TagId[]> {
  if (actor) await requireOpenKeys(db, actor, opened);
  const bySegment = opened.map((segment) => ({ segment, tagIds: tagsUsed(segment) }));
  const all = [...new Set(bySegment.flatMap(({ tagIds }) => tagIds))];
  const tags = await findTags(db, profileKey, all.map(String));
  for (const { segment, tagIds } of bySegment) {
    const tagId = tagIds.find((id) => !tags.get(String(id))?.canRead);
    if (tagId !== undefined) refuseReading(profileKey, segment, tagId, tags.get(String(tagId)));
  }
  const anyTag = opened.find(asksForAnyTag);
  const closed = anyTag && (await unreadableTag(db, profileKey));
  if (closed) refuseReading(profileKey, anyTag, closed.id, closed);
  return all;
}

/** The first visible tag that may not be read through the keyspace. */
function unreadableTag(
  db: Db,
  { sectionId, keyspace }: InKeyspace,
): Promise<Pick<FoundTag, 'id' | 'name'> | undefined> {
  return maybeOne<Pick<FoundTag, 'id' | 'name'>>(
    db,
    sql`
      select tag.id, tag.name
      from tag_permission permission
      join tag on tag.section_id = permission.section_id and tag.id = permission.tag_id and tag.hidden_at is null
      where permission.section_id = ${sectionId} and permission.keyspace_id = ${keyspace.id} and not permission.can_read
      order by tag.id
      limit 1`,
  );
}

/**
 * The same for a member count, which covers all keyspaces. The tags must be readable through each given keyspace; if
 * none is given, through all that the client may use.
 */
export async function requireCountable(
  db: Db,
  client: ClientActor,
  { sectionId, keyspaceIds }: { sectionId: SectionId; keyspaceIds: readonly KeyspaceId[] },
  opened: OpenSegment,
): Promise<TagId[]> {
  const usable = await usableKeyspaces(db, client);
  const chosen = usable.filter(({ id }) => keyspaceIds.length === 0 || keyspaceIds.includes(id));
  await requireOpenKeys(db, client, [opened]);
  let ruleTags: TagId[] = [];
  for (const keyspace of chosen) ruleTags = await requireReadable(db, null, { sectionId, keyspace }, [opened]);
  return ruleTags;
}

function refuseReading(
  { sectionId, keyspace }: InKeyspace,
  { name, discriminator: field, thing = 'segment' }: Pick<NamedRules, 'name' | 'discriminator' | 'thing'>,
  tagId: TagId,
  tag: Pick<FoundTag, 'name'> | undefined,
): never {
  if (!tag) refuse('conflict', `A tag that the ${thing} “${name}” uses has just been hidden.`, { field });
  const details: Denied = { sectionId, tagId, keyspaceId: keyspace.id, operation: 'read' };
  refuse(
    'not_allowed',
    `The ${thing} “${name}” uses the tag “${tag.name}”, which may not be read through ${keyspace.name}. An Admin can allow it (Settings → Data Model → Tags → Allowed Operations).`,
    { field, details },
  );
}

/** The number of conditions, including those of nested segments. */
export const conditionsIn = ({ rules, definitions }: Opened): number =>
  wholeSize(rules.root, definitions.segments).conditions;

type Evaluated = {
  /** By discriminator. */
  matches: Map<string, boolean>;
  /** The tags in the rules, by section. */
  ruleTags: { sectionId: SectionId; tagIds: TagId[] }[];
};

/**
 * Whether the profile of a key is in each of the segments, which may be of several sections. In a section where no
 * profile has the key, it is in none; refuses with `not_found` if no profile has it in any. `timeZone` overrides that
 * of the segments.
 */
export async function evaluateByKey(
  db: Db,
  client: ClientActor,
  { keyspaceId, key, refs, timeZone }: { keyspaceId: KeyspaceId; key: string; refs: string[]; timeZone?: string },
): Promise<Evaluated> {
  const stored = await findSegments(db, ofClient(client), refs);
  const matches = new Map(stored.map(({ discriminator }) => [discriminator, false]));
  const ruleTags: Evaluated['ruleTags'] = [];
  let known = false;
  for (const sectionId of new Set(stored.map((segment) => segment.sectionId))) {
    const profileKey = await openKey(db, client, client.accountId, { sectionId, keyspaceId, key });
    const own = stored.filter((segment) => segment.sectionId === sectionId);
    const opened = await openAll(db, sectionId, own);
    ruleTags.push({ sectionId, tagIds: await requireReadable(db, client, profileKey, opened) });
    const profileId = await findProfile(db, profileKey);
    if (profileId === undefined) continue;
    known = true;
    const moved = timeZone === undefined ? opened : inTimeZone(opened, timeZone);
    const holds = await evaluateFor(db, sectionId, profileId, moved);
    opened.forEach(({ discriminator }, index) => matches.set(discriminator, holds[index]!));
  }
  if (!known) refuse('not_found', 'There is no profile with this key in the sections of these segments.');
  return { matches, ruleTags };
}

/** Copies the segments, and those nested in them, with another time zone. */
function inTimeZone(opened: readonly OpenSegment[], timeZone: string): OpenSegment[] {
  const moved = <Of extends { rules: Rules }>(item: Of): Of => ({ ...item, rules: { ...item.rules, timeZone } });
  const known = new Map<Definitions, Definitions>();
  for (const definitions of new Set(opened.map((segment) => segment.definitions))) {
    const segments = [...definitions.segments].map(([id, used]) => [id, moved(used)] as const);
    known.set(definitions, { ...definitions, segments: new Map(segments) });
  }
  return opened.map((segment) => ({ ...moved(segment), definitions: known.get(segment.definitions)! }));
}

/**
 * A page of a segment's members that have a key in the keyspace, by profile id. `limit`: how many members are looked
 * at. `next`: the cursor of the next page; null at the end.
 */
export async function membersByKey(
  db: Db,
  profileKey: InKeyspace,
  opened: Opened,
  { after, limit }: { after: number; limit: number },
): Promise<{ keys: string[]; next: ProfileId | null }> {
  const page: Slice = {
    range: (id) => sql`and ${id} > ${after}`,
    orderAndLimit: (id, count = limit) => sql`order by ${id} limit ${count}`,
    limit,
    candidates: 0,
  };
  const found = await rows<{ id: ProfileId; key: string | null }>(
    db,
    sql`
      with page as materialized (${memberSlice(evaluationOf(profileKey.sectionId, opened), opened.rules, page)})
      select page.profile_id as id, ${oneKey(profileKey, sql`page.profile_id`)} as key
      from page
      order by page.profile_id`,
  );
  const keys = found.flatMap(({ key }) => (key === null ? [] : [shownKey(profileKey, key)]));
  return { keys, next: found.length === limit ? found.at(-1)!.id : null };
}
