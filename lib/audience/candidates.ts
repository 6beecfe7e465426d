// Who gets a message, and why others who match do not, as one relation: the live count, the sample and the freeze of a send all
// read this one, so what is promised is what is sent.
import type { Channel } from '@/lib/consents/schema';
import type { MessageId, ProfileId, SectionId, TopicId } from '@/lib/db/ids';
import { join, one, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { namesOfProfiles } from '@/lib/profiles/queries';
import { isMember, memberIds } from '@/lib/segments/compile';
import type { Rules } from '@/lib/segments/schema';
import { consentedProfiles, suppressedProfiles, type MessageKind } from '@/lib/suppression/may-receive';
import { conditionOf, type OpenAudience } from './open';
import { AUDIENCE_REASONS, type AudienceCounts, type AudiencePart, type AudienceReason } from './schema';

/**
 * What the message is. `exceptRecipientsOf`: leaves out all who are or were a recipient of this message, by person and by
 * address. `failedOf`: only those for whom this message failed, instead of what is included.
 */
export type About = {
  sectionId: SectionId;
  channel: Channel;
  kind: MessageKind;
  topicIds: readonly TopicId[];
  exceptRecipientsOf?: MessageId;
  failedOf?: MessageId;
};

/**
 * `select profile_id bigint, address text, address_key text, reason text`: everyone who matches, once, with an
 * `AudienceReason`. `address` is null for 'noAddress'. An address belongs to one profile of a section, so none is there
 * twice. `now`: the moment from which segments count back; it also draws the random part.
 */
export function candidates(open: OpenAudience, about: About, now: Date): Sql {
  const asked = askedOf(open, about, now);
  const { most } = open.audience;
  if (most === null) return asked;
  return sql`
    select asked.profile_id, asked.address, asked.address_key,
      case
        when asked.reason = 'gets' and row_number() over (
          partition by asked.reason order by hashint8extended(asked.profile_id, ${now.getTime()}::bigint), asked.profile_id
        ) > ${most} then 'overLimit'
        else asked.reason
      end as reason
    from (${asked}) asked`;
}

/** The same without the limit. Sets that are joined by profile id, all of which indexes return in that order. */
function askedOf(open: OpenAudience, about: About, now: Date): Sql {
  const { sectionId, channel, kind, topicIds: topics, exceptRecipientsOf, failedOf } = about;
  const keyspaceId = open.keyspaces[channel];
  const consent = kind === 'marketing';
  return sql`
    select member.profile_id, own.key as address, own.key as address_key,
      case
        when own.profile_id is null then 'noAddress'
        ${consent ? sql`when consented.profile_id is null then 'noConsent'` : sql``}
        when suppressed.profile_id is not null then 'suppressed'
        else 'gets'
      end as reason
    from (${membersOf(open, sectionId, now, failedOf === undefined ? undefined : failedFor(sectionId, failedOf))}) member
    left join profile_key own
      on own.section_id = ${sectionId} and own.keyspace_id = ${keyspaceId} and own.profile_id = member.profile_id
    ${
      consent
        ? sql`left join (${consentedProfiles({ sectionId, channel, topics })}) consented
              on consented.profile_id = member.profile_id`
        : sql``
    }
    left join (${suppressedProfiles({ sectionId, channel, kind }, keyspaceId)}) suppressed
      on suppressed.profile_id = member.profile_id
    where true ${exceptRecipientsOf === undefined ? sql`` : sql`and ${isNew(sectionId, exceptRecipientsOf)}`}
      ${failedOf === undefined ? sql`` : sql`and not ${gotAt(sectionId, failedOf, sql`own.key`)}`}`;
}

/** How many of those who were chosen are left out again by what is excluded. */
export async function countLeftOut(
  db: Db,
  open: OpenAudience,
  { sectionId }: Pick<About, 'sectionId'>,
  now: Date,
): Promise<number> {
  const outside = outsideOf(open, sectionId, now);
  if (outside === null) return 0;
  const { people } = await one<{ people: number }>(
    db,
    sql`select count(*) as people from (${includedIn(open, sectionId, now)}) included where not (${outside})`,
  );
  return people;
}

/** `select profile_id` of everyone who matches: in any of what is included (or `among`, instead of that), in nothing of what is excluded. */
function membersOf(open: OpenAudience, sectionId: SectionId, now: Date, among?: Sql): Sql {
  const included = among ?? includedIn(open, sectionId, now);
  const outside = outsideOf(open, sectionId, now);
  if (outside === null) return included;
  return sql`select included.profile_id from (${included}) included where ${outside}`;
}

/** `select profile_id` of everyone in any of what is included. */
function includedIn(open: OpenAudience, sectionId: SectionId, now: Date): Sql {
  const { include } = open.audience;
  if (include.length === 0)
    return sql`select profile.id as profile_id from profile where profile.section_id = ${sectionId}`;
  return join(
    include.map((part) => sql`(${peopleIn(open, part, sectionId, now)})`),
    '\nunion\n',
  );
}

/** A condition: `included.profile_id` is in nothing of what is excluded. Null: nothing is. */
function outsideOf(open: OpenAudience, sectionId: SectionId, now: Date): Sql | null {
  const { exclude } = open.audience;
  if (exclude.length === 0) return null;
  const outside = exclude.map(
    (part) =>
      sql`not exists (select from (${peopleIn(open, part, sectionId, now)}) excluded where excluded.profile_id = included.profile_id)`,
  );
  return join(outside, ' and ');
}

const peopleIn = ({ definitions }: OpenAudience, part: AudiencePart, sectionId: SectionId, now: Date): Sql =>
  part.kind === 'message' ? reachedBy(sectionId, part.id) : memberIds({ sectionId, definitions, now }, asRules(part));

/** A condition: the profile with an id, a column of the statement, is in something that is excluded. For few profiles. Null: nothing is. */
export function isExcluded(
  { audience, definitions }: OpenAudience,
  { sectionId, now, profileId }: { sectionId: SectionId; now: Date; profileId: Sql },
): Sql | null {
  const conditions = audience.exclude.map((part) =>
    part.kind === 'message'
      ? sql`exists (select from (${reachedBy(sectionId, part.id)}) reached where reached.profile_id = ${profileId} offset 0)`
      : isMember({ sectionId, definitions, now }, asRules(part), profileId),
  );
  return conditions.length === 0 ? null : sql`(${join(conditions, ' or ')})`;
}

/** Segments have time zones of their own, and tags need none. */
const asRules = (part: Extract<AudiencePart, { kind: 'tag' | 'segment' }>): Rules => ({
  timeZone: 'UTC',
  root: { kind: 'group', match: 'all', items: [conditionOf(part)] },
});

/** `select profile_id` of the people who got a message, may have got it or are about to. */
const reachedBy = (sectionId: SectionId, messageId: MessageId): Sql => sql`
  select distinct profile.id as profile_id
  from recipient
  join profile on profile.section_id = ${sectionId} and profile.id = recipient.profile_id
  where ${ofMessage(sectionId, messageId)}
    and recipient.state in ('waiting', 'held', 'claimed', 'handing', 'sent', 'unknown')`;

/** A condition on a recipient: the person has the message, may have it, or is about to. */
const mayHaveIt = (row: Sql): Sql => sql`(
  ${row}.state in ('waiting', 'held', 'claimed', 'handing', 'unknown') or ${row}.state = 'sent' and ${row}.bounced_at is null
  or ${row}.opened_at is not null or ${row}.clicked_at is not null or ${row}.left_at is not null
  or ${row}.complained_at is not null
)`;

/**
 * `select profile_id` of the people who were to get a message and of whom it is known that they did not: it was refused, came back, or could not be written. Nobody
 * who may have it in any of its sends.
 */
export const failedFor = (sectionId: SectionId, messageId: MessageId): Sql => sql`
  select distinct recipient.profile_id
  from recipient
  join profile on profile.section_id = ${sectionId} and profile.id = recipient.profile_id
  where ${ofMessage(sectionId, messageId)} and recipient.occurrence = 0
    and (recipient.state in ('refused', 'unknown', 'skipped', 'failed', 'cancelled') or recipient.bounced_at is not null)
    and (recipient.state in ('refused', 'failed') or recipient.state = 'sent' and recipient.bounced_at is not null)
    and not exists (
      select from recipient other
      join send on send.section_id = ${sectionId} and send.id = other.send_id and send.message_id = ${messageId}
      where other.section_id = ${sectionId} and other.profile_id = recipient.profile_id and ${mayHaveIt(sql`other`)}
    )`;

/** A condition: somebody may have the message at an address, perhaps as another person. */
const gotAt = (sectionId: SectionId, messageId: MessageId, address: Sql): Sql => sql`exists (
  select from recipient
  where ${ofMessage(sectionId, messageId)} and recipient.address_key = ${address} and ${mayHaveIt(sql`recipient`)}
)`;

/** A condition: the recipient is of any send of the message. */
const ofMessage = (sectionId: SectionId, messageId: MessageId): Sql => sql`
  recipient.section_id = ${sectionId} and recipient.send_id in (
    select send.id from send where send.section_id = ${sectionId} and send.message_id = ${messageId}
  )`;

function isNew(sectionId: SectionId, messageId: MessageId): Sql {
  const earlier = ofMessage(sectionId, messageId);
  return sql`
    not exists (select from recipient where ${earlier} and recipient.profile_id = member.profile_id)
    and not exists (select from recipient where ${earlier} and recipient.address_key = own.key)`;
}

/** How many match, and how many of them for each reason. */
export async function countAudience(db: Db, open: OpenAudience, about: About, now: Date): Promise<AudienceCounts> {
  const found = await rows<{ reason: AudienceReason; people: number }>(
    db,
    sql`
      select candidate.reason, count(*) as people
      from (${askedOf(open, about, now)}) candidate
      group by candidate.reason`,
  );
  const people = (wanted: AudienceReason) => found.find(({ reason }) => reason === wanted)?.people ?? 0;
  const counts = Object.fromEntries(AUDIENCE_REASONS.map((reason) => [reason, people(reason)]));
  const matches = found.reduce((sum, row) => sum + row.people, 0);
  // How many a random part has needs no draw: sorting a million people for it would double the time.
  const gets = Math.min(people('gets'), open.audience.most ?? Infinity);
  return { matches, ...counts, overLimit: people('gets') - gets, gets } as AudienceCounts;
}

const SAMPLE = 10;

/** Some of those with a reason, newest profile first. */
export async function sampleAudience(
  db: Db,
  open: OpenAudience,
  about: About,
  now: Date,
  reason: AudienceReason,
): Promise<{ id: ProfileId; name: string }[]> {
  const chosen = await rows<{ id: ProfileId }>(
    db,
    // As a set of its own: planned for ten people only, it would be looked for one by one, which takes minutes if they are rare.
    sql`
      with candidate as materialized (
        select candidate.profile_id
        from (${candidates(open, about, now)}) candidate
        where candidate.reason = ${reason}
      )
      select candidate.profile_id as id from candidate
      order by candidate.profile_id desc
      limit ${SAMPLE}`,
  );
  const ids = chosen.map(({ id }) => id);
  const named = await namesOfProfiles(db, about.sectionId, ids);
  return named.toSorted((one, other) => other.id - one.id);
}
