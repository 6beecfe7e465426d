// How many marketing messages somebody gets at most. Who is over it is skipped when a message is claimed for them; a step of a flow may have them wait.
import { actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import type { Channel } from '@/lib/consents/schema';
import type { ProfileId, SectionId } from '@/lib/db/ids';
import { execute, maybeOne, rows, sql, type Db, type Sql, type Tx } from '@/lib/db/sql';
import { limitInWords, SendLimitsSchema, type Limit, type SendLimits } from './limits-schema';

const DAY_MS = 86_400_000;

export async function sendLimits(db: Db, sectionId: SectionId): Promise<SendLimits> {
  const found = await maybeOne<{ limits: unknown }>(
    db,
    sql`select limits from message_rule where section_id = ${sectionId}`,
  );
  return SendLimitsSchema.parse(found?.limits ?? {});
}

/** The section’s limits. */
export const readSendLimits = query({
  name: 'messages.read-limits',
  scope: 'section',
  allow: 'readers',
  input: InSection,
  run: ({ db }, { sectionId }) => sendLimits(db, sectionId),
});

/** Says how many marketing messages somebody gets at most from now on; what they have got already counts. */
export const setSendLimits = command({
  name: 'messages.set-limits',
  scope: 'section',
  allow: 'admins',
  input: InSection.extend({ limits: SendLimitsSchema }),
  run: async ({ tx, actor }, { sectionId, limits }) => {
    await execute(
      tx,
      sql`
        insert into message_rule (section_id, approval, limits, changed_by, changed_at)
        values (${sectionId}, 'none', ${JSON.stringify(limits)}::jsonb, ${actorUserId(actor)}, ${new Date()})
        on conflict (section_id) do update
        set limits = excluded.limits, changed_by = excluded.changed_by, changed_at = excluded.changed_at`,
    );
  },
  audit: ({ limits }) => ({
    summary: `Marketing messages: ${(['email', 'sms'] as const)
      .map((channel) => {
        const limit = limits[channel];
        return limit ? limitInWords(limit, channel) : `${channel === 'email' ? 'emails' : 'SMS'} without a limit`;
      })
      .join(', ')}`,
  }),
});

/** What a limit is about. `now`: by whose clock the days are counted back. */
export type Limited = { sectionId: SectionId; channel: Channel; limit: Limit; now: Date };

/**
 * An expression: of the messages that somebody got lately or is about to get, when the one was sent that fills their limit; null: they are below it.
 * `profileId`: a column of the statement. `besides`: how many more are certain to come, another one.
 */
export function filledAt(
  { sectionId, channel, limit: { most, days }, now }: Limited,
  profileId: Sql,
  besides = sql`0`,
): Sql {
  const since = new Date(now.getTime() - days * DAY_MS);
  return sql`(
    select case when got.state in ('claimed', 'handing') then ${now}::timestamptz else got.ended_at end as at
    from recipient got
    join send on send.section_id = ${sectionId} and send.id = got.send_id and send.kind = 'marketing'
    join message on message.section_id = ${sectionId} and message.id = send.message_id and message.channel = ${channel}
    where got.section_id = ${sectionId} and got.profile_id = ${profileId}
      and (got.state in ('claimed', 'handing') or got.state in ('sent', 'unknown') and got.ended_at > ${since})
    order by at desc
    offset greatest(${most - 1}::bigint - ${besides}, 0)
    limit 1
  )`;
}

/** Who of some people is over the limit, and from when on they are below it. */
export async function overLimit(
  tx: Tx,
  about: Omit<Limited, 'limit'>,
  profileIds: readonly ProfileId[],
): Promise<Map<ProfileId, Date>> {
  const limit = (await sendLimits(tx, about.sectionId))[about.channel];
  if (!limit || profileIds.length === 0) return new Map();
  const found = await rows<{ id: ProfileId; at: Date }>(
    tx,
    sql`
      select * from (
        select person.id, ${filledAt({ ...about, limit }, sql`person.id`)} as at
        from unnest(${profileIds}::bigint[]) person (id)
      ) counted
      where at is not null`,
  );
  return new Map(found.map(({ id, at }) => [id, new Date(at.getTime() + limit.days * DAY_MS)]));
}

/** Until the transaction ends, nobody else counts: two messages that are claimed at the same moment see each other. */
export async function countAlone(tx: Tx, sectionId: SectionId): Promise<void> {
  await execute(tx, sql`select pg_advisory_xact_lock(hashtext(${`tagwell: send limits ${sectionId}`}))`);
}
