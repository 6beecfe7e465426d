// What becomes of a person's rows as a recipient of messages when profiles are erased, merged or undone.
import { execute, rows, sql, type Db } from '@/lib/db/sql';
import type { ProfileFollower } from '@/lib/followers/profile-follower';
import type { TimelineEntry, TimelinePage } from '@/lib/followers/timeline';
import type { PlainLine } from '@/lib/mail-document/schema';
import { plainText } from '@/lib/mail-document/template';
import { mergeRecipients } from './merged-recipients';
import { lockAndTakeBack } from './take-back';

export const recipientFollower: ProfileFollower = {
  tables: ['recipient'],
  /** The states stay for the report; what says who it was goes, and nothing more is sent. */
  erase: async (tx, { cause: { sectionId }, profileIds, formerly, keys }) => {
    const now = new Date();
    const ids = [...profileIds, ...formerly];
    await lockAndTakeBack(tx, sectionId, sql`recipient.profile_id = any(${ids}::bigint[])`, now);
    await execute(
      tx,
      sql`
        update recipient set
          address = null, address_key = null, answer = null, given = null,
          state = case when state in ('waiting', 'held') then 'skipped' else state end,
          why = case when state in ('waiting', 'held') then 'erased' else why end,
          ended_at = case when state in ('waiting', 'held') then ${now} else ended_at end
        where section_id = ${sectionId} and profile_id = any(${ids}::bigint[])`,
    );
    await execute(
      tx,
      sql`
        update recipient_event event set agent = ''
        from recipient
        where recipient.section_id = ${sectionId} and recipient.profile_id = any(${ids}::bigint[])
          and event.section_id = ${sectionId} and event.number = recipient.number and event.agent <> ''`,
    );
    await execute(
      tx,
      sql`
        update bounce set address_key = null, answer = null
        from recipient
        where recipient.section_id = ${sectionId} and recipient.profile_id = any(${ids}::bigint[])
          and bounce.section_id = ${sectionId} and bounce.number = recipient.number`,
    );
    await execute(
      tx,
      sql`
        update bounce set address_key = null, answer = null
        where section_id = ${sectionId} and number is null and address_key = any(${keys}::text[])`,
    );
  },
  merge: mergeRecipients,
  keepReasons: [
    {
      why: 'has been sent a message',
      when: ({ sectionId, profileId }) => sql`exists (
        select from recipient
        where recipient.section_id = ${sectionId} and recipient.profile_id = ${profileId}
          and recipient.state not in ('waiting', 'held', 'skipped', 'cancelled')
      )`,
    },
  ],
  timeline: { stream: 'messages', words: 'Messages', read: readMessageLines },
};

/** What a line says of a message. The order is that of its number in the line's id: never change it. */
const LINES = ['was sent', 'opened', 'clicked', 'unsubscribed', 'bounced', 'called spam', 'arrived'] as const;
const SMS_LINES: Partial<Record<(typeof LINES)[number], string>> = {
  'was sent': 'was sent by SMS',
  unsubscribed: 'opted out',
  bounced: 'did not arrive',
};

async function readMessageLines(db: Db, page: TimelinePage): Promise<TimelineEntry[]> {
  const { sectionId, profileId, older, limit } = page;
  const found = await rows<{
    id: number;
    at: Date;
    messageId: number;
    name: string;
    line: number;
    address: string | null;
    isSms: boolean;
    subject: PlainLine | null;
    clicked: string[] | null;
  }>(
    db,
    sql`
      select recipient.number * 8 + line.nth as id, line.at, message.id as "messageId", message.name, line.nth as line, recipient.address,
        message.channel = 'sms' as "isSms",
        case
          when line.nth <> 0 then null
          when recipient.variant = 0 then version.content #> '{document,subject}'
          else version.content #> array['ab', 'others', (recipient.variant - 1)::text, 'subject']
        end as subject,
        case when line.nth = 2 then (
          select array_agg(distinct version.compiled -> 'links' -> event.link::int ->> 'place')
          from recipient_event event
          where event.section_id = ${sectionId} and event.number = recipient.number and event.kind = 'clicked' and not event.machine
        ) end as clicked
      from recipient
      cross join lateral (
        values (0, case when recipient.state = 'sent' then recipient.ended_at end), (1, recipient.opened_at),
          (2, recipient.clicked_at), (3, recipient.left_at), (4, recipient.bounced_at), (5, recipient.complained_at),
          (6, recipient.delivered_at)
      ) line (nth, at)
      join send on send.section_id = ${sectionId} and send.id = recipient.send_id
      join message on message.section_id = ${sectionId} and message.id = send.message_id
      join message_version version
        on version.section_id = ${sectionId} and version.message_id = send.message_id and version.version = send.version
      where recipient.section_id = ${sectionId} and recipient.profile_id = ${profileId} and line.at is not null
        and not (line.nth = 1 and message.channel = 'sms')
        and ${older(sql`line.at`, sql`(recipient.number * 8 + line.nth)`)}
      order by line.at desc, recipient.number * 8 + line.nth desc
      limit ${limit}`,
  );
  return found.map(({ id, at, messageId, name, line, address, isSms, subject, clicked }) => ({
    id,
    at,
    icon: 'message',
    about: name,
    path: `messages/${messageId}`,
    what: (isSms && SMS_LINES[LINES[line]!]) || LINES[line]!,
    details: [
      ...(subject ? [{ name: 'Subject', after: plainText(subject) }] : []),
      ...(line === 0 && address !== null ? [{ name: 'To', after: isSms ? `+${address}` : address }] : []),
      ...(clicked ? [{ name: clicked.length === 1 ? 'Link' : 'Links', after: clicked.join(', ') }] : []),
    ],
    from: 'Message',
    undone: null,
  }));
}
