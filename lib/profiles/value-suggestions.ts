// Values of a text attribute to suggest while somebody types a condition.
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { AttributeIdSchema, inAddress, type AttributeId, type SectionId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';

/** The newest profiles say which values are usual; all of a million would take seconds. */
const LOOKED_AT = 5_000;
const SUGGESTED = 100;
/** Longer texts are notes, and nobody chooses one from a list. */
const LONGEST = 60;

/** The values that at least two of the newest profiles share, the most frequent first. Empty for an unknown attribute. */
export const readValueSuggestions = query({
  name: 'profiles.suggest-values',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InSection.extend({ attributeId: inAddress(AttributeIdSchema) }),
  run: ({ db }, { sectionId, attributeId }) =>
    attributeId === null ? Promise.resolve([]) : suggestedValues(db, sectionId, attributeId),
});

async function suggestedValues(db: Db, sectionId: SectionId, attributeId: AttributeId): Promise<string[]> {
  const found = await rows<{ value: string }>(
    db,
    sql`
      select recent.value
      from (
        select profile.attributes ->> attribute.code as value
        from attribute
        cross join lateral (
          select attributes from profile where section_id = ${sectionId} order by id desc limit ${LOOKED_AT}
        ) profile
        where attribute.section_id = ${sectionId} and attribute.id = ${attributeId} and attribute.hidden_at is null
          and attribute.type = 'text'
      ) recent
      where recent.value <> '' and length(recent.value) <= ${LONGEST}
      group by recent.value
      having count(*) > 1
      order by count(*) desc, recent.value
      limit ${SUGGESTED}`,
  );
  return found.map(({ value }) => value);
}
