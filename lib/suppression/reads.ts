// Reads of the suppression list.
import { z } from 'zod';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { CHANNELS, ChannelSchema, type Channel } from '@/lib/consents/schema';
import { ProfileIdSchema, type ProfileId, type SectionId } from '@/lib/db/ids';
import { one, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { normaliseKey } from '@/lib/profiles/keys';
import { usableChannels } from './channels';
import {
  KEY_OF_CHANNEL,
  REASONS,
  SuppressionReasonSchema,
  type SuppressionEntry,
  type SuppressionReason,
} from './schema';

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
    const channels = channel === undefined ? usable : usable.filter((one) => one === channel);
    const reasons = reason === undefined ? REASONS : [reason];
    const asked = { sectionId, lifted, before, channels, reasons };
    const page = (entries: Sql) => pageOf(db, entries, limit);
    if (search === '') return page(newest(asked, limit));
    // The beginning of many addresses is found among the newest entries, that of few by the index of addresses.
    const pattern = patternOf(search);
    const near = await page(sql`
      select entry.* from (${newest(asked, NEAR)}) entry where ${hasAddress(search, pattern)}`);
    if (near.length === limit || !(await hasMore(db, asked))) return near;
    return page(sql`
      select entry.* from (
        select * from suppression entry where entry.section_id = ${sectionId} and ${hasAddress(search, pattern)} offset 0
      ) entry
      where ${isAsked(asked)} and entry.channel = any(${channels}::text[]) and entry.reason = any(${reasons}::text[])`);
  },
});

/** How many of the newest entries are looked through for a text. */
const NEAR = 2_000;

/** Whether there are entries beyond those that are looked through. */
async function hasMore(db: Db, asked: Asked): Promise<boolean> {
  const found = await one<{ more: boolean }>(
    db,
    sql`
      select coalesce(bool_or(entries > ${NEAR}), false) as more
      from (
        select count(*) as entries from (${newest(asked, NEAR + 1)}) entry group by entry.channel, entry.reason
      ) counted`,
  );
  return found.more;
}

type Asked = {
  sectionId: SectionId;
  lifted: boolean;
  before: z.output<typeof PlaceSchema> | undefined;
  channels: readonly Channel[];
  reasons: readonly SuppressionReason[];
};

function pageOf(db: Db, entries: Sql, limit: number): Promise<SuppressionEntry[]> {
  return rows<SuppressionEntry>(
    db,
    sql`
      select entry.id, entry.channel, entry.address_key as address, entry.reason, entry.evidence, entry.at,
        coalesce(app_user.name, 'API: ' || api_key.name) as by, entry.lifted_at as "liftedAt",
        lifter.name as "liftedBy", entry.lift_reason as "liftReason"
      from (
        select entry.* from (${entries}) entry order by entry.at desc, entry.id desc limit ${limit}
      ) entry
      left join app_user on app_user.id = entry.user_id
      left join api_key on api_key.id = entry.api_key_id
      left join app_user lifter on lifter.id = entry.lifted_by
      order by entry.at desc, entry.id desc`,
  );
}

/** The newest entries of each channel and reason, in the order of an index: the rare ones of a million are found as soon as the others. */
const newest = (asked: Asked, limit: number): Sql => sql`
  select entry.*
  from unnest(${asked.channels}::text[]) as wanted (channel)
  cross join unnest(${asked.reasons}::text[]) as kind (reason)
  cross join lateral (
    select * from suppression entry
    where ${isAsked(asked)} and entry.channel = wanted.channel and entry.reason = kind.reason
    order by entry.at desc, entry.id desc
    limit ${limit}
  ) entry`;

const isAsked = ({ sectionId, lifted, before }: Asked): Sql => sql`
  entry.section_id = ${sectionId} and entry.lifted_at is ${lifted ? sql`not null` : sql`null`}
  ${before === undefined ? sql`` : sql`and (entry.at, entry.id) < (${before.at}::timestamptz, ${before.id}::bigint)`}`;

function patternOf(search: string): string {
  const start = search.trim().toLowerCase().replace(/^\+/, '');
  return `${start.replace(/[\\%_]/g, '\\$&')}%`;
}

/** The address begins with the text, or is what it says in another spelling. */
function hasAddress(search: string, pattern: string): Sql {
  const spellings = [KEY_OF_CHANNEL.email, KEY_OF_CHANNEL.sms].flatMap((kind) => {
    const key = normaliseKey(kind, search);
    return key.ok ? [key.key] : [];
  });
  return sql`(entry.address_key like ${pattern} or entry.address_key = any(${spellings}::text[]))`;
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
