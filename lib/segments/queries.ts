// Reads of segments: the list, who is in one, how many, and since when.
import { patiently } from '@/lib/access/patiently';
import type { SectionId, SegmentId, TagId } from '@/lib/db/ids';
import { maybeOne, one, rows, sql, type Db, type Sql, type Tx } from '@/lib/db/sql';
import { pageOfProfiles, type Edge, type ProfilePage, type Slice } from '@/lib/profiles/queries';
import type { TagRow } from '@/lib/tags/schema';
import { segmentsInNeed } from './attention';
import { memberCount, memberIds, memberSlice } from './compile';
import { openRules, type Opened } from './definitions';
import type { Evaluation } from './evaluation';
import { RulesSchema, type Rules } from './schema';

/** `at`: the past moment that is asked about. `now`: the present, where that was fixed before. None: now. */
export type AsOf = { at?: Date; now?: Date };

export const evaluationOf = (sectionId: SectionId, { definitions }: Opened, { at, now }: AsOf = {}): Evaluation => ({
  sectionId,
  definitions,
  now: at ?? now ?? new Date(),
  past: at !== undefined,
});

/** How many are in it: exact. */
export async function countMembers(db: Db, sectionId: SectionId, opened: Opened, asOf?: AsOf): Promise<number> {
  const { count } = await one<{ count: number }>(db, memberCount(evaluationOf(sectionId, opened, asOf), opened.rules));
  return count;
}

/** `select profile_id` of those who are in it at a moment. */
export function membersOf(sectionId: SectionId, opened: Opened, asOf?: AsOf) {
  return memberIds(evaluationOf(sectionId, opened, asOf), opened.rules);
}

/** A page of those who are in it, newest profile first. */
export function listMembers(
  db: Db,
  sectionId: SectionId,
  opened: Opened,
  edge: Edge = {},
  { size, ...asOf }: AsOf & { size?: number } = {},
): Promise<ProfilePage> {
  const evaluation = evaluationOf(sectionId, opened, asOf);
  return pageOfProfiles(db, sectionId, (slice) => memberSlice(evaluation, opened.rules, slice), edge, size);
}

/** Opens rules that are being written, and asks about them: see `patiently`. */
export function asking<T>(
  sectionId: SectionId,
  rules: Rules,
  signal: AbortSignal | undefined,
  ask: (db: Tx, opened: Opened) => Promise<T>,
): Promise<T> {
  return patiently(signal, async (db) => ask(db, { rules, definitions: await openRules(db, sectionId, rules) }));
}

/** The moment at which a day ended somewhere: 'YYYY-MM-DD' in a time zone; now, where it has not ended yet. */
export async function endOfDay(db: Db, day: string, timeZone: string): Promise<Date> {
  const { at } = await one<{ at: Date }>(
    db,
    sql`select least(now(), (${day}::date + 1)::timestamp at time zone ${timeZone}::text - interval '1 millisecond') as at`,
  );
  return at;
}

export type SegmentRow = {
  id: SegmentId;
  name: string;
  description: string;
  discriminator: string;
  changedAt: Date;
  changedBy: string | null;
  /** Segments that use it. */
  usedIn: { id: SegmentId; name: string }[];
  /** Sizes of the last 30 days, oldest first. */
  sizes: { at: string; profiles: number }[];
  /** Why it needs attention; none: it is well. */
  attention: string[];
};

const columns = sql`
  segment.id, segment.name, segment.description, segment.discriminator, segment.changed_at as "changedAt",
  app_user.name as "changedBy",
  coalesce((
    select json_agg(json_build_object('id', other.id, 'name', other.name) order by other.name_key)
    from segment other
    where other.section_id = segment.section_id and other.id in (
      select used.segment_id from segment_use used
      where used.section_id = segment.section_id and used.used_segment_id = segment.id
    )
  ), '[]') as "usedIn",
  coalesce((
    select json_agg(json_build_object('at', size.at, 'profiles', size.profiles) order by size.at)
    from segment_size size
    where size.section_id = segment.section_id and size.segment_id = segment.id and size.at > now() - interval '30 days'
  ), '[]') as sizes`;

/** The section's segments by name. */
export async function listSegments(db: Db, sectionId: SectionId): Promise<SegmentRow[]> {
  const found = await rows<Omit<SegmentRow, 'attention'>>(
    db,
    sql`
      select ${columns}
      from segment left join app_user on app_user.id = segment.changed_by
      where segment.section_id = ${sectionId}
      order by segment.name_key`,
  );
  const attention = await segmentsInNeed(db, sectionId);
  return found.map((segment) => ({ ...segment, attention: attention.get(segment.id) ?? [] }));
}

export type SegmentDetails = SegmentRow & { rules: Rules };

/** One segment with its rules; undefined where there is none. */
export async function getSegment(db: Db, sectionId: SectionId, id: SegmentId): Promise<SegmentDetails | undefined> {
  const found = await maybeOne<Omit<SegmentDetails, 'attention'>>(
    db,
    sql`
      select ${columns}, segment.rules
      from segment left join app_user on app_user.id = segment.changed_by
      where segment.section_id = ${sectionId} and segment.id = ${id}`,
  );
  if (!found) return undefined;
  const attention = await segmentsInNeed(db, sectionId);
  return { ...found, rules: RulesSchema.parse(found.rules), attention: attention.get(id) ?? [] };
}

/** A segment in a picker. */
export type SegmentOption = { id: SegmentId; name: string; attention: boolean };

/** The section's segments for pickers, by name. */
export async function segmentOptions(db: Db, sectionId: SectionId): Promise<SegmentOption[]> {
  const found = await rows<{ id: SegmentId; name: string }>(
    db,
    sql`select id, name from segment where section_id = ${sectionId} order by name_key`,
  );
  const attention = await segmentsInNeed(db, sectionId);
  return found.map((segment) => ({ ...segment, attention: attention.has(segment.id) }));
}

/** All sizes that were noted, oldest first. */
export function segmentSizes(db: Db, sectionId: SectionId, id: SegmentId): Promise<{ at: Date; profiles: number }[]> {
  return rows(
    db,
    sql`select at, profiles from segment_size where section_id = ${sectionId} and segment_id = ${id} order by at`,
  );
}

/** The tags that members have most often. */
export function membersByTag(
  db: Db,
  sectionId: SectionId,
  opened: Opened,
  most = 12,
): Promise<{ id: TagId; name: string; members: number; everyone: number }[]> {
  return rows(
    db,
    sql`
      with held as (
        select held.tag_id, count(*) as members
        from (${membersOf(sectionId, opened)}) members
        join profile_tag held on held.section_id = ${sectionId} and held.profile_id = members.profile_id
        group by held.tag_id
      )
      select tag.id, tag.name, held.members,
        (select sum(profiles)::bigint from tag_count where section_id = ${sectionId} and tag_id = tag.id) as everyone
      from held
      join tag on tag.section_id = ${sectionId} and tag.id = held.tag_id and tag.hidden_at is null
      order by held.members desc, tag.name_key
      limit ${most}`,
  );
}

/** How many came in and went out between two moments, and how many were in it at each. */
export async function difference(
  db: Db,
  sectionId: SectionId,
  opened: Opened,
  { from, to }: { from: Date; to: Date },
): Promise<{ before: number; after: number; came: number; went: number }> {
  return one(
    db,
    sql`
      with before as materialized (${membersOf(sectionId, opened, { at: from })}),
      after as materialized (${membersOf(sectionId, opened, { at: to })}),
      both_times as (select count(*) as profiles from before join after using (profile_id))
      select
        (select count(*) from before) as before, (select count(*) from after) as after,
        (select count(*) from after) - both_times.profiles as came,
        (select count(*) from before) - both_times.profiles as went
      from both_times`,
  );
}

/** A page of those who came in (or went out) between two moments. */
export function listDifference(
  db: Db,
  sectionId: SectionId,
  opened: Opened,
  { from, to, which }: { from: Date; to: Date; which: 'came' | 'went' },
  edge: Edge = {},
): Promise<ProfilePage> {
  const [before, after] = [from, to].map((at) => membersOf(sectionId, opened, { at }));
  const [inside, outside] = which === 'came' ? [after, before] : [before, after];
  const id = sql`inside.profile_id`;
  const changed = ({ beyond, order }: Slice) => sql`
    select inside.profile_id from (${inside}) inside
    where not exists (select from (${outside}) outside where outside.profile_id = inside.profile_id)
      ${beyond(id)} ${order(id)}`;
  return pageOfProfiles(db, sectionId, changed, edge);
}

/** Something that rules can refer to, as `segment_use` has it. */
export type UsedKind = 'tag' | 'attribute' | 'event';

const USED_COLUMN: Record<UsedKind, Sql> = {
  tag: sql`used.tag_id`,
  attribute: sql`used.attribute_id`,
  event: sql`used.event_type_id`,
};

/** A segment that uses something, with the id of what it uses. */
export type UseInSegment = { usedId: number; id: SegmentId; name: string };

/** Which segments use the section's tags (or attributes, or events), by the segments' names. `usedId`: one of them alone. */
export function usesInSegments(
  db: Db,
  sectionId: SectionId,
  kind: UsedKind,
  usedId: number | null = null,
): Promise<UseInSegment[]> {
  const column = USED_COLUMN[kind];
  return rows(
    db,
    sql`
      select ${column} as "usedId", segment.id, segment.name
      from segment_use used
      join segment on segment.section_id = used.section_id and segment.id = used.segment_id
      where used.section_id = ${sectionId} and ${column} is not null
        ${usedId === null ? sql`` : sql`and ${column} = ${usedId}`}
      order by segment.name_key`,
  );
}

/** A segment that something reaches; `direct`: by its own rules, not only through the segments in them. */
export type ReachedSegment = UseInSegment & { direct: boolean };

/**
 * Which segments need the section's tags (or attributes, or events), also through others, by the segments' names: those that
 * need attention when these are hidden. `usedId`: one of them alone.
 */
export function segmentsReached(
  db: Db,
  sectionId: SectionId,
  kind: UsedKind,
  usedId: number | null = null,
): Promise<ReachedSegment[]> {
  const column = USED_COLUMN[kind];
  return rows(
    db,
    sql`
      with recursive reached (used_id, segment_id, direct) as (
        select ${column}, used.segment_id, true
        from segment_use used
        where used.section_id = ${sectionId} and ${column} is not null
          ${usedId === null ? sql`` : sql`and ${column} = ${usedId}`}
        union
        select reached.used_id, further.segment_id, false
        from reached
        join segment_use further
          on further.section_id = ${sectionId} and further.used_segment_id = reached.segment_id
      )
      select reached.used_id as "usedId", segment.id, segment.name, bool_or(reached.direct) as direct
      from reached
      join segment on segment.section_id = ${sectionId} and segment.id = reached.segment_id
      group by reached.used_id, segment.id, segment.name, segment.name_key
      order by segment.name_key`,
  );
}

/** A row of the tags table with the segments that use the tag. */
export type TagInUse = TagRow & { segments: { id: SegmentId; name: string }[] };

/** Adds to rows of the tags table which segments use them. */
export async function withSegments(db: Db, sectionId: SectionId, tags: readonly TagRow[]): Promise<TagInUse[]> {
  const users = new Map<number, TagInUse['segments']>();
  for (const { usedId, id, name } of await usesInSegments(db, sectionId, 'tag')) {
    users.set(usedId, [...(users.get(usedId) ?? []), { id, name }]);
  }
  return tags.map((tag) => ({ ...tag, segments: users.get(tag.id) ?? [] }));
}
