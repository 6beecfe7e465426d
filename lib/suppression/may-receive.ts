// Who may get a message, as SQL: for a count, a freeze and a claim the same conditions.
import type { Channel } from '@/lib/consents/schema';
import type { SectionId, TopicId } from '@/lib/db/ids';
import { sql, type Sql } from '@/lib/db/sql';
import { KEY_OF_CHANNEL, STOPS_ALL } from './schema';

/** `service`: what somebody needs whatever they subscribe to, such as a receipt: no consent is asked. */
export type MessageKind = 'marketing' | 'service';

export type Message = { sectionId: SectionId; channel: Channel; topics: readonly TopicId[]; kind: MessageKind };

/** A condition: the person has consented to one of the topics on the channel. `profileId`: a column of the statement. */
export const hasConsent = ({ sectionId, channel, topics }: Omit<Message, 'kind'>, profileId: Sql): Sql => sql`exists (
  select from consent
  where consent.section_id = ${sectionId} and consent.profile_id = ${profileId}
    and consent.topic_id = any(${topics}::int[]) and consent.channel = ${channel}
    and consent.type in ('opt-in', 'confirmed-opt-in')
)`;

/** A condition: the address gets no message of the kind. `address`: as `normaliseKey` spells it. */
export const isSuppressed = ({ sectionId, channel, kind }: Omit<Message, 'topics'>, address: Sql): Sql => sql`exists (
  select from suppression
  where suppression.section_id = ${sectionId} and suppression.channel = ${channel}
    and suppression.address_key = ${address} collate "C" and suppression.lifted_at is null
    ${kind === 'service' ? sql`and suppression.reason = any(${STOPS_ALL}::text[])` : sql``}
)`;

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
