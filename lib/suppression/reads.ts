// Reads of the suppression list.
import { z } from 'zod';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { CHANNELS, ChannelSchema } from '@/lib/consents/schema';
import { ProfileIdSchema, type ProfileId, type SectionId } from '@/lib/db/ids';
import { rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { normaliseKey } from '@/lib/profiles/keys';
import { usableChannels } from './channels';
import { KEY_OF_CHANNEL, SuppressionReasonSchema, type SuppressionEntry } from './schema';

const PlaceSchema = z.object({ at: z.coerce.date(), id: z.int().min(0) });

/**
 * A page of the list, newest first. `search`: an address, or its beginning. `lifted`: those that were taken off instead of those that are on it.
 */
export const readSuppressions = query({
  name: 'suppression.list',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InSection.extend({
    search: z.string().max(320).default(''),
    channel: ChannelSchema.optional(),
    reason: SuppressionReasonSchema.optional(),
    lifted: z.boolean().default(false),
    before: PlaceSchema.optional(),
    limit: z.int().min(1).max(10_001),
  }),
  run: async (
    { db, actor },
    { sectionId, search, channel, reason, lifted, before, limit },
  ): Promise<SuppressionEntry[]> => {
    const usable = await usableChannels(db, actor);
    return rows<SuppressionEntry>(
      db,
      sql`
        select entry.id, entry.channel, entry.address_key as address, entry.reason, entry.evidence, entry.at,
          coalesce(app_user.name, 'API: ' || api_key.name) as by, entry.lifted_at as "liftedAt",
          lifter.name as "liftedBy", entry.lift_reason as "liftReason"
        from ${search === '' ? sql`suppression` : found(sectionId, search)} entry
        left join app_user on app_user.id = entry.user_id
        left join api_key on api_key.id = entry.api_key_id
        left join app_user lifter on lifter.id = entry.lifted_by
        where entry.section_id = ${sectionId} and entry.lifted_at is ${lifted ? sql`not null` : sql`null`}
          and entry.channel = any(${channel === undefined ? usable : usable.filter((one) => one === channel)}::text[])
          ${reason === undefined ? sql`` : sql`and entry.reason = ${reason}`}
          ${before === undefined ? sql`` : sql`and (entry.at, entry.id) < (${before.at}::timestamptz, ${before.id}::bigint)`}
        order by entry.at desc, entry.id desc
        limit ${limit}`,
    );
  },
});

/**
 * The entries whose address begins with the text, or is what it says in another spelling. A relation of its own, so that
 * the planner finds them by address instead of looking through the list in its order.
 */
function found(sectionId: SectionId, search: string): Sql {
  const spellings = [KEY_OF_CHANNEL.email, KEY_OF_CHANNEL.sms].flatMap((kind) => {
    const key = normaliseKey(kind, search);
    return key.ok ? [key.key] : [];
  });
  const start = search.trim().toLowerCase().replace(/^\+/, '');
  const pattern = `${start.replace(/[\\%_]/g, '\\$&')}%`;
  return sql`(
    select * from suppression
    where section_id = ${sectionId} and (address_key like ${pattern} or address_key = any(${spellings}::text[]))
    offset 0
  )`;
}

/** Why a person gets nothing on a channel. */
export type OwnSuppression = Pick<SuppressionEntry, 'channel' | 'address' | 'reason' | 'at' | 'by'>;

/** The suppressed addresses of a profile. */
export function suppressionsOf(db: Db, sectionId: SectionId, profileId: ProfileId): Promise<OwnSuppression[]> {
  return rows<OwnSuppression>(
    db,
    sql`
      select entry.channel, entry.address_key as address, entry.reason, entry.at,
        coalesce(app_user.name, 'API: ' || api_key.name) as by
      from (
        select kinds.channel, own.key
        from profile_key own
        join keyspace on keyspace.id = own.keyspace_id
        join unnest(${CHANNELS}::text[], ${CHANNELS.map((channel) => KEY_OF_CHANNEL[channel])}::text[])
          kinds (channel, kind) on kinds.kind = keyspace.kind
        where own.section_id = ${sectionId} and own.profile_id = ${profileId}
      ) address
      join suppression entry
        on entry.section_id = ${sectionId} and entry.channel = address.channel
        and entry.address_key = address.key collate "C" and entry.lifted_at is null
      left join app_user on app_user.id = entry.user_id
      left join api_key on api_key.id = entry.api_key_id
      order by entry.channel`,
  );
}

/** The suppressed addresses of a profile, for its page. */
export const readSuppressionsOf = query({
  name: 'suppression.read-of-profile',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ profileId: ProfileIdSchema }),
  run: ({ db }, { sectionId, profileId }) => suppressionsOf(db, sectionId, profileId),
});
