// Who has the value of another field of the CRM's contacts, here.
import { listAttributes } from '@/lib/attributes/queries';
import { INDEXED } from '@/lib/attributes/value-sql';
import type { SectionId } from '@/lib/db/ids';
import { sql, type Db, type Sql } from '@/lib/db/sql';
import { customOf, targetOf, type CustomTarget } from './custom-match';
import type { ConnectionOptions } from './schema';

/** What the field of a connection is compared with. Null if it has none, or its attribute was hidden. */
export async function openTarget(
  db: Db,
  { sectionId, options }: { sectionId: SectionId; options: Pick<ConnectionOptions, 'match' | 'custom'> },
): Promise<CustomTarget | null> {
  const custom = customOf(options);
  if (!custom) return null;
  const attribute = (await listAttributes(db, sectionId)).find(({ code }) => code === custom.code);
  return attribute ? targetOf(attribute) : null;
}

export type OfAttribute = Extract<CustomTarget, { kind: 'attribute' }>;

/** A value of a contact as text, the same for all that `hasValue` takes for the same. */
export const wantedValue = ({ type }: OfAttribute, value: Sql): Sql => (type === 'text' ? sql`lower(${value})` : value);

/** A condition: a profile's attribute has a value. Written as an index of the Data Model has it, so that one is used. */
export function hasValue({ code, type }: OfAttribute, attributes: Sql, wanted: Sql): Sql {
  const own = INDEXED[type](attributes, sql`${code}::text`);
  return sql`(${own} is not null and ${own} = ${type === 'text' ? wanted : sql`(${wanted})::jsonb`})`;
}
