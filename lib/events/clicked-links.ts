// Links of messages as people clicked them. A link is its place and its address in the versions that went out, as in the report: they stay when the message is
// changed or deleted.
import type { MessageId, SectionId } from '@/lib/db/ids';
import { sql, type Sql } from '@/lib/db/sql';
import { LINK_FIELD, MESSAGE_FIELD } from './message-field';

/** What a link is known by in rules, as an expression on its entry in `links` of a version. */
export const linkKey = (link: Sql): Sql =>
  sql`left(md5((${link} ->> 'place') || chr(10) || (${link} ->> 'address')), 16)`;

/** The links of the versions that sends of messages have, in FROM, as `version, nth, link`: `nth` names it in events. `messageIds`: as `= any(…)` takes them. */
export const linksOfVersions = (sectionId: SectionId, messageIds: Sql): Sql => sql`(
  select version.message_id, version.version, (entry.nth - 1)::smallint as nth, entry.link
  from message_version version
  cross join lateral jsonb_array_elements(version.compiled -> 'links') with ordinality entry (link, nth)
  where version.section_id = ${sectionId} and version.message_id = any(${messageIds}) and exists (
    select from send
    where send.section_id = ${sectionId} and send.message_id = version.message_id and send.version = version.version
  )
)`;

/** The events 'clicked' of one message, once for each link of it that somebody has clicked: like those of `eventsOf`, with the link in their data. */
export const clickedLinksOf = (sectionId: SectionId, messageId: MessageId, isThere: Sql): Sql => sql`(
  select recipient.section_id, recipient.profile_id, min(done.at) as at,
    jsonb_build_object(${MESSAGE_FIELD}::text, send.message_id::text, ${LINK_FIELD}::text, ${linkKey(sql`place.link`)}) as data
  from send
  join ${linksOfVersions(sectionId, sql`array[${messageId}]::int[]`)} place
    on place.message_id = send.message_id and place.version = send.version
  join recipient_event done
    on done.section_id = ${sectionId} and done.send_id = send.id and done.kind = 'clicked' and done.link = place.nth
    and not done.machine
  join recipient on recipient.section_id = ${sectionId} and recipient.number = done.number
  where send.section_id = ${sectionId} and send.message_id = ${messageId} and ${isThere}
  group by recipient.section_id, recipient.profile_id, recipient.number, send.message_id, ${linkKey(sql`place.link`)}
)`;
