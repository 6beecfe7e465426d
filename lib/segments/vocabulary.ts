// What rules can be written with in a section, and what the things are called that they refer to already.
import { listAttributes } from '@/lib/attributes/queries';
import type { Attribute } from '@/lib/attributes/schema';
import type { AccountId, AttributeId, ClaimHolderId, EventTypeId, KeyspaceId, SectionId, TagId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import { listEventTypes } from '@/lib/events/queries';
import type { EventField } from '@/lib/events/schema';
import { listKeyspaces } from '@/lib/profiles/queries';
import { hiddenInWords } from './known';
import { segmentOptions, type SegmentOption } from './queries';
import { referencesOf, type Rules } from './schema';

/** Hidden things have `lost`, why they cannot be used any more; they are here only where rules refer to them. */
type Named<Id> = { id: Id; name: string; lost?: string };

/** Plain data, for the server and the browser. */
export type Vocabulary = {
  tags: Named<TagId>[];
  attributes: (Named<AttributeId> & Pick<Attribute, 'code' | 'type' | 'choices'>)[];
  events: (Named<EventTypeId> & { fields: EventField[] })[];
  segments: SegmentOption[];
  keyspaces: { id: KeyspaceId; name: string }[];
  holders: { id: ClaimHolderId; name: string }[];
};

/** `rules`: those whose hidden parts shall be named too. */
export async function vocabularyOf(
  db: Db,
  { accountId, sectionId }: { accountId: AccountId; sectionId: SectionId },
  rules: readonly Rules[] = [],
): Promise<Vocabulary> {
  const used = rules.map(referencesOf);
  const [tags, attributes, events, segments, keyspaces, holders] = await Promise.all([
    tagsNamed(
      db,
      sectionId,
      used.flatMap((one) => one.tags),
    ),
    listAttributes(db, sectionId, { hidden: true }),
    listEventTypes(db, sectionId, { hidden: true }),
    segmentOptions(db, sectionId),
    listKeyspaces(db, accountId),
    rows<{ id: ClaimHolderId; name: string }>(
      db,
      sql`select id, name from claim_holder where section_id = ${sectionId} order by name`,
    ),
  ]);
  const hiders = await hidersOf(db, sectionId);
  const lost = (
    kind: 'attribute' | 'event',
    { id, name, hiddenAt }: { id: number; name: string; hiddenAt: Date | null },
  ) => hiddenAt && { lost: hiddenInWords({ kind, name, hiddenAt, hiddenBy: hiders.get(`${kind}:${id}`) ?? null }) };
  const wanted = (ids: readonly number[]) => (thing: { id: number; hiddenAt: Date | null }) =>
    thing.hiddenAt === null || ids.includes(thing.id);
  return {
    tags,
    attributes: attributes.filter(wanted(used.flatMap((one) => one.attributes))).map((attribute) => {
      const { id, code, name, type, choices } = attribute;
      return { id, code, name, type, choices, ...lost('attribute', attribute) };
    }),
    events: events.filter(wanted(used.flatMap((one) => one.eventTypes))).map((event) => ({
      id: event.id,
      name: event.name,
      // The newest version that has a field decides what it is.
      fields: [
        ...new Map(
          [...event.versions].reverse().flatMap(({ fields }) => fields.map((field) => [field.code, field])),
        ).values(),
      ],
      ...lost('event', event),
    })),
    segments,
    keyspaces: keyspaces.map(({ id, name }) => ({ id, name })),
    holders,
  };
}

async function tagsNamed(db: Db, sectionId: SectionId, ids: readonly TagId[]): Promise<Named<TagId>[]> {
  if (ids.length === 0) return [];
  const found = await rows<{ id: TagId; name: string; hiddenAt: Date | null; hiddenBy: string | null }>(
    db,
    sql`
      select tag.id, tag.name, tag.hidden_at as "hiddenAt", app_user.name as "hiddenBy"
      from tag left join app_user on app_user.id = tag.hidden_by
      where tag.section_id = ${sectionId} and tag.id = any(${ids}::int[])`,
  );
  return found.map(({ id, name, hiddenAt, hiddenBy }) => ({
    id,
    name,
    ...(hiddenAt && { lost: hiddenInWords({ kind: 'tag', name, hiddenAt, hiddenBy }) }),
  }));
}

/** Who hid attributes and events, by 'attribute:7' or 'event:3'. */
async function hidersOf(db: Db, sectionId: SectionId): Promise<Map<string, string>> {
  const found = await rows<{ thing: string; name: string }>(
    db,
    sql`
      select 'attribute:' || attribute.id as thing, app_user.name
      from attribute join app_user on app_user.id = attribute.hidden_by
      where attribute.section_id = ${sectionId}
      union all
      select 'event:' || event_type.id, app_user.name
      from event_type join app_user on app_user.id = event_type.hidden_by
      where event_type.section_id = ${sectionId}`,
  );
  return new Map(found.map(({ thing, name }) => [thing, name]));
}
