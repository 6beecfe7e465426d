// What a person chooses on their preference page. The link is their permission, so this is no command of a user: it is
// checked each time it is used (link.ts).
import { CHANNELS, type Channel, type ConsentType } from '@/lib/consents/schema';
import { changeConsents } from '@/lib/consents/change';
import type { ProfileId, SectionId, TopicId } from '@/lib/db/ids';
import { pool, RACE_CODES, transaction } from '@/lib/db/pool';
import { execute, maybeOne, one, rows, sql, type Db, type Sql, type Tx } from '@/lib/db/sql';
import { remainingProfile } from '@/lib/profiles/merged';
import { liftWhere, suppress } from '@/lib/suppression/change';
import { addressOf } from '@/lib/suppression/may-receive';
import { suppressionsOf } from '@/lib/suppression/reads';
import { REASON_WORDS, type SuppressionReason } from '@/lib/suppression/schema';
import { isFormToken, readPreferenceToken } from './link';

/** A topic on a channel, and whether the person gets it. */
export type Choice = { topicId: TopicId; channel: Channel; type: ConsentType | null };

export type ShownTopic = { id: TopicId; name: string; description: string; folder: string; choices: Choice[] };

type Logo = { source: string; alt: string; width: number } | null;

/** `stopped`: channels on which nothing arrives, and why. `state`: changes with every change of these. */
export type Preferences = {
  sectionName: string;
  /** Of the section’s mails. */
  logo: Logo;
  addresses: { channel: Channel; masked: string }[];
  topics: ShownTopic[];
  stopped: { channel: Channel; reason: SuppressionReason }[];
  state: string;
};

/** `unknown`: the token is not ours. `erased`: it is, but nothing is kept about the person any more. */
export type Answered<Value> = { is: 'found'; value: Value } | { is: 'unknown' } | { is: 'erased' };

/** What the page of a link shows. */
export function readPreferences(token: string): Promise<Answered<Preferences>> {
  return withPerson(pool(), token, (sectionId, profileId) => preferencesOf(pool(), sectionId, profileId));
}

/** Whom a link is about now: a merged profile's link is about the one that remains. */
async function withPerson<Value>(
  db: Db,
  token: string,
  answer: (sectionId: SectionId, profileId: ProfileId) => Promise<Value | undefined>,
): Promise<Answered<Value>> {
  const named = readPreferenceToken(token);
  if (named === null) return { is: 'unknown' };
  const { sectionId } = named;
  const profileId = (await remainingProfile(db, sectionId, named.profileId)) ?? named.profileId;
  const value = await answer(sectionId, profileId);
  return value === undefined ? { is: 'erased' } : { is: 'found', value };
}

async function preferencesOf(db: Db, sectionId: SectionId, profileId: ProfileId): Promise<Preferences | undefined> {
  const found = await maybeOne<{
    sectionName: string;
    logo: Logo;
    email: string | null;
    sms: string | null;
    newest: number;
  }>(
    db,
    sql`
      select section.name as "sectionName",
        (select brand.look -> 'logo' from brand where brand.section_id = ${sectionId}) as logo, ${addressOf(sectionId, 'email', sql`profile.id`)} as email,
        ${addressOf(sectionId, 'sms', sql`profile.id`)} as sms,
        (
          select coalesce(max(id), 0) from consent_change
          where consent_change.section_id = ${sectionId} and consent_change.profile_id = profile.id
        ) as newest
      from profile
      join section on section.id = profile.section_id
      where profile.section_id = ${sectionId} and profile.id = ${profileId}`,
  );
  if (!found) return undefined;
  const [topics, stopped] = [
    await topicsOf(db, sectionId, profileId, { email: found.email !== null, sms: found.sms !== null }),
    await suppressionsOf(db, sectionId, profileId),
  ];
  const of = (channel: Channel) => (channel === 'email' ? found.email : found.sms);
  return {
    sectionName: found.sectionName,
    logo: found.logo,
    addresses: CHANNELS.flatMap((channel) => {
      const address = of(channel);
      return address === null ? [] : [{ channel, masked: masked(channel, address) }];
    }),
    topics,
    stopped,
    state: [found.newest, ...stopped.map(({ channel, reason, at }) => `${channel}:${reason}:${at.getTime()}`)].join(
      ' ',
    ),
  };
}

/** The offered topics by folder. A channel is shown where the person can be reached, or has said something about it. */
async function topicsOf(
  db: Db,
  sectionId: SectionId,
  profileId: ProfileId,
  reached: Record<Channel, boolean>,
): Promise<ShownTopic[]> {
  const found = await rows<Omit<ShownTopic, 'choices'> & { types: Partial<Record<Channel, ConsentType>> }>(
    db,
    sql`
      select topic.id, topic.name, topic.description, topic.folder,
        (
          select coalesce(jsonb_object_agg(channel, type), '{}') from consent
          where consent.section_id = ${sectionId} and consent.profile_id = ${profileId} and consent.topic_id = topic.id
        ) as types
      from topic
      where topic.section_id = ${sectionId} and topic.hidden_at is null
      order by lower(topic.folder), topic.folder, topic.name_key`,
  );
  return found.flatMap(({ types, ...topic }) => {
    const choices = CHANNELS.flatMap((channel): Choice[] =>
      reached[channel] || types[channel] !== undefined
        ? [{ topicId: topic.id, channel, type: types[channel] ?? null }]
        : [],
    );
    return choices.length > 0 ? [{ ...topic, choices }] : [];
  });
}

/** 'a•••@example.com', '•••4567': enough to know which one it is. */
export function masked(channel: Channel, address: string): string {
  if (channel === 'sms') return `•••${address.slice(-4)}`;
  const at = address.lastIndexOf('@');
  return `${[...address][0]}•••${address.slice(at)}`;
}

export const isIn = (type: ConsentType | null): boolean => type === 'opt-in' || type === 'confirmed-opt-in';

/** A choice in a form: 'topic 12, by email'. */
export const choiceName = ({ topicId, channel }: Pick<Choice, 'topicId' | 'channel'>): string =>
  `${topicId}:${channel}`;

/** `changed`: something changed since the page was shown, so nothing was saved. */
export type Saved = { saved: boolean; preferences: Preferences };

/**
 * Saves what was sent with the page's form: `chosen`, the names of the choices that are ticked, or `nothing`: the person
 * wants nothing any more. Saves nothing if the form token is not that of the present state. `alongside`: what is written with it.
 */
export function savePreferences(
  token: string,
  given: { formToken: string; chosen: readonly string[]; nothing: boolean },
  alongside: (tx: Tx, person: Person) => Promise<void> = () => Promise.resolve(),
): Promise<Answered<Saved>> {
  return transaction(
    (tx) =>
      withPerson(tx, token, async (sectionId, profileId) => {
        await execute(
          tx,
          sql`select from profile where section_id = ${sectionId} and id = ${profileId} for no key update`,
        );
        const before = await preferencesOf(tx, sectionId, profileId);
        if (!before) return undefined;
        // The same sent twice, as by a double click, is answered as saved.
        if (isAsSent(before, given)) return { saved: true, preferences: before };
        if (!isFormToken(given.formToken, token, before.state)) return { saved: false, preferences: before };
        if (given.nothing) await endAll(tx, { sectionId, profileId }, before);
        else await choose(tx, { sectionId, profileId }, before, new Set(given.chosen));
        await alongside(tx, { sectionId, profileId });
        return { saved: true, preferences: (await preferencesOf(tx, sectionId, profileId))! };
      }),
    RACE_CODES,
  );
}

/** Whether there is nothing to change. */
function isAsSent(
  { topics, addresses, stopped }: Preferences,
  { chosen, nothing }: { chosen: readonly string[]; nothing: boolean },
): boolean {
  const choices = topics.flatMap((topic) => topic.choices);
  if (!nothing) return choices.every((choice) => nextType(choice, chosen.includes(choiceName(choice))) === null);
  const isStopped = (channel: Channel) => stopped.some((one) => one.channel === channel);
  return choices.every(({ type }) => type === 'opt-out') && addresses.every(({ channel }) => isStopped(channel));
}

/** What a choice becomes; null: it stays. Who was never asked and does not tick it has said nothing. */
function nextType({ type }: Choice, ticked: boolean): 'opt-in' | 'opt-out' | null {
  if (ticked) return isIn(type) ? null : 'opt-in';
  return type === null || type === 'opt-out' ? null : 'opt-out';
}

type Person = { sectionId: SectionId; profileId: ProfileId };

/** What is ticked becomes an opt-in; what was there and is not ticked, an opt-out. */
async function choose(tx: Tx, person: Person, { topics }: Preferences, chosen: ReadonlySet<string>): Promise<void> {
  const wanted = topics.flatMap(({ name, description, choices }) =>
    choices.flatMap((choice): Wanted[] => {
      const type = nextType(choice, chosen.has(choiceName(choice)));
      return type === null ? [] : [{ ...choice, type, wording: [name, description].filter(Boolean).join('\n') }];
    }),
  );
  await change(tx, person, wanted);
  // Who wants something again has taken back their own 'nothing any more', but not what others or a bounce have stopped.
  const again = [...new Set(wanted.flatMap(({ type, channel }) => (type === 'opt-in' ? [channel] : [])))];
  for (const channel of again) {
    const own = sql`entry.channel = ${channel} and ${isOwnStop(sql`entry`)}
      and entry.address_key = ${addressOf(person.sectionId, channel, sql`${person.profileId}`)} collate "C"`;
    await liftWhere(tx, { sectionId: person.sectionId, userId: null }, own, 'chosen again on the preference page');
  }
}

const EVIDENCE = 'preference page: nothing any more';

/** Whether an entry of the suppression list is the person's own 'nothing any more', which they may take back. */
export const isOwnStop = (entry: Sql): Sql => sql`(
  ${entry}.reason = 'manual' and ${entry}.evidence = ${EVIDENCE}
  and ${entry}.user_id is null and ${entry}.api_key_id is null
)`;

/** Ends all consents, of every topic, and suppresses the person's addresses for marketing. */
async function endAll(tx: Tx, person: Person, { topics }: Preferences): Promise<void> {
  const { sectionId, profileId } = person;
  const wanted = topics.flatMap(({ name, choices }) =>
    choices.map((choice) => ({ ...choice, type: 'opt-out' as const, wording: `Nothing any more: ${name}` })),
  );
  await change(tx, person, wanted);
  // Also consents to topics that are hidden, and so not on the page.
  const { left } = await one<{ left: { topicId: TopicId; channel: Channel }[] }>(
    tx,
    sql`
      select coalesce(json_agg(json_build_object('topicId', topic_id, 'channel', channel)), '[]') as left
      from consent
      where section_id = ${sectionId} and profile_id = ${profileId} and type <> 'opt-out'`,
  );
  await change(
    tx,
    person,
    left.map((choice) => ({ ...choice, type: 'opt-out' as const, wording: 'Nothing any more' })),
  );
  await suppress(
    tx,
    { sectionId, userId: null },
    sql`
      select kinds.channel, kinds.address as address_key, 'manual'::text as reason, ${EVIDENCE}::text as evidence
      from (
        values ('email', ${addressOf(sectionId, 'email', sql`${profileId}`)}),
          ('sms', ${addressOf(sectionId, 'sms', sql`${profileId}`)})
      ) kinds (channel, address)
      where kinds.address is not null`,
  );
}

type Wanted = { topicId: TopicId; channel: Channel; type: ConsentType; wording: string };

async function change(tx: Tx, { sectionId, profileId }: Person, wanted: readonly Wanted[]): Promise<void> {
  if (wanted.length === 0) return;
  await changeConsents(
    tx,
    { sectionId, source: 'person', userId: null },
    sql`
      select ${profileId}::bigint as profile_id, wanted.topic_id, wanted.channel, wanted.type, ''::text as reason,
        'preference page'::text as source, wanted.wording, ''::text as proof
      from unnest(
        ${wanted.map(({ topicId }) => topicId)}::int[], ${wanted.map(({ channel }) => channel)}::text[],
        ${wanted.map(({ type }) => type)}::text[], ${wanted.map(({ wording }) => wording)}::text[]
      ) wanted (topic_id, channel, type, wording)`,
  );
}

/** Why a channel is stopped, in words for the person. */
export const stoppedInWords = (reason: SuppressionReason): string =>
  reason === 'manual' ? 'you or we have stopped everything to it' : REASON_WORDS[reason];
