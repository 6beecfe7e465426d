// What a link is filled with when it is followed: the values that its person has at that moment.
import type { AttributeValue } from '@/lib/attributes/schema';
import type { AttributeId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import type { LinkValues } from '@/lib/mail-document/link-values';
import { askedTogether } from './asked-together';
import type { Given } from './given';
import { valueInLink } from './render-for';

type Asked = { number: number; attributeIds: readonly AttributeId[] };

/**
 * The values of a recipient, by their number: those of the profile that remains if they were merged, and what a call of the API gave for the mail. Nothing
 * for somebody who is gone, and nothing of hidden attributes.
 */
export const linkValuesOf = askedTogether<Asked, LinkValues>(async (sectionId, asked) => {
  const attributeIds = [...new Set(asked.flatMap((each) => each.attributeIds))];
  const found = await rows<{ number: number; values: [AttributeId, AttributeValue][]; given: Given | null }>(
    pool(),
    sql`
      with field as materialized (
        select id, code from attribute
        where section_id = ${sectionId} and id = any(${attributeIds}::int[]) and hidden_at is null
      )
      select recipient.number, recipient.given,
        coalesce((
          select jsonb_agg(jsonb_build_array(field.id, profile.attributes -> field.code))
          from field
          where profile.attributes ? field.code
        ), '[]') as values
      from recipient
      left join profile_merge merged
        on merged.section_id = ${sectionId} and merged.from_id = recipient.profile_id
      join profile
        on profile.section_id = ${sectionId} and profile.id = coalesce(merged.into_id, recipient.profile_id)
      where recipient.section_id = ${sectionId}
        and recipient.number = any(${asked.map(({ number }) => number)}::bigint[])`,
    { prepare: true },
  );
  const by = new Map(
    found.map(({ number, values, given }) => {
      const stored = values.map(([id, value]) => [id, valueInLink(value)] as const);
      const ofCall = Object.entries(given?.attributes ?? {}).map(
        ([id, value]) => [Number(id) as AttributeId, value] as const,
      );
      return [number, new Map([...stored, ...ofCall])];
    }),
  );
  return ({ number }) => by.get(number) ?? new Map();
});
