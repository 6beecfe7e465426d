// What happens to consents when their profiles are erased, merged or undone; and their lines in the timeline.
import { rows, sql, type Db } from '@/lib/db/sql';
import type { ProfileFollower } from '@/lib/followers/profile-follower';
import type { TimelineEntry, TimelinePage } from '@/lib/followers/timeline';
import { throughOf } from '@/lib/tags/origin';
import { eraseConsents, moveConsents } from './change';
import { STRICTNESS, type Channel, type ConsentType } from './schema';
import { CONSENT_SOURCES, consentSourceInWords } from './source';
import { CHANNEL_IN_TEXT, CONSENT_WORDS } from './words';

export const consentFollower: ProfileFollower = {
  tables: ['consent', 'consent_change'],
  erase: (tx, { cause: { sectionId }, profileIds, formerly }) => eraseConsents(tx, sectionId, profileIds, formerly),
  /** On each topic and channel, keeps the stricter consent; if both are equally strict, the newer. */
  merge: (tx, { cause, into, from }) => moveConsents(tx, cause, { from, into, strictness: STRICTNESS }),
  keepReasons: [
    {
      why: 'has given or withdrawn a consent since',
      when: ({ sectionId, profileId, byOthers, tagsUndone }) => sql`(
        exists (
          select from consent_change change
          where change.section_id = ${sectionId} and change.profile_id = ${profileId} and ${byOthers(sql`change`)}
        )
        ${
          tagsUndone
            ? sql`or exists (
                select from consent where consent.section_id = ${sectionId} and consent.profile_id = ${profileId}
              )`
            : sql``
        }
      )`,
    },
  ],
  timeline: { stream: 'consents', words: 'Consents', read: readConsentLines },
};

type ConsentLine = {
  id: number;
  at: Date;
  topic: string;
  channel: Channel;
  before: ConsentType | null;
  after: ConsentType | null;
  reason: string;
  givenSource: string;
  wording: string;
  proof: string;
  source: number;
  by: string | null;
  through: string | null;
  undoneAt: Date | null;
  undoneBy: string | null;
};

/** An undo is shown with the change that it took back; what a merge moved is shown as it came about. */
async function readConsentLines(
  db: Db,
  { sectionId, profileId, formerly, older, limit }: TimelinePage,
): Promise<TimelineEntry[]> {
  const ids = [profileId, ...formerly];
  const found = await rows<ConsentLine>(
    db,
    sql`
      select change.id, change.at, change.topic, change.channel, change.before, change.after, change.reason,
        change.given_source as "givenSource", change.wording, change.proof, change.source, app_user.name as by,
        ${throughOf(sectionId, sql`change`)} as through, undone.at as "undoneAt", undoer.name as "undoneBy"
      from (
        select change.*, topic.name as topic, 0 as holder_id
        from consent_change change
        join topic on topic.section_id = change.section_id and topic.id = change.topic_id
        where change.section_id = ${sectionId} and change.profile_id = any(${ids}::bigint[])
          and change.source not in (${CONSENT_SOURCES.undo}, ${CONSENT_SOURCES.merge})
          and ${older(sql`change.at`, sql`change.id`)}
        order by change.at desc, change.id desc
        limit ${limit}
      ) change
      left join app_user on app_user.id = change.user_id
      left join lateral (
        select max(next.at) as at, (array_agg(next.user_id order by next.id desc))[1] as user_id
        from consent_change next
        where next.section_id = ${sectionId} and next.profile_id = change.profile_id
          and next.topic_id = change.topic_id and next.channel = change.channel and next.id > change.id
          and next.source = ${CONSENT_SOURCES.undo}
          and not exists (
            select from consent_change other
            where other.section_id = ${sectionId} and other.profile_id = change.profile_id
              and other.topic_id = change.topic_id and other.channel = change.channel
              and other.source <> ${CONSENT_SOURCES.undo} and other.id > change.id and other.id < next.id
          )
        having count(*) % 2 = 1
      ) undone on true
      left join app_user undoer on undoer.id = undone.user_id
      order by change.at desc, change.id desc`,
  );
  return found.map(({ id, at, topic, channel, before, after, source, by, through, undoneAt, undoneBy, ...said }) => ({
    id,
    at,
    icon: 'consent',
    about: topic,
    what: `by ${CHANNEL_IN_TEXT[channel]}: ${inWords(after)}`,
    details: [
      ...(before === null ? [] : [{ name: 'Before', after: inWords(before) }]),
      ...[
        { name: 'Given at', after: said.givenSource },
        { name: 'Reason', after: said.reason },
        { name: 'Wording', after: said.wording },
        { name: 'Proof', after: said.proof },
      ].filter((detail) => detail.after !== ''),
    ],
    from: consentSourceInWords(source, { by, through }),
    undone: undoneAt && { at: undoneAt, by: undoneBy },
  }));
}

const inWords = (type: ConsentType | null): string => (type === null ? 'no consent' : CONSENT_WORDS[type]);
