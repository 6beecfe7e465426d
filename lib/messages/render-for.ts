// What the renderer needs to know of people: their values, in words for texts and as stored for links, and the tags they have.
import type { AttributeType, AttributeValue } from '@/lib/attributes/schema';
import type { AttributeId, ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import type { CompiledMail } from '@/lib/mail-document/compile';
import { attributesInAddress } from '@/lib/mail-document/link-values';
import type { Recipient } from '@/lib/mail-document/render';
import type { Link } from '@/lib/mail-document/template';
import { valueInWords } from '@/lib/mail-document/value-words';

/** System attributes that people fill in about themselves. */
const NAMES = ['firstname', 'lastname'];

/**
 * A name that looks the same, and that no mail program makes a link of: a space without width stands where an address would go on, as in
 * 'https://…', 'example.com' and 'a@b'.
 */
const withoutLinks = (name: string): string => name.replace(/(:\/\/|[.@])(?=[\p{L}\p{N}])/gu, '$1\u200b');

/** A value as an address has it: as it is stored, dates as 2026-05-03. */
export const valueInLink = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';

/**
 * Many people at once, by id, in one statement; those who are gone are missing. Values are written in the language of the message. Who
 * has a tag that another one was merged into has the message's tag. In a mail (`html`), nothing that stands in a name becomes a link: whoever
 * fills in a form could otherwise have our mails lead anywhere. Values in the addresses of `links` are encoded there, and so need no care.
 */
export async function valuesFor(
  db: Db,
  sectionId: SectionId,
  profileIds: readonly ProfileId[],
  {
    attributeIds,
    tagIds,
    language,
    html,
    links = [],
  }: Pick<CompiledMail, 'attributeIds' | 'tagIds' | 'language'> & { html?: string; links?: readonly Link[] },
): Promise<Map<ProfileId, Recipient>> {
  const inLinks = new Set(links.flatMap(({ address }) => attributesInAddress(address)));
  const found = await rows<{
    profileId: ProfileId;
    values: [AttributeId, AttributeType, AttributeValue, boolean][];
    tagIds: TagId[];
  }>(
    db,
    sql`
      with recursive chain (wanted, id, merged_into) as (
        select id, id, merged_into from tag where section_id = ${sectionId} and id = any(${tagIds}::int[])
        union
        select chain.wanted, tag.id, tag.merged_into
        from chain
        join tag on tag.section_id = ${sectionId} and tag.id = chain.merged_into
      ),
      meant as materialized (select wanted, id from chain where merged_into is null),
      field as materialized (
        select id, code, type, code = any(${NAMES}::text[]) as is_name from attribute
        where section_id = ${sectionId} and id = any(${attributeIds}::int[]) and hidden_at is null
      )
      select profile.id as "profileId",
        coalesce((
          select jsonb_agg(jsonb_build_array(field.id, field.type, profile.attributes -> field.code, field.is_name))
          from field
          where profile.attributes ? field.code
        ), '[]') as values,
        coalesce((
          select array_agg(meant.wanted)
          from meant
          join profile_tag held
            on held.section_id = ${sectionId} and held.profile_id = profile.id and held.tag_id = meant.id
        ), '{}') as "tagIds"
      from profile
      where profile.section_id = ${sectionId} and profile.id = any(${profileIds}::bigint[])`,
    { prepare: true },
  );
  return new Map(
    found.map(({ profileId, values, tagIds: held }) => [
      profileId,
      {
        values: new Map(
          values.map(([id, type, value, isName]) => {
            const words = valueInWords(type, value, language);
            return [id, isName && html !== undefined ? withoutLinks(words) : words];
          }),
        ),
        ...(inLinks.size > 0 && {
          linkValues: new Map(
            values.flatMap(([id, , value]) => (inLinks.has(id) ? [[id, valueInLink(value)] as const] : [])),
          ),
        }),
        tags: new Set(held),
      },
    ]),
  );
}
