// Reads of a section's attributes.
import type { SectionId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import type { Attribute } from './schema';

/** The section's attributes, the system's first. `hidden`: also hidden ones. */
export function listAttributes(db: Db, sectionId: SectionId, { hidden = false } = {}): Promise<Attribute[]> {
  return rows<Attribute>(
    db,
    sql`
      select id, code, discriminator, name, type, choices, description, system, hidden_at as "hiddenAt"
      from attribute
      where section_id = ${sectionId} ${hidden ? sql`` : sql`and hidden_at is null`}
      order by system desc, case when system then id end, name_key`,
  );
}
