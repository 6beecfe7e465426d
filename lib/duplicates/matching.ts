// What profiles are compared by: each value in one spelling, so that equal spellings mean a possible duplicate. The same
// statement part finds pairs among all profiles, and checks pairs when they are shown.
import type { SectionId } from '@/lib/db/ids';
import { join, maybeOne, sql, type Db, type Sql } from '@/lib/db/sql';
import { REASON_BITS, REASONS, type Reason } from './schema';
import type { Sources } from './sources';

/** Mailboxes whose addresses ignore dots. They are one service under two names. */
const DOTLESS = ['gmail.com', 'googlemail.com'];

/** Country calling codes (ITU E.164), none of which begins another: 1 and 7, those of two digits, those of three. */
const CALLING_CODE =
  '1|7|2[07]|2[1-689][0-9]|3[0-469]|3[578][0-9]|4[013-9]|42[0-9]|5[1-8]|5[09][0-9]|6[0-6]|6[7-9][0-9]|8[1246]|8[035789][0-9]|9[0-58]|9[679][0-9]';

/** National numbers without a leading zero are at most this long; those of the calling code 1 have one digit more. */
const NATIONAL_MAX = 9;

/** The newest profiles tell how phone numbers are written in a section. */
const SAMPLE = 20_000;

/** How profiles are compared. `callingCode`: of phone numbers that are written without a country; null if unknown. */
export type Comparing = { sources: Sources; callingCode: string | null };

/**
 * Relation `profile_id, reason, code, raw, value`: what profiles of the section are compared by. `value` is the same for
 * two profiles that may be one person. A profile may have the same value in several attributes. `which`: a condition on
 * `profile` that begins with `and`.
 */
export function comparedValues(
  sectionId: SectionId,
  { sources, callingCode }: Comparing,
  { reasons = REASONS, which = sql`` }: { reasons?: readonly Reason[]; which?: Sql } = {},
): Sql {
  const values = reasons.flatMap((reason) =>
    sources[reason].map((code) => {
      const raw = sql`(profile.attributes ->> ${code}::text)`;
      const spelling =
        reason === 'name' ? NAME : reason === 'email' ? emailSpelling(raw) : phoneSpelling(raw, code, callingCode);
      return sql`
        select profile.id as profile_id, ${REASON_BITS[reason]}::smallint as reason, ${code}::text as code, ${raw} as raw,
          ${spelling} as value
        from profile
        where profile.section_id = ${sectionId} and ${raw} <> '' ${which}`;
    }),
  );
  // Without 'offset 0', each spelling would be worked out twice: for the condition and for the row.
  return sql`
    select profile_id, reason, code, raw, value from (${join(values, '\nunion all\n')} offset 0) candidate
    where value is not null`;
}

/** Without capitals, without what follows a plus, and for Google's mailboxes without dots. Null if it is not an address. */
function emailSpelling(raw: Sql): Sql {
  const plain = sql`lower(btrim(${raw}, E' \\t\\r\\n'))`;
  const address = sql`
    case when strpos(${raw}, '+') > 0 then regexp_replace(${plain}, '^([^+@]+)[+][^@]*@', '\\1@') else ${plain} end`;
  return sql`
    case
      when strpos(${raw}, '@') = 0 then null
      when ${raw} !~ '^[[:space:]]*[^@[:space:]]+@[^@[:space:]]+[.][^@[:space:]]+[[:space:]]*$' then null
      when split_part(${plain}, '@', 2) = any(${DOTLESS}::text[])
        then replace(split_part(${address}, '@', 1), '.', '') || '@' || ${DOTLESS[0]}::text
      else ${address}
    end`;
}

/** First and last name without capitals and further spaces, and the birthday. */
const NAME = sql`
  case
    when btrim(profile.attributes ->> 'firstname') <> '' and btrim(profile.attributes ->> 'lastname') <> ''
      and profile.attributes ->> 'birthdate' <> ''
    then regexp_replace(
      lower(btrim((profile.attributes ->> 'firstname') || ' ' || (profile.attributes ->> 'lastname'))), '[[:space:]]+', ' ', 'g'
    ) || ' ' || (profile.attributes ->> 'birthdate')
  end`;

/**
 * The digits of the international number. Numbers without a country are taken as numbers of `callingCode`; if that is
 * unknown, they are equal only to others that are written so. Null if it is not a phone number.
 */
function phoneSpelling(raw: Sql, code: string, callingCode: string | null): Sql {
  // Keys are stored as international digits; in other attributes, a spreadsheet may have dropped a leading zero.
  const nationalMax = code === 'mobile' ? 0 : callingCode === '1' ? NATIONAL_MAX + 1 : NATIONAL_MAX;
  return sql`
    case
      when ${code}::text = 'mobile' and ${raw} ~ '^[1-9][0-9]{6,14}$' then ${raw}
      when ${raw} ~ '^[[:space:]]*([tT][eE][lL]:)?[+]?[0-9 ()./[:space:]–-]{7,40}$' then (
        select case when international ~ '^[0-9]{7,15}$' then international end
        from (
          select case
            when compact like '+%' then substr(compact, 2)
            when compact like '00%' then substr(compact, 3)
            when compact like '0%' then ${callingCode ?? '0'}::text || substr(compact, 2)
            when length(compact) > ${nationalMax} then compact
            else ${callingCode ?? ''}::text || compact
          end as international
          from (select regexp_replace(replace(${raw}, '(0)', ''), '[^0-9+]', '', 'g')) as plain (compact)
        ) number
      )
    end`;
}

/**
 * The calling code of the country that most phone numbers of the section are of, by its newest profiles; null if no
 * country has most of them.
 */
export async function usualCallingCode(db: Db, sectionId: SectionId): Promise<string | null> {
  const found = await maybeOne<{ code: string; share: number }>(
    db,
    sql`
      select code, (count(*) / sum(count(*)) over ())::float8 as share
      from (
        select substring(attributes ->> 'mobile' from ${`^(${CALLING_CODE})`}::text) as code
        from profile
        where section_id = ${sectionId}
        order by id desc
        limit ${SAMPLE}
      ) newest
      where code is not null
      group by code
      order by count(*) desc, code
      limit 1`,
  );
  return found !== undefined && found.share > 0.5 ? found.code : null;
}
