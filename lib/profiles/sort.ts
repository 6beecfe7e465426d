// The order of the profiles list. Only what an index has in order: a page is read from where it begins, however many profiles there
// are, and never sorted whole. People without a value come last in both directions.
import { INDEXED } from '@/lib/attributes/value-sql';
import type { AttributeType } from '@/lib/attributes/schema';
import type { ProfileId, SectionId } from '@/lib/db/ids';
import { maybeOne, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import type { Place, Sort } from './sort-schema';

/**
 * `value`: an expression on `profile`; null: by id alone. `above`, `below`: operators of the index. `typed`: a value of the same type.
 * `nullable`: somebody may have none.
 */
type Order = {
  value: Sql | null;
  above: Sql;
  below: Sql;
  typed: (text: string) => Sql;
  nullable: boolean;
};

const [GREATER, LESS] = [sql`>`, sql`<`];
const BY_ID: Order = { value: null, above: GREATER, below: LESS, typed: (text) => sql`${text}`, nullable: false };

/** Attributes whose index exists in every section. They are in the order of bytes. */
const NAMES = ['firstname', 'lastname'];

/** The codes of the section's attributes by which a list can be sorted. */
export async function sortableAttributes(db: Db, sectionId: SectionId): Promise<string[]> {
  const indexed = await rows<{ code: string }>(
    db,
    sql`
      select attribute.code
      from attribute_index
      join attribute on attribute.section_id = ${sectionId} and attribute.id = attribute_index.attribute_id
      where attribute_index.section_id = ${sectionId} and attribute_index.status = 'ready'
        and attribute.hidden_at is null`,
  );
  return [...NAMES, ...indexed.map(({ code }) => code)];
}

/** Undefined if the list cannot be sorted so: the attribute has no index, or is gone. */
async function orderOf(db: Db, sectionId: SectionId, { by }: Sort): Promise<Order | undefined> {
  if (by === 'added') return BY_ID;
  if (by === 'changed') {
    return { ...BY_ID, value: sql`profile.updated_at`, typed: (text) => sql`${text}::timestamptz` };
  }
  const code = by.startsWith('attribute:') ? by.slice('attribute:'.length) : '';
  if (NAMES.includes(code)) {
    // Written out: an index is found by its own words, not by a parameter.
    const value =
      code === 'firstname'
        ? sql`lower(profile.attributes ->> 'firstname')`
        : sql`lower(profile.attributes ->> 'lastname')`;
    return { value, above: sql`~>~`, below: sql`~<~`, typed: (text) => sql`${text}::text`, nullable: true };
  }
  const attribute = await maybeOne<{ type: AttributeType }>(
    db,
    sql`
      select attribute.type
      from attribute
      join attribute_index on attribute_index.section_id = ${sectionId} and attribute_index.attribute_id = attribute.id
      where attribute.section_id = ${sectionId} and attribute.code = ${code} and attribute.hidden_at is null
        and attribute_index.status = 'ready'`,
  );
  if (!attribute) return undefined;
  const json = attribute.type === 'number' || attribute.type === 'boolean';
  return {
    ...BY_ID,
    value: INDEXED[attribute.type](sql`profile.attributes`, sql`${code}::text`),
    typed: (text) => (json ? sql`${text}::jsonb` : sql`${text}::text`),
    nullable: true,
  };
}

type Reading = {
  /** Conditions on `profile`, each beginning with `and`. */
  conditions: Sql;
  sort: Sort;
  /** Those after this place, or, `backwards`, those before it. */
  from: Place | null;
  backwards: boolean;
  limit: number;
};

/**
 * The places of the next profiles in the order of the list (`backwards`: in the opposite one). Undefined if it cannot be sorted so.
 * People without a value are asked for only once those with one have ended.
 */
export async function placesInOrder(
  db: Db,
  sectionId: SectionId,
  { conditions, sort, from, backwards, limit }: Reading,
): Promise<Place[] | undefined> {
  const order = await orderOf(db, sectionId, sort);
  if (!order) return undefined;
  const { value, above, below, typed, nullable } = order;
  const descending = sort.descending !== backwards;
  const next = descending ? below : above;
  const nextId = descending ? sql`<` : sql`>`;
  const direction = descending ? sql`desc` : sql`asc`;

  const read = (where: Sql, key: Sql | null, most: number) =>
    rows<Place>(
      db,
      sql`
        select profile.id, ${key === null ? sql`null` : sql`(${key})::text`} as value
        from profile
        where profile.section_id = ${sectionId} ${where} ${conditions}
        order by ${key === null ? sql`` : sql`${key} using ${next === above ? below : above},`} profile.id ${direction}
        limit ${most}`,
    );
  const afterId = (id: ProfileId) => sql`and profile.id ${nextId} ${id}`;
  const withValue = (start: Place | null, most: number) => {
    if (value === null) return read(start ? afterId(start.id) : sql``, null, most);
    const known = nullable ? sql`and ${value} is not null` : sql``;
    if (start?.value == null) return read(known, value, most);
    const at = typed(start.value);
    // 'Not before' bounds the range in the index; the rest settles ties.
    return read(
      sql`${known} and not (${value} ${next === above ? below : above} ${at})
        and (${value} ${next} ${at} or profile.id ${nextId} ${start.id})`,
      value,
      most,
    );
  };
  const without = (start: Place | null, most: number) =>
    read(sql`and ${value} is null ${start ? afterId(start.id) : sql``}`, null, most);

  if (value === null || !nullable) return withValue(from, limit);
  const inWithout = from !== null && from.value === null;
  const [first, second] = backwards ? [without, withValue] : [withValue, without];
  if (inWithout === backwards || from === null) {
    const found = await first(from, limit);
    return found.length < limit ? [...found, ...(await second(null, limit - found.length))] : found;
  }
  return second(from, limit);
}

/**
 * `select` of the given columns for all profiles that meet the conditions, in the order of the list; their rows are called
 * `profile`. Undefined if the list cannot be sorted so. `conditions`: each begins with `and`.
 */
export async function selectInOrder(
  db: Db,
  sectionId: SectionId,
  { conditions, sort }: Pick<Reading, 'conditions' | 'sort'>,
): Promise<((columns: Sql) => Sql) | undefined> {
  const order = await orderOf(db, sectionId, sort);
  if (!order) return undefined;
  const { value, above, below } = order;
  const by = (key: Sql) => sql`
    order by ${value === null ? sql`` : sql`${key} using ${sort.descending ? above : below} nulls last,`}
      profile.id ${sort.descending ? sql`desc` : sql`asc`}`;
  // Sorted within, so that the columns, most of which are looked up elsewhere, are computed row by row as they are read.
  return (columns) => sql`
    select ${columns}
    from (
      select profile.id, profile.attributes, profile.created_at, profile.updated_at, ${value ?? sql`null`} as place
      from profile
      where profile.section_id = ${sectionId} ${conditions}
      ${by(value ?? sql``)}
      offset 0
    ) profile
    ${by(sql`profile.place`)}`;
}
