// Whom a mail is looked at as: those who get it, one after the other, or only those who have no value for something that it uses.
import { z } from 'zod';
import { query } from '@/lib/access/query';
import { candidates } from '@/lib/audience/candidates';
import { lostPartsOf, openAudience } from '@/lib/audience/open';
import { AudienceAsked } from '@/lib/audience/reads';
import { AttributeIdSchema, type AttributeId, type ProfileId, type SectionId } from '@/lib/db/ids';
import { join, one, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { namesOfProfiles } from '@/lib/profiles/queries';

/** So many are shown by name; how many there are is counted. */
const SHOWN = 100;
const USED_MAX = 100;

/** `lacks`: what they have no value for, by name. */
export type PreviewPerson = { id: ProfileId; name: string; lacks: string[] };

/** `total`: how many there are, of whom `people` are the newest. */
export type PreviewPeople = { people: PreviewPerson[]; total: number };

type Used = { code: string; name: string };

const isEmpty = (code: string): Sql => sql`coalesce(btrim(profile.attributes ->> ${code}), '') = ''`;

/** Those who get a mail, the newest profiles first. `attributeIds`: what it uses. `without`: only those who have no value for one of these. */
export const readPreviewPeople = query({
  name: 'messages.list-preview-people',
  scope: 'section',
  allow: 'everyone',
  timeLimit: 'slow',
  input: AudienceAsked.extend({
    attributeIds: z.array(AttributeIdSchema).max(USED_MAX),
    without: z.boolean().default(false),
  }),
  run: async ({ db }, { audience, attributeIds, without, ...about }): Promise<PreviewPeople> => {
    const { sectionId } = about;
    const lost = await lostPartsOf(db, sectionId, audience);
    const used = await usedOf(db, sectionId, attributeIds);
    if (lost.length > 0 || (without && used.length === 0)) return { people: [], total: 0 };
    const open = await openAudience(db, sectionId, audience);
    const lacking = join(
      used.map(({ code }) => isEmpty(code)),
      ' or ',
    );
    const { ids, total } = await one<{ ids: ProfileId[]; total: number }>(
      db,
      sql`
        with candidate as materialized (
          select candidate.profile_id from (${candidates(open, about, new Date())}) candidate
          ${
            without
              ? sql`join profile on profile.section_id = ${sectionId} and profile.id = candidate.profile_id and (${lacking})`
              : sql``
          }
          where candidate.reason = 'gets'
        )
        select (select count(*)::int from candidate) as total, coalesce((
          select json_agg(shown.profile_id) from (
            select profile_id from candidate order by profile_id desc limit ${SHOWN}
          ) shown
        ), '[]') as ids`,
    );
    return { people: await peopleOf(db, sectionId, ids, used), total };
  },
});

const usedOf = (db: Db, sectionId: SectionId, ids: readonly AttributeId[]): Promise<Used[]> =>
  rows<Used>(
    db,
    sql`select code, name from attribute where section_id = ${sectionId} and id = any(${ids}::int[]) order by name_key`,
  );

async function peopleOf(
  db: Db,
  sectionId: SectionId,
  ids: readonly ProfileId[],
  used: readonly Used[],
): Promise<PreviewPerson[]> {
  const lacks =
    used.length === 0
      ? sql`array[]::text[]`
      : sql`array_remove(array[${join(
          used.map(({ code, name }) => sql`case when ${isEmpty(code)} then ${name}::text end`),
          ', ',
        )}], null)`;
  const found = await rows<{ id: ProfileId; lacks: string[] }>(
    db,
    sql`
      select profile.id, ${lacks} as lacks from profile
      where profile.section_id = ${sectionId} and profile.id = any(${ids}::bigint[])
      order by profile.id desc`,
  );
  const names = new Map((await namesOfProfiles(db, sectionId, ids)).map(({ id, name }) => [id, name]));
  return found.map((person) => ({ ...person, name: names.get(person.id) ?? `Profile ${person.id}` }));
}
