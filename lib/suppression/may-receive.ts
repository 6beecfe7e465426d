// Who may get a message, as SQL: for a count, a freeze and a claim the same conditions. For few people as conditions on a
// row, for many as sets of profiles, which are read from indexes in the order of their ids and so joined by merging.
import type { Channel } from '@/lib/consents/schema';
import type { KeyspaceId, SectionId, TopicId } from '@/lib/db/ids';
import { join, sql, type Sql } from '@/lib/db/sql';
import { KEY_OF_CHANNEL, STOPS_ALL } from './schema';

/** `service`: what somebody needs whatever they subscribe to, such as a receipt: no consent is asked. */
export type MessageKind = 'marketing' | 'service';

/** Consents that are one. Others, such as an opt-in that waits to be confirmed, are none. */
const AGREED = ['opt-in', 'confirmed-opt-in'] as const;

export type Message = { sectionId: SectionId; channel: Channel; topics: readonly TopicId[]; kind: MessageKind };

/** A condition: the person has consented to one of the topics on the channel. `profileId`: a column of the statement. */
export const hasConsent = ({ sectionId, channel, topics }: Omit<Message, 'kind'>, profileId: Sql): Sql => sql`exists (
  select from consent
  where consent.section_id = ${sectionId} and consent.profile_id = ${profileId}
    and consent.topic_id = any(${topics}::int[]) and consent.channel = ${channel}
    and consent.type = any(${AGREED}::text[])
)`;

/** `select profile_id` of all who have consented to one of the topics on the channel, each once. No topics: nobody. */
export function consentedProfiles({ sectionId, channel, topics }: Omit<Message, 'kind'>): Sql {
  if (topics.length === 0) return sql`select null::bigint as profile_id where false`;
  const each = topics.flatMap((topicId) =>
    AGREED.map(
      (type) => sql`(
        select consent.profile_id from consent
        where consent.section_id = ${sectionId} and consent.topic_id = ${topicId}
          and consent.channel = ${channel} and consent.type = ${type}
      )`,
    ),
  );
  return join(each, '\nunion\n');
}

const stopping = (kind: MessageKind): Sql =>
  kind === 'service' ? sql`and suppression.reason = any(${STOPS_ALL}::text[])` : sql``;

/** A condition: the address gets no message of the kind. `address`: as `normaliseKey` spells it. */
export const isSuppressed = ({ sectionId, channel, kind }: Omit<Message, 'topics'>, address: Sql): Sql => sql`exists (
  select from suppression
  where suppression.section_id = ${sectionId} and suppression.channel = ${channel}
    and suppression.address_key = ${address} collate "C" and suppression.lifted_at is null
    ${stopping(kind)}
)`;

/** `select profile_id` of all whose address gets no message of the kind. `keyspaceId`: of the channel's addresses. */
export const suppressedProfiles = (
  { sectionId, channel, kind }: Omit<Message, 'topics'>,
  keyspaceId: KeyspaceId,
): Sql => sql`
  select own.profile_id
  from suppression
  join profile_key own
    on own.section_id = ${sectionId} and own.keyspace_id = ${keyspaceId} and own.key = suppression.address_key
  where suppression.section_id = ${sectionId} and suppression.channel = ${channel} and suppression.lifted_at is null
    ${stopping(kind)}`;

/**
 * A condition on a person and their address: they have one, it is not suppressed and, for marketing, they have consented
 * to one of the topics.
 */
export const mayReceive = (message: Message, of: { profileId: Sql; address: Sql }): Sql => sql`(
  ${of.address} is not null and not ${isSuppressed(message, of.address)}
  ${message.kind === 'marketing' ? sql`and ${hasConsent(message, of.profileId)}` : sql``}
)`;

/** The address of a person on a channel, or null: their key of Email or Mobile. `profileId`: a column of the statement. */
export const addressOf = (sectionId: SectionId, channel: Channel, profileId: Sql): Sql => sql`(
  select own.key from profile_key own
  join keyspace on keyspace.id = own.keyspace_id and keyspace.kind = ${KEY_OF_CHANNEL[channel]}
  where own.section_id = ${sectionId} and own.profile_id = ${profileId}
  limit 1
)`;
