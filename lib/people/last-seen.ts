// When a person last did something of their own, in all subjects.
import type { ProfileId, SectionId } from '@/lib/db/ids';
import { sql, type Sql } from '@/lib/db/sql';

/**
 * An expression: the last time that a profile did something; null if never. Events of other systems, forms that they submitted or confirmed, and mails
 * that they, not a program, opened or followed.
 */
export const lastSeenOf = (sectionId: SectionId, profileId: ProfileId): Sql => sql`greatest(
  (select max(at) from profile_event where section_id = ${sectionId} and profile_id = ${profileId}),
  (
    select max(greatest(at, confirmed_at)) from form_submission
    where section_id = ${sectionId} and profile_id = ${profileId} and state in ('done', 'pending')
  ),
  (
    select max(greatest(opened_at, clicked_at)) from recipient
    where section_id = ${sectionId} and profile_id = ${profileId}
  )
)`;
