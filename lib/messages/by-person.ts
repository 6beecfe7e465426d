// A message that goes at a time by the clock of each person: which zone that is, and when it is that time there.
import type { AttributeId, SectionId } from '@/lib/db/ids';
import { maybeOne, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import type { Wish } from './schema';
import { momentIn } from './when';

/** More spellings are taken for zones that nobody knows. */
const ZONES_MAX = 2_000;
const SPELLING_MAX = 60;

/** Why the attribute that names people's zones cannot be used, in words; null: it can. */
export async function lostZones(db: Db, sectionId: SectionId, attributeId: AttributeId): Promise<string | null> {
  const attribute = await maybeOne<{ name: string; type: string; hidden: boolean }>(
    db,
    sql`
      select name, type, hidden_at is not null as hidden from attribute
      where section_id = ${sectionId} and id = ${attributeId}`,
  );
  if (!attribute) return 'The attribute with people’s time zones no longer exists.';
  if (attribute.hidden) return `The attribute “${attribute.name}”, which has people’s time zones, is hidden.`;
  return ['text', 'choice'].includes(attribute.type)
    ? null
    : `“${attribute.name}” cannot name time zones: it is no text.`;
}

/**
 * When each candidate may get it: `at`, of the relation that `join` adds to `candidate`. Whose clock has passed the time gets it at once, and
 * whose zone is not known, by the clock of the wish.
 */
export async function dueAt(db: Db, sectionId: SectionId, wish: Wish, now: Date): Promise<{ at: Sql; join: Sql }> {
  if (wish.when === 'now' || wish.byPerson === undefined) return { at: sql`${now}::timestamptz`, join: sql`` };
  const attribute = await maybeOne<{ code: string }>(
    db,
    sql`select code from attribute where section_id = ${sectionId} and id = ${wish.byPerson}`,
  );
  const code = attribute?.code ?? '';
  const spelled = await rows<{ zone: string }>(
    db,
    sql`
      select distinct left(profile.attributes ->> ${code}, ${SPELLING_MAX + 1}::int) as zone from profile
      where profile.section_id = ${sectionId} and profile.attributes ? ${code}
      limit ${ZONES_MAX}`,
  );
  const known = spelled.flatMap(({ zone }) => {
    const at = zone.length > SPELLING_MAX ? undefined : momentIn(wish.local, zone.trim());
    return at ? [{ zone, at }] : [];
  });
  const others = momentIn(wish.local, wish.zone) ?? now;
  return {
    at: sql`greatest(coalesce(clock.at, ${others}::timestamptz), ${now}::timestamptz)`,
    join: sql`
      join profile person on person.section_id = ${sectionId} and person.id = candidate.profile_id
      left join unnest(${known.map(({ zone }) => zone)}::text[], ${known.map(({ at }) => at)}::timestamptz[]) as clock (zone, at)
        on clock.zone = person.attributes ->> ${code}`,
  };
}
