// What SMS providers report of recipients, and what people answer. A report is about one SMS; the worst that was said of it stays, whatever
// comes later, as parts of one text are reported by themselves and reports overtake each other.
import { changeConsents } from '@/lib/consents/change';
import { installationAddress } from '@/lib/config/installation';
import type { ProfileId, SectionId, SenderId, SendId } from '@/lib/db/ids';
import { pool, RACE_CODES, transaction } from '@/lib/db/pool';
import { execute, maybeOne, one, sql, type Sql, type Tx } from '@/lib/db/sql';
import { openSenderOfReports } from '@/lib/sending/queries';
import { providerOf } from '@/lib/sending/sms-transport';
import { readSmsHook, SMS_HOOKS } from '@/lib/sms/hook-address';
import type { SmsAnswer, SmsReport } from '@/lib/sms/outcome';
import { isStop } from '@/lib/sms/stop';
import { suppress } from '@/lib/suppression/change';
import { shortened } from '@/lib/text/shortened';
import { storable } from '@/lib/text/storable';
import { isBounceClass } from './bounce-class';
import { brakeSends, countAnswers } from './brakes';

/** A call of a provider, as it came in. `path`: what follows the path of hooks, with its query. */
export type SmsDelivery = { path: string; headers: Record<string, string>; body: string };

/**
 * Takes a call of a provider. Returns whether it is genuine and says something. What it says about is named by the address, which carries our own
 * signature; where the provider signs too, both have to be right.
 */
export async function receiveSmsCall({ path, headers, body }: SmsDelivery): Promise<boolean> {
  const hook = readSmsHook(path.split('?')[0]!);
  if (hook === null) return false;
  const [sectionId, senderId] = [hook.sectionId as SectionId, hook.senderId as SenderId];
  const sender = await openSenderOfReports(pool(), sectionId, senderId);
  const provider = sender && providerOf(sender);
  // The address as the provider was given it: what a request says of its host is the caller's.
  const delivery = { url: `${installationAddress()}${SMS_HOOKS}${path}`, headers, body };
  if (!provider?.isGenuine(delivery)) return false;
  const told = provider.read(delivery, hook.reference);
  if (told === null) return false;
  if (told.is === 'report') await recordSmsReport({ sectionId, senderId, ...told.report });
  else await recordSmsAnswer({ sectionId, senderId, provider: provider.name, ...told.answer });
  return true;
}

type Known = {
  sendId: SendId;
  profileId: ProfileId;
  addressKey: string | null;
  rank: 0 | 1 | 2;
};

const RANKS = { underway: 0, delivered: 1, failed: 2 } as const;

/** What a report has changed: `nothing`, if it was known, or something worse was. */
export type Recorded = 'recorded' | 'nothing' | 'unknown recipient';

/**
 * Records what a provider reports of an SMS. `reference`: the number of the recipient. A report proves that the SMS was sent, so it also ends
 * 'unknown'. A number that does not exist is suppressed; who has told the provider to stop is opted out of SMS.
 */
export async function recordSmsReport(
  report: { sectionId: SectionId; senderId: SenderId } & SmsReport,
  at = new Date(),
): Promise<Recorded> {
  const { sectionId, senderId, reference, state, why, code, status, providerId } = report;
  const { recorded, failedOf } = await transaction(async (tx): Promise<{ recorded: Recorded; failedOf?: SendId }> => {
    const known = await maybeOne<Known>(
      tx,
      sql`
        select recipient.send_id as "sendId", profile_id as "profileId", address_key as "addressKey",
          case when bounced_at is not null then 2 when delivered_at is not null then 1 else 0 end as rank
        from recipient
        where recipient.section_id = ${sectionId} and recipient.number = ${reference}::bigint
          and exists (
            select from send
            where send.section_id = ${sectionId} and send.id = recipient.send_id and send.sender_id = ${senderId}
          )
        for update`,
    );
    if (!known) return { recorded: 'unknown recipient' };
    const isNew = RANKS[state] > known.rank;
    const said = shortened(storable(`Reported: ${status}${providerId === null ? '' : ` (${providerId})`}`), 500);
    const failed = isNew && state === 'failed';
    const written = await execute(
      tx,
      sql`
        update recipient set
          state = case when state in ('unknown', 'waiting') then 'sent' else state end,
          why = case when state in ('unknown', 'waiting') then null else why end,
          ended_at = case when state in ('unknown', 'waiting') then ${at}::timestamptz else ended_at end,
          delivered_at = ${failed ? sql`null` : isNew ? sql`${at}::timestamptz` : sql`delivered_at`},
          bounced_at = ${failed ? sql`${at}::timestamptz` : sql`bounced_at`},
          bounce = ${failed ? sql`${isBounceClass(why) ? why : 'other'}` : sql`bounce`},
          code = ${failed ? sql`${code}::smallint` : sql`code`},
          status = ${isNew ? sql`${shortened(storable(status), 60)}` : sql`status`},
          answer = ${isNew ? sql`${said}` : sql`answer`}
        where section_id = ${sectionId} and number = ${reference}::bigint
          and (${isNew} or state in ('unknown', 'waiting'))`,
    );
    if (!isNew) return { recorded: written > 0 ? 'recorded' : 'nothing' };
    await noteEvent(tx, sectionId, {
      sendId: known.sendId,
      reference,
      kind: failed ? 'bounced' : 'delivered',
      at,
      why,
    });
    if (why === 'address' && known.addressKey !== null) {
      await suppress(
        tx,
        { sectionId, userId: null },
        sql`
          select 'sms'::text as channel, ${known.addressKey}::text as address_key, 'hard'::text as reason,
            ${`SMS ${said}${code === null ? '' : `, code ${code}`}`}::text as evidence`,
      );
    }
    if (why === 'optedOut') {
      await optOutOfSms(tx, { sectionId, numbers: sql`${reference}::bigint`, source: 'SMS provider', at });
    }
    if (!failed) return { recorded: 'recorded' };
    // Others wait for this row, so it is the last.
    await countAnswers(tx, sectionId, [{ sendId: known.sendId, kind: 'bounce', why }]);
    return { recorded: 'recorded', failedOf: known.sendId };
  }, RACE_CODES);
  if (failedOf !== undefined) await brakeSends(sectionId, [failedOf]);
  return recorded;
}

async function noteEvent(
  tx: Tx,
  sectionId: SectionId,
  {
    sendId,
    reference,
    kind,
    at,
    why,
  }: { sendId: SendId; reference: string; kind: string; at: Date; why: string | null },
): Promise<void> {
  await execute(
    tx,
    sql`
      insert into recipient_event (section_id, send_id, number, kind, at, machine, why)
      values (${sectionId}, ${sendId}, ${reference}::bigint, ${kind}, ${at}, false, ${why})`,
  );
}

/**
 * Opts recipients out of SMS, for they have told the provider to stop: of all topics that they have agreed to, and of those of the send. Who was merged since is
 * the one that remains. `numbers` selects their numbers. `source`: where they said so.
 */
export async function optOutOfSms(
  tx: Tx,
  { sectionId, numbers, source, at = new Date() }: { sectionId: SectionId; numbers: Sql; source: string; at?: Date },
): Promise<void> {
  await changeConsents(
    tx,
    { sectionId, source: 'person', userId: null },
    sql`
      with stopped as materialized (
        select coalesce(merged.into_id, recipient.profile_id) as profile_id, recipient.send_id
        from recipient
        left join profile_merge merged on merged.section_id = ${sectionId} and merged.from_id = recipient.profile_id
        where recipient.section_id = ${sectionId} and recipient.number in (${numbers})
      ),
      ended as (
        select stopped.profile_id, consent.topic_id
        from stopped
        join consent
          on consent.section_id = ${sectionId} and consent.profile_id = stopped.profile_id
          and consent.channel = 'sms' and consent.type <> 'opt-out'
        union
        select stopped.profile_id, topic.id
        from stopped
        join send on send.section_id = ${sectionId} and send.id = stopped.send_id
        join topic on topic.section_id = ${sectionId} and topic.id = any(send.topic_ids)
      )
      select profile_id, topic_id, 'sms'::text as channel, 'opt-out'::text as type, 'STOP'::text as reason,
        ${source}::text as source, ''::text as wording, ''::text as proof
      from ended`,
  );
  await execute(
    tx,
    sql`
      update recipient set left_at = coalesce(left_at, ${at}::timestamptz)
      where section_id = ${sectionId} and number in (${numbers})`,
  );
}

/** The provider has refused an SMS to somebody who told it to stop, perhaps long ago: our consents say so from now on. */
export const endSmsOf = (sectionId: SectionId, number: number): Promise<void> =>
  transaction(
    (tx) => optOutOfSms(tx, { sectionId, numbers: sql`${number}::bigint`, source: 'SMS provider' }),
    RACE_CODES,
  );

/** Takes an answer: STOP opts the person out of SMS. Other answers are nobody's yet. */
export async function recordSmsAnswer(
  {
    sectionId,
    senderId,
    provider,
    from,
    text,
  }: { sectionId: SectionId; senderId: SenderId; provider: string } & SmsAnswer,
  at = new Date(),
): Promise<boolean> {
  if (!isStop(text)) return false;
  const said = shortened(storable(`${provider}: ${text}`), 100);
  return transaction(async (tx) => {
    const { profileId, number } = await one<{ profileId: ProfileId | null; number: string | null }>(
      tx,
      sql`
        select own.profile_id as "profileId", newest.number::text as number
        from (select 1) asked
        left join (
          select profile_key.profile_id from profile_key
          join keyspace on keyspace.id = profile_key.keyspace_id and keyspace.kind = 'mobile'
          where profile_key.section_id = ${sectionId} and profile_key.key = ${storable(from)}
          limit 1
        ) own on true
        left join lateral (
          select recipient.number from recipient
          join send on send.section_id = ${sectionId} and send.id = recipient.send_id and send.sender_id = ${senderId}
          where recipient.section_id = ${sectionId} and recipient.profile_id = own.profile_id
            and recipient.state in ('sent', 'unknown')
          order by recipient.number desc
          limit 1
        ) newest on true`,
    );
    if (profileId === null) return false;
    if (number !== null) {
      await optOutOfSms(tx, {
        sectionId,
        numbers: sql`${number}::bigint`,
        source: said,
        at,
      });
      return true;
    }
    await changeConsents(
      tx,
      { sectionId, source: 'person', userId: null },
      sql`
        select consent.profile_id, consent.topic_id, 'sms'::text as channel, 'opt-out'::text as type,
          'STOP'::text as reason, ${said}::text as source, ''::text as wording,
          ''::text as proof
        from consent
        where consent.section_id = ${sectionId} and consent.profile_id = ${profileId} and consent.channel = 'sms'
          and consent.type <> 'opt-out'`,
    );
    return true;
  }, RACE_CODES);
}
