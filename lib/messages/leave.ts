// The way out of what a message was about. The link is the person's permission, so these are no commands of a user. Looking changes nothing.
import { changeConsents } from '@/lib/consents/change';
import { CONSENT_TYPES, type Channel, type ConsentType } from '@/lib/consents/schema';
import type { ProfileId, SectionId, SendId, TopicId } from '@/lib/db/ids';
import { pool, RACE_CODES, transaction } from '@/lib/db/pool';
import { execute, maybeOne, rows, sql, type Db, type Tx } from '@/lib/db/sql';
import type { Brand } from '@/lib/mail-document/schema';
import { isFormToken, preferenceToken } from '@/lib/preferences/link';
import { masked } from '@/lib/preferences/preferences';
import { remainingProfile } from '@/lib/profiles/merged';
import { hasConsent } from '@/lib/suppression/may-receive';
import { LINK_PATHS } from './links';
import { messageToken, readMessageToken, type TokenPurpose } from './token';

/** `unknown`: the token is not ours. `nobody`: it is of a test. `erased`: nothing is kept about the person any more. */
export type Opened<Value> = { is: 'found'; value: Value } | { is: 'unknown' } | { is: 'nobody' } | { is: 'erased' };

/** The recipient that a link is of. A merged profile's link is about the one that remains. */
export type LinkedPerson = {
  sectionId: SectionId;
  number: number;
  profileId: ProfileId;
  sendId: SendId;
  /** Of an A/B test: A is 0. */
  variant: number;
  channel: Channel;
  kind: 'marketing' | 'service';
  message: string;
  sectionName: string;
  /** Of the section’s mails. */
  logo: Brand['logo'];
  address: string | null;
  topicIds: TopicId[];
};

/** Who a token is about, on `db`. */
export async function personOf(db: Db, purpose: TokenPurpose, token: string): Promise<Opened<LinkedPerson>> {
  const named = readMessageToken(purpose, token);
  if (named === null) return { is: 'unknown' };
  const { sectionId, number } = named;
  if (number === null) return { is: 'nobody' };
  const found = await maybeOne<Omit<LinkedPerson, 'sectionId' | 'number'>>(
    db,
    sql`
      select recipient.profile_id as "profileId", recipient.send_id as "sendId", recipient.variant, recipient.address, send.kind,
        coalesce(send.topic_ids, '{}') as "topicIds", message.channel, message.name as message, section.name as "sectionName",
        (select brand.look -> 'logo' from brand where brand.section_id = ${sectionId}) as logo
      from recipient
      join send on send.section_id = ${sectionId} and send.id = recipient.send_id
      join message on message.section_id = ${sectionId} and message.id = send.message_id
      join section on section.id = recipient.section_id
      where recipient.section_id = ${sectionId} and recipient.number = ${number}`,
  );
  if (!found) return { is: 'erased' };
  const profileId = (await remainingProfile(db, sectionId, found.profileId)) ?? found.profileId;
  const there = await maybeOne(db, sql`select from profile where section_id = ${sectionId} and id = ${profileId}`);
  return there ? { is: 'found', value: { ...found, sectionId, number, profileId } } : { is: 'erased' };
}

/** What the page shows. `left`: nothing of this comes any more. `choices`: the path of the person's preference page. `state` changes with every change of the person's consents. */
export type Leaving = {
  sectionName: string;
  logo: Brand['logo'];
  address: string | null;
  channel: Channel;
  kind: 'marketing' | 'service';
  topics: string[];
  left: boolean;
  choices: string;
  state: string;
};

/** What the page of a link to unsubscribe shows. */
export async function readLeaving(token: string): Promise<Opened<Leaving>> {
  const opened = await personOf(pool(), 'unsubscribe', token);
  return opened.is === 'found' ? { is: 'found', value: await leavingOf(pool(), opened.value) } : opened;
}

async function leavingOf(db: Db, person: LinkedPerson): Promise<Leaving> {
  const { sectionId, profileId, channel, kind, topicIds, sectionName, logo, address } = person;
  const topics = await rows<{ name: string; type: ConsentType | null; newest: number }>(
    db,
    sql`
      select topic.name, consent.type, (
        select coalesce(max(change.id), 0) from consent_change change
        where change.section_id = ${sectionId} and change.profile_id = ${profileId}
      ) as newest
      from topic
      left join consent
        on consent.section_id = ${sectionId} and consent.profile_id = ${profileId} and consent.topic_id = topic.id
        and consent.channel = ${channel}
      where topic.section_id = ${sectionId} and topic.id = any(${topicIds}::int[])
      order by topic.name_key`,
  );
  return {
    sectionName,
    logo,
    channel,
    kind,
    address: address === null ? null : masked(channel, address),
    topics: topics.map(({ name }) => name),
    left: topics.length > 0 && topics.every(({ type }) => type === 'opt-out' || type === null),
    choices: `${LINK_PATHS.preferences}${messageToken('preferences', { sectionId, number: person.number, link: 0 })}`,
    state: `${topics[0]?.newest ?? 0}`,
  };
}

/** How somebody left: by the button of their mail program, or on the page. */
export type WayOut = 'one click' | 'page';

/** Ends the consents to the topics of the message, on its channel. Done twice, it is done. */
export function leave(token: string, way: WayOut): Promise<Opened<Leaving>> {
  return change(token, async (tx, person) => {
    await setAll(tx, person, 'opt-out', way === 'one click' ? 'unsubscribed by one click' : 'unsubscribed on the page');
    return true;
  });
}

/** Takes leaving back, from the page that shows it: `formToken` is of what the page showed. `back`: whether it was done. */
export function comeBack(token: string, formToken: string): Promise<Opened<Leaving>> {
  return change(token, async (tx, person) => {
    const { left, state } = await leavingOf(tx, person);
    if (!left || !isFormToken(formToken, token, state)) return false;
    await setAll(tx, person, 'opt-in', 'taken back on the page');
    return true;
  });
}

function change(token: string, work: (tx: Tx, person: LinkedPerson) => Promise<boolean>): Promise<Opened<Leaving>> {
  return transaction(async (tx) => {
    const opened = await personOf(tx, 'unsubscribe', token);
    if (opened.is !== 'found') return opened;
    const person = opened.value;
    await execute(
      tx,
      sql`
        select from profile where section_id = ${person.sectionId} and id = ${person.profileId}
        for no key update`,
    );
    if (person.topicIds.length > 0 && (await work(tx, person))) await noteStanding(tx, person);
    return { is: 'found', value: await leavingOf(tx, person) };
  }, RACE_CODES);
}

/** An opt-in only gives back what was ended through this message. Consents that were never given are not ended, and stay unsaid. */
async function setAll(tx: Tx, person: LinkedPerson, type: ConsentType, proof: string): Promise<void> {
  const { sectionId, profileId, channel, topicIds, message } = person;
  const source = `message “${message}”`;
  const from = type === 'opt-out' ? CONSENT_TYPES.filter((each) => each !== 'opt-out') : ['opt-out'];
  await changeConsents(
    tx,
    { sectionId, source: 'person', userId: null },
    sql`
      select consent.profile_id, consent.topic_id, consent.channel, ${type}::text as type, ''::text as reason,
        ${source}::text as source, topic.name as wording, ${proof}::text as proof
      from consent
      join topic on topic.section_id = ${sectionId} and topic.id = consent.topic_id
      where consent.section_id = ${sectionId} and consent.profile_id = ${profileId}
        and consent.topic_id = any(${topicIds}::int[]) and consent.channel = ${channel}
        and consent.type = any(${from}::text[])
        ${type === 'opt-in' ? sql`and consent.source = ${source}` : sql``}`,
  );
}

/**
 * Notes with the recipient whether the person has left what the message was about. For every door that a mail's links lead to: the page, one click,
 * and the preference page.
 */
export async function noteStanding(tx: Tx, person: LinkedPerson): Promise<void> {
  const { sectionId, number, sendId, profileId, channel, topicIds } = person;
  const stays = hasConsent({ sectionId, channel, topics: topicIds }, sql`${profileId}::bigint`);
  const at = sql`${new Date()}::timestamptz`;
  await execute(
    tx,
    sql`
      with changed as (
        update recipient set left_at = case when ${stays} then null else ${at} end
        where section_id = ${sectionId} and number = ${number} and (left_at is null) <> ${stays}
        returning left_at
      )
      insert into recipient_event (section_id, send_id, number, kind, at, machine)
      select ${sectionId}::int, ${sendId}::int, ${number}::bigint, case when left_at is null then 'returned' else 'left' end,
        ${at}, false
      from changed`,
  );
}

/** The token of the preference page that a link in a message leads to. */
export async function preferencesOfLink(token: string): Promise<Opened<string>> {
  const opened = await personOf(pool(), 'preferences', token);
  return opened.is === 'found' ? { is: 'found', value: preferenceToken(opened.value) } : opened;
}

/** After a change on the preference page that a message led to. Does nothing if the message was not this person's. */
export async function noteChoices(
  tx: Tx,
  token: string,
  about: { sectionId: SectionId; profileId: ProfileId },
): Promise<void> {
  const opened = await personOf(tx, 'preferences', token);
  if (opened.is !== 'found' || opened.value.kind !== 'marketing') return;
  const { sectionId, profileId } = opened.value;
  if (sectionId === about.sectionId && profileId === about.profileId) await noteStanding(tx, opened.value);
}
