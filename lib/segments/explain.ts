// One profile: in which segments it is, and why.
import type { AttributeValue, AttributeValues } from '@/lib/attributes/schema';
import type { EventTypeId, ProfileId, SectionId, SegmentId, TagId } from '@/lib/db/ids';
import { join, maybeOne, one, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { mergedInto } from '@/lib/profiles/merged';
import { sourceOf, type Source } from '@/lib/tags/source';
import { holdsFor } from './compile';
import { openSegment } from './definitions';
import { evaluationOf, segmentOptions, type Opened } from './queries';
import { conditionsOf, type Condition, type RuleNode } from './schema';

const formerIds = async (db: Db, sectionId: SectionId, id: ProfileId) => ({
  id,
  formerly: await mergedInto(db, sectionId, id),
});

/** In which of these a profile is. */
export async function evaluateFor(
  db: Db,
  sectionId: SectionId,
  profileId: ProfileId,
  opened: readonly Opened[],
): Promise<boolean[]> {
  if (opened.length === 0) return [];
  const only = await formerIds(db, sectionId, profileId);
  const tests = opened.map((one) =>
    holdsFor({ ...evaluationOf(sectionId, one), only }, one.rules.timeZone, one.rules.root),
  );
  return truths(db, tests);
}

async function truths(db: Db, tests: readonly Sql[]): Promise<boolean[]> {
  const { holds } = await one<{ holds: boolean[] }>(db, sql`select array[${join(tests, ', ')}] as holds`);
  return holds;
}

/** The segments that a profile is in now; those that need attention are left out. */
export async function segmentsOfProfile(
  db: Db,
  sectionId: SectionId,
  profileId: ProfileId,
): Promise<{ id: SegmentId; name: string }[]> {
  const well = (await segmentOptions(db, sectionId)).filter(({ attention }) => !attention);
  const opened = await Promise.all(well.map(({ id }) => openSegment(db, sectionId, id)));
  const inside = await evaluateFor(db, sectionId, profileId, opened);
  return well.filter((_segment, index) => inside[index]).map(({ id, name }) => ({ id, name }));
}

/** The ledger's entry that decided on a tag. */
export type TagEvidence = {
  action: 'applied' | 'removed';
  at: Date;
  source: Source;
  by: string | null;
  through: string | null;
};

/** A condition or group, whether it holds for the profile, and what decided. */
export type Verdict = {
  holds: boolean;
  evidence:
    | { kind: 'tag'; entry: TagEvidence | null }
    | { kind: 'value'; value: AttributeValue | null }
    | { kind: 'event'; times: number; last: Date | null }
    | null;
  items: Verdict[];
};

/** Why a profile is in, or not: condition by condition. Undefined where the profile is not there. */
export async function explainFor(
  db: Db,
  sectionId: SectionId,
  opened: Opened,
  profileId: ProfileId,
): Promise<Verdict | undefined> {
  const profile = await maybeOne<{ attributes: AttributeValues }>(
    db,
    sql`select attributes from profile where section_id = ${sectionId} and id = ${profileId}`,
  );
  if (!profile) return undefined;
  const only = await formerIds(db, sectionId, profileId);
  const evaluation = { ...evaluationOf(sectionId, opened), only };
  const conditions = conditionsOf(opened.rules.root);
  const holds = await truths(
    db,
    conditions.map((condition) => holdsFor(evaluation, opened.rules.timeZone, condition)),
  );
  const ids = [profileId, ...only.formerly];
  const tags = await lastEntries(db, sectionId, ids, conditions);
  const events = await lastEvents(db, sectionId, profileId, conditions);
  const evidenceOf = (condition: Condition): Verdict['evidence'] => {
    if (condition.kind === 'tag') return { kind: 'tag', entry: tags.get(condition.tagId) ?? null };
    if (condition.kind === 'event') {
      const happened = events.get(condition.eventTypeId);
      return { kind: 'event', times: happened?.times ?? 0, last: happened?.last ?? null };
    }
    if (condition.kind !== 'attribute') return null;
    const { code } = opened.definitions.attributes.get(condition.attributeId)!;
    return { kind: 'value', value: profile.attributes[code] ?? null };
  };
  let next = 0;
  const judge = (node: RuleNode): Verdict => {
    if (node.kind !== 'group') return { holds: holds[next++]!, evidence: evidenceOf(node), items: [] };
    const items = node.items.map(judge);
    const some = items.some((item) => item.holds);
    const all = items.every((item) => item.holds);
    return { holds: node.match === 'all' ? all : node.match === 'any' ? some : !some, evidence: null, items };
  };
  return judge(opened.rules.root);
}

async function lastEntries(db: Db, sectionId: SectionId, ids: ProfileId[], conditions: Condition[]) {
  const tagIds = conditions.flatMap((one) => (one.kind === 'tag' ? [one.tagId] : []));
  const found = await rows<Omit<TagEvidence, 'source' | 'action'> & { tagId: TagId; source: number; action: number }>(
    db,
    sql`
      select distinct on (change.tag_id)
        change.tag_id as "tagId", change.action, change.at, change.source, app_user.name as by,
        coalesce(api_key.name, import.file_name, operation.summary) as through
      from tag_change change
      left join app_user on app_user.id = change.user_id
      left join operation on operation.section_id = ${sectionId} and operation.id = change.operation_id
      left join import on import.section_id = ${sectionId} and import.operation_id = change.operation_id
      left join api_key on api_key.id = change.api_key_id
      where change.section_id = ${sectionId} and change.profile_id = any(${ids}::bigint[])
        and change.tag_id = any(${tagIds}::int[]) and change.visible
      order by change.tag_id, change.id desc`,
  );
  return new Map(
    found.map(({ tagId, action, source, ...entry }) => [
      tagId,
      { ...entry, action: action === 1 ? ('applied' as const) : ('removed' as const), source: sourceOf(source) },
    ]),
  );
}

async function lastEvents(db: Db, sectionId: SectionId, profileId: ProfileId, conditions: Condition[]) {
  const typeIds = conditions.flatMap((one) => (one.kind === 'event' ? [one.eventTypeId] : []));
  const found = await rows<{ typeId: EventTypeId; times: number; last: Date }>(
    db,
    sql`
      select version.event_type_id as "typeId", count(*) as times, max(event.at) as last
      from profile_event event
      join event_version version on version.section_id = event.section_id and version.id = event.version_id
      where event.section_id = ${sectionId} and event.profile_id = ${profileId}
        and version.event_type_id = any(${typeIds}::int[])
      group by version.event_type_id`,
  );
  return new Map(found.map(({ typeId, ...happened }) => [typeId, happened]));
}
