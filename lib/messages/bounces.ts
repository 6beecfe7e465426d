// What comes back of mails, written down in sets: bounces and complaints of recipients, the addresses that get nothing any more, and the sends that stop and
// ask. Whatever is said twice changes nothing the second time, and what is known is never made better by what comes later.
import { changeConsents } from '@/lib/consents/change';
import type { Channel } from '@/lib/consents/schema';
import type { SectionId, SendId, SenderId } from '@/lib/db/ids';
import { RACE_CODES, transaction } from '@/lib/db/pool';
import { execute, rows, sql, type Tx } from '@/lib/db/sql';
import { suppress } from '@/lib/suppression/change';
import type { SuppressionReason } from '@/lib/suppression/schema';
import { shortened } from '@/lib/text/shortened';
import { BOUNCE_CLASSES, isBounceClass, SOFT, type BounceClass } from './bounce-class';
import { brakeSends, countAnswers } from './brakes';

/** `number`: of the recipient, which a signature of ours has proved. `address`: where a provider that has proved itself names no recipient, as keys are spelled. */
type About = { number: number } | { address: string };

export type Said = { kind: 'bounce'; why: BounceClass } | { kind: 'complaint'; why: string };

/**
 * Something that was said of a recipient or of an address. `id`: of the event, by whoever tells it; two with the same are one. Of a recipient the same thing counts once,
 * whatever the id. `via`: where it came from.
 */
export type Answer = {
  about: About;
  said: Said;
  id: string;
  code: number | null;
  status: string | null;
  text: string;
  at: Date;
  via: 'mail' | 'webhook' | 'ses' | 'refusal';
};

/** Soft bounces in a row, over so many days, after which an address is suppressed. A mail of which nothing came back for so many days has arrived. */
const SOFT_LIMIT = { times: 5, days: 14, arrivedAfterDays: 5 };
const TEXT_MAX = 500;

type Where = { sectionId: SectionId; senderId: SenderId };

/** How many were new, by kind. The rest was known, or about nobody. */
export type Recorded = { bounces: number; complaints: number };

/**
 * Records answers in one transaction, with what `along` does in it, and stops sends under way that go wrong. Replays and answers about unknown recipients change
 * nothing.
 */
export async function recordAnswers(
  where: Where,
  answers: readonly Answer[],
  along: (tx: Tx, recorded: Recorded) => Promise<void> = async () => undefined,
): Promise<Recorded> {
  // Refusals were counted as results.
  const isRefusal = answers.every(({ via }) => via === 'refusal');
  const { recorded, sends } = await transaction(async (tx) => {
    const fresh = await keepNew(tx, where, answers);
    await noteWithRecipients(tx, where.sectionId, fresh);
    await suppressFor(tx, where.sectionId, fresh);
    await withdraw(tx, where.sectionId, fresh);
    const counted = {
      bounces: fresh.filter(({ kind }) => kind === 'bounce').length,
      complaints: fresh.filter(({ kind }) => kind === 'complaint').length,
    };
    await along(tx, counted);
    // Others wait for these rows, so they are the last.
    const counts = fresh.flatMap(({ sendId, ...each }) => (sendId === null ? [] : [{ ...each, sendId }]));
    if (!isRefusal) await countAnswers(tx, where.sectionId, counts);
    return { recorded: counted, sends: [...new Set(fresh.flatMap(({ sendId }) => (sendId === null ? [] : [sendId])))] };
  }, RACE_CODES);
  await brakeSends(where.sectionId, sends);
  return recorded;
}

/** A new answer, with what is known about its recipient. `addressKey`: null if the person was erased. */
type Fresh = {
  number: number | null;
  sendId: SendId | null;
  channel: Channel;
  message: string | null;
  addressKey: string | null;
  kind: Said['kind'];
  why: string;
  code: number | null;
  status: string | null;
  answer: string;
  at: Date;
};

const keyOf = ({ about, said, id, via }: Answer, senderId: SenderId): string =>
  'number' in about ? `${about.number} ${said.kind} ${said.why}` : shortened(`${senderId} ${via} ${id}`, 300);

/** Keeps what is new of the answers, each once, and returns it. */
async function keepNew(tx: Tx, { sectionId, senderId }: Where, answers: readonly Answer[]): Promise<Fresh[]> {
  const given = [...new Map(answers.map((answer) => [keyOf(answer, senderId), answer]))];
  if (given.length === 0) return [];
  const numberOf = ({ about }: Answer) => ('number' in about ? about.number : null);
  const numbers = given.flatMap(([, answer]) => numberOf(answer) ?? []).sort((one, other) => one - other);
  // In one order, so that two processes that write about the same people wait instead of failing.
  await execute(
    tx,
    sql`
      select from recipient where section_id = ${sectionId} and number = any(${numbers}::bigint[])
      order by number for no key update`,
  );
  const kept = await rows<{ key: string }>(
    tx,
    sql`
      insert into bounce (section_id, sender_id, key, number, address_key, kind, why, status, answer, via, at)
      with given as materialized (
        select * from unnest(
          ${given.map(([key]) => key)}::text[], ${given.map(([, answer]) => numberOf(answer))}::bigint[],
          ${given.map(([, { about }]) => ('address' in about ? about.address : null))}::text[],
          ${given.map(([, { said }]) => said.kind)}::text[], ${given.map(([, { said }]) => said.why)}::text[],
          ${given.map(([, { status }]) => status)}::text[], ${given.map(([, { text }]) => shortened(text, TEXT_MAX))}::text[],
          ${given.map(([, { via }]) => via)}::text[], ${given.map(([, { at }]) => at)}::timestamptz[]
        ) given (key, number, address_key, kind, why, status, answer, via, at)
      )
      select ${sectionId}::int, ${senderId}::int, given.key, given.number, coalesce(recipient.address_key, given.address_key),
        given.kind, given.why, given.status,
        -- Nothing is written about people who were erased.
        case when given.number is null or recipient.address_key is not null then given.answer end,
        given.via, given.at
      from given
      left join recipient on recipient.section_id = ${sectionId} and recipient.number = given.number
      where given.number is null or recipient.number is not null
      order by given.key
      on conflict (section_id, key) do nothing
      returning key`,
  );
  const isNew = new Set(kept.map(({ key }) => key));
  const known = await about(tx, sectionId, numbers);
  return given.flatMap(([key, answer]): Fresh[] => {
    if (!isNew.has(key)) return [];
    const { said, code, status, text, at } = answer;
    const number = numberOf(answer);
    const address = 'address' in answer.about ? answer.about.address : null;
    const recipient = number === null ? undefined : known.get(number);
    const of = recipient ?? { sendId: null, channel: 'email' as const, message: null, addressKey: address };
    return [{ ...of, number, kind: said.kind, why: said.why, code, status, answer: shortened(text, TEXT_MAX), at }];
  });
}

type Known = Pick<Fresh, 'sendId' | 'channel' | 'message' | 'addressKey'>;

async function about(tx: Tx, sectionId: SectionId, numbers: readonly number[]): Promise<Map<number, Known>> {
  const found = await rows<Known & { number: number }>(
    tx,
    sql`
      select recipient.number, recipient.send_id as "sendId", recipient.address_key as "addressKey", message.channel,
        message.name as message
      from recipient
      join send on send.section_id = ${sectionId} and send.id = recipient.send_id
      join message on message.section_id = ${sectionId} and message.id = send.message_id
      where recipient.section_id = ${sectionId} and recipient.number = any(${numbers}::bigint[])`,
  );
  return new Map(found.map(({ number, ...recipient }) => [number, recipient]));
}

/** The worst bounce of a recipient stands. Whatever comes back proves that the mail had left. */
async function noteWithRecipients(tx: Tx, sectionId: SectionId, fresh: readonly Fresh[]): Promise<void> {
  const tied = fresh.filter((each) => each.number !== null);
  if (tied.length === 0) return;
  const of = <Key extends keyof Fresh>(key: Key, list: readonly Fresh[]) => list.map((each) => each[key]);
  const weight = ({ why }: Fresh) => BOUNCE_CLASSES.indexOf(why as BounceClass);
  const worst = new Map<number, Fresh>();
  for (const each of tied.filter(({ kind }) => kind === 'bounce')) {
    const known = worst.get(each.number!);
    if (!known || weight(each) < weight(known)) worst.set(each.number!, each);
  }
  const bounces = [...worst.values()];
  const rank = (column: ReturnType<typeof sql>) => sql`array_position(${[...BOUNCE_CLASSES]}::text[], ${column})`;
  const left = sql`(recipient.state = 'unknown' or (recipient.state = 'waiting' and recipient.tried_at is not null))`;
  await execute(
    tx,
    sql`
      update recipient set
        bounced_at = coalesce(recipient.bounced_at, said.at), bounce = said.why,
        state = case when ${left} then 'sent' else recipient.state end,
        why = case when ${left} then null else recipient.why end,
        ended_at = case when ${left} then coalesce(recipient.ended_at, said.at) else recipient.ended_at end,
        code = coalesce(said.code, recipient.code), status = coalesce(said.status, recipient.status),
        answer = case when recipient.address_key is not null then said.answer end
      from unnest(
        ${of('number', bounces)}::bigint[], ${of('why', bounces)}::text[], ${of('code', bounces)}::smallint[],
        ${of('status', bounces)}::text[], ${of('answer', bounces)}::text[], ${of('at', bounces)}::timestamptz[]
      ) said (number, why, code, status, answer, at)
      where recipient.section_id = ${sectionId} and recipient.number = said.number
        and (recipient.bounce is null or ${rank(sql`said.why`)} < ${rank(sql`recipient.bounce`)})`,
  );
  const complaints = tied.filter(({ kind }) => kind === 'complaint');
  await execute(
    tx,
    sql`
      update recipient set
        complained_at = coalesce(recipient.complained_at, said.at),
        state = case when ${left} then 'sent' else recipient.state end,
        why = case when ${left} then null else recipient.why end,
        ended_at = case when ${left} then coalesce(recipient.ended_at, said.at) else recipient.ended_at end
      from (
        select number, min(at) as at
        from unnest(${of('number', complaints)}::bigint[], ${of('at', complaints)}::timestamptz[]) said (number, at)
        group by number
      ) said
      where recipient.section_id = ${sectionId} and recipient.number = said.number`,
  );
  await execute(
    tx,
    sql`
      insert into recipient_event (section_id, send_id, number, kind, at, machine, why)
      select ${sectionId}::int, said.send_id, said.number, case when said.kind = 'bounce' then 'bounced' else 'complained' end,
        said.at, false, said.why
      from unnest(
        ${of('sendId', tied)}::int[], ${of('number', tied)}::bigint[], ${of('kind', tied)}::text[],
        ${of('at', tied)}::timestamptz[], ${of('why', tied)}::text[]
      ) said (send_id, number, kind, at, why)`,
  );
}

type Suppressed = { channel: Channel; address_key: string; reason: SuppressionReason; evidence: string };

/** The address that was mailed gets nothing any more, whoever has it now: at once, or after soft bounces in a row. */
async function suppressFor(tx: Tx, sectionId: SectionId, fresh: readonly Fresh[]): Promise<void> {
  const wanted = fresh.flatMap((each): Suppressed[] => {
    const reason = each.kind === 'complaint' ? 'complaint' : each.why === 'address' ? 'hard' : null;
    if (reason === null || each.addressKey === null) return [];
    return [{ channel: each.channel, address_key: each.addressKey, reason, evidence: evidenceOf(each) }];
  });
  const soft = fresh.filter((each) => each.number !== null && isBounceClass(each.why) && SOFT.includes(each.why));
  const worn = await wornOut(tx, sectionId, soft);
  const all = [...wanted, ...worn];
  if (all.length === 0) return;
  await suppress(
    tx,
    { sectionId, userId: null },
    sql`
      select * from jsonb_to_recordset(${JSON.stringify(all)}::jsonb)
        as given (channel text, address_key text, reason text, evidence text)`,
  );
}

function evidenceOf({ kind, why, status, answer, message, at }: Fresh): string {
  const said = kind === 'complaint' ? `Called spam (${why})` : 'Bounced';
  const parts = [
    `${said} ${at.toISOString().slice(0, 10)}`,
    ...(message === null ? [] : [`message “${message}”`]),
    status === null || answer.includes(status) ? answer : `${status} ${answer}`,
  ];
  return shortened(parts.filter(Boolean).join(' · '), 1_000);
}

/** Addresses whose last mails have all come back, often enough and for long enough. */
async function wornOut(tx: Tx, sectionId: SectionId, soft: readonly Fresh[]): Promise<Suppressed[]> {
  if (soft.length === 0) return [];
  const latest = new Map(soft.map((each) => [each.addressKey, each]));
  const newest = soft.reduce((one, { at }) => (at > one ? at : one), soft[0]!.at);
  const arrived = new Date(newest.getTime() - SOFT_LIMIT.arrivedAfterDays * 86_400_000);
  const found = await rows<{ addressKey: string; times: number; first: Date }>(
    tx,
    sql`
      with asked as materialized (
        select distinct profile_id, address_key from recipient
        where section_id = ${sectionId} and number = any(${soft.map(({ number }) => number)}::bigint[])
          and address_key is not null
      ),
      mails as materialized (
        select asked.address_key, mail.bounced_at, mail.bounce = any(${[...SOFT]}::text[]) as soft, greatest(
          case when mail.state = 'sent' and mail.bounced_at is null and mail.ended_at < ${arrived} then mail.ended_at end,
          mail.opened_at, mail.clicked_at
        ) as arrived_at
        from asked
        join recipient mail
          on mail.section_id = ${sectionId} and mail.profile_id = asked.profile_id and mail.address_key = asked.address_key
      ),
      good as materialized (
        select mails.address_key, greatest(max(mails.arrived_at), (
          select max(entry.lifted_at) from suppression entry
          where entry.section_id = ${sectionId} and entry.address_key = mails.address_key
        )) as at
        from mails
        group by mails.address_key
      )
      select mails.address_key as "addressKey", count(*)::int as times, min(mails.bounced_at) as first
      from mails
      join good on good.address_key = mails.address_key
      where mails.soft and (good.at is null or mails.bounced_at > good.at)
      group by mails.address_key
      having count(*) >= ${SOFT_LIMIT.times}
        and max(mails.bounced_at) - min(mails.bounced_at) >= make_interval(days => ${SOFT_LIMIT.days})`,
  );
  return found.flatMap(({ addressKey, times, first }) => {
    const last = latest.get(addressKey);
    if (!last) return [];
    const evidence = `${times} mails in a row since ${first.toISOString().slice(0, 10)} came back. The last: ${evidenceOf(last)}`;
    return [{ channel: last.channel, address_key: addressKey, reason: 'soft', evidence: shortened(evidence, 1_000) }];
  });
}

/** Who calls a message spam does not want what it was about. A merged person's complaint is that of the one that remains. */
async function withdraw(tx: Tx, sectionId: SectionId, fresh: readonly Fresh[]): Promise<void> {
  const numbers = fresh.flatMap(({ kind, number }) => (kind === 'complaint' && number !== null ? [number] : []));
  if (numbers.length === 0) return;
  await changeConsents(
    tx,
    { sectionId, source: 'person', userId: null },
    sql`
      select distinct on (consent.profile_id, consent.topic_id, consent.channel)
        consent.profile_id, consent.topic_id, consent.channel, 'opt-out'::text as type, 'called it spam'::text as reason,
        ('message “' || message.name || '”')::text as source, topic.name as wording, ''::text as proof
      from recipient
      join send on send.section_id = ${sectionId} and send.id = recipient.send_id
      join message on message.section_id = ${sectionId} and message.id = send.message_id
      left join profile_merge merged on merged.section_id = ${sectionId} and merged.from_id = recipient.profile_id
      join consent
        on consent.section_id = ${sectionId} and consent.profile_id = coalesce(merged.into_id, recipient.profile_id)
        and consent.topic_id = any(send.topic_ids) and consent.channel = message.channel and consent.type <> 'opt-out'
      join topic on topic.section_id = ${sectionId} and topic.id = consent.topic_id
      where recipient.section_id = ${sectionId} and recipient.number = any(${numbers}::bigint[])
      order by consent.profile_id, consent.topic_id, consent.channel, recipient.number desc`,
  );
}
