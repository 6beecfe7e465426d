// A message that goes at a time by the clock of each person: which zone that is, and when it is that time there.
import type { AttributeId, SectionId } from '@/lib/db/ids';
import { maybeOne, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import type { Wish } from './schema';
import { momentIn, zoneNamed } from './when';

/** More spellings are taken for zones that nobody knows. */
const ZONES_MAX = 2_000;
const SPELLING_MAX = 60;

/** Why the attribute that names people's zones cannot be used, in words; null: it can. */
export async function lostZones(db: Db, sectionId: SectionId, attributeId: AttributeId): Promise<string | null> {
  const attribute = await maybeOne<{ name: string; hidden: boolean }>(
    db,
    sql`
      select name, hidden_at is not null as hidden from attribute
      where section_id = ${sectionId} and id = ${attributeId}`,
  );
  if (!attribute) return 'The attribute with people’s time zones no longer exists.';
  return attribute.hidden ? `The attribute “${attribute.name}”, which has people’s time zones, is hidden.` : null;
}

/** Whether anybody has a time zone in an attribute. */
export async function namesZones(db: Db, sectionId: SectionId, attributeId: AttributeId): Promise<boolean> {
  const code = await codeOf(db, sectionId, attributeId);
  return (await spelledIn(db, sectionId, code)).some((zone) => zoneOf(zone) !== undefined);
}

async function codeOf(db: Db, sectionId: SectionId, attributeId: AttributeId): Promise<string> {
  const found = await maybeOne<{ code: string }>(
    db,
    sql`select code from attribute where section_id = ${sectionId} and id = ${attributeId}`,
  );
  return found?.code ?? '';
}

/** The values of an attribute, each once. */
async function spelledIn(db: Db, sectionId: SectionId, code: string): Promise<string[]> {
  const found = await rows<{ zone: string }>(
    db,
    sql`
      select distinct left(profile.attributes ->> ${code}, ${SPELLING_MAX + 1}::int) as zone from profile
      where profile.section_id = ${sectionId} and profile.attributes ? ${code}
      limit ${ZONES_MAX}`,
  );
  return found.map(({ zone }) => zone);
}

const zoneOf = (spelled: string): string | undefined =>
  spelled.length > SPELLING_MAX ? undefined : zoneNamed(spelled.trim());

/**
 * When each candidate may get it: `at`, of the relation that `join` adds to `candidate`. Whose clock has passed the time gets it at once, and
 * whose zone is not known, by the clock of the wish.
 */
export async function dueAt(db: Db, sectionId: SectionId, wish: Wish, now: Date): Promise<{ at: Sql; join: Sql }> {
  if (wish.when === 'now' || wish.byPerson === undefined) return { at: sql`${now}::timestamptz`, join: sql`` };
  const code = await codeOf(db, sectionId, wish.byPerson);
  const known = (await spelledIn(db, sectionId, code)).flatMap((zone) => {
    const named = zoneOf(zone);
    const at = named && momentIn(wish.local, named);
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
