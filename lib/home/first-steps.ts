// The first steps in a section, and which of them have been taken.
import type { ProfileId, SectionId } from '@/lib/db/ids';
import { one, sql, type Db } from '@/lib/db/sql';

/** `newest`: a profile to try tagging on; null without any. */
export type FirstSteps = {
  tags: boolean;
  people: boolean;
  tagged: boolean;
  segment: boolean;
  newest: ProfileId | null;
};

export const firstSteps = (db: Db, sectionId: SectionId): Promise<FirstSteps> =>
  one<FirstSteps>(
    db,
    sql`
      select
        exists (select from tag where section_id = ${sectionId} and hidden_at is null) as tags,
        exists (select from profile where section_id = ${sectionId}) as people,
        exists (select from profile_tag where section_id = ${sectionId}) as tagged,
        exists (select from segment where section_id = ${sectionId}) as segment,
        (select id from profile where section_id = ${sectionId} order by id desc limit 1) as newest`,
  );
