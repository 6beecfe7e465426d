// Messages for API clients: their sends, and who got them. Who is among the recipients may tell who has a tag, so the client must be
// allowed to read the tags that the audience was chosen by.
import type { ClientActor } from '@/lib/access/actor';
import { refuse, Refusal } from '@/lib/access/refusal';
import { conditionOf, openAudience } from '@/lib/audience/open';
import { AudienceSchema, EVERYONE, type AudienceCounts, type AudiencePart } from '@/lib/audience/schema';
import type { Channel } from '@/lib/consents/schema';
import type { MessageId, SectionId, SendId } from '@/lib/db/ids';
import { maybeOne, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { isOpen } from '@/lib/messages/recipient-sql';
import type { RecipientState, SendStatus } from '@/lib/messages/schema';
import { usableKeyspaces, type InKeyspace } from '@/lib/profiles/keyspace';
import { KEY_OF_CHANNEL } from '@/lib/suppression/schema';
import { oneKey, shownKey } from './feed';
import { requireReadable } from './segments';

export const NO_MESSAGE = 'There is no such message in this section.';

/** What clients see of a recipient's state: what is claimed, handed over or held is still waiting for them; what was taken and came back has bounced. */
export const CLIENT_STATES = [
  ...(['waiting', 'sent', 'bounced', 'refused', 'unknown', 'skipped', 'failed', 'cancelled'] as const),
] as const;
export type ClientState = (typeof CLIENT_STATES)[number];

/** A state as clients see it. */
export function clientState(state: RecipientState, bounced = false): ClientState {
  if (state === 'claimed' || state === 'handing' || state === 'held') return 'waiting';
  return state === 'sent' && bounced ? 'bounced' : state;
}

/** Written out, so that a partial index of a state can be used. */
const IN_STATE: Record<ClientState, Sql> = {
  waiting: isOpen,
  sent: sql`recipient.state = 'sent' and recipient.bounced_at is null`,
  bounced: sql`recipient.state = 'sent' and recipient.bounced_at is not null`,
  refused: sql`recipient.state = 'refused'`,
  unknown: sql`recipient.state = 'unknown'`,
  skipped: sql`recipient.state = 'skipped'`,
  failed: sql`recipient.state = 'failed'`,
  cancelled: sql`recipient.state = 'cancelled'`,
};

/** A send with its recipients by state, and those of a state by reason. */
export type ClientSend = {
  id: SendId;
  version: number;
  status: SendStatus;
  startsAt: Date;
  startedAt: Date | null;
  endedAt: Date | null;
  pauseReason: string | null;
  promised: number | null;
  /** Of the frozen audience. */
  counts: AudienceCounts | null;
  states: { state: ClientState; why: string | null; people: number }[];
};

/** All sends of a message, the newest first. */
export async function sendsOfMessage(db: Db, sectionId: SectionId, messageId: MessageId): Promise<ClientSend[]> {
  const sends = await rows<Omit<ClientSend, 'states'>>(
    db,
    sql`
      select id, version, status, starts_at as "startsAt", started_at as "startedAt", ended_at as "endedAt",
        pause_reason as "pauseReason", promised, counts
      from send
      where section_id = ${sectionId} and message_id = ${messageId}
      order by id desc`,
  );
  const counted = await rows<{
    sendId: SendId;
    state: RecipientState;
    bounced: boolean;
    why: string | null;
    people: number;
  }>(
    db,
    sql`
      select send_id as "sendId", state, bounced_at is not null as bounced,
        case when state = 'sent' and bounced_at is not null then bounce else why end as why, count(*) as people
      from recipient
      where section_id = ${sectionId} and send_id = any(${sends.map(({ id }) => id)}::int[])
      group by 1, 2, 3, 4
      order by people desc, state, why`,
  );
  return sends.map((send) => ({
    ...send,
    states: counted
      .filter(({ sendId }) => sendId === send.id)
      .map(({ state, bounced, why, people }) => ({ state: clientState(state, bounced), why, people })),
  }));
}

/** A person of a send. `address` and `answer`: null if the client may not use the keyspace of addresses. */
export type ClientRecipient = {
  key: string;
  state: ClientState;
  why: string | null;
  address: string | null;
  answer: string | null;
  at: Date | null;
  openedAt: Date | null;
  clickedAt: Date | null;
  leftAt: Date | null;
  bouncedAt: Date | null;
  complainedAt: Date | null;
};

/** Where a page begins: after this recipient. */
export type RecipientPlace = { profileId: number; occurrence: number };

/**
 * A page of the recipients that have a key in the keyspace, by profile. `limit`: how many are looked at. `next`: where the next page begins; null at the end.
 */
export async function recipientsOfSend(
  db: Db,
  client: ClientActor,
  where: InKeyspace,
  { sendId, state, after, limit }: { sendId: SendId; state?: ClientState; after: RecipientPlace; limit: number },
): Promise<{ recipients: ClientRecipient[]; next: RecipientPlace | null }> {
  const { sectionId } = where;
  const found = await rows<
    Omit<ClientRecipient, 'key' | 'state'> & RecipientPlace & { key: string | null; state: RecipientState }
  >(
    db,
    sql`
      with page as materialized (${recipientPage(sectionId, { sendId, state, after, limit })})
      select page.*, ${oneKey(where, sql`page."profileId"`)} as key
      from page
      order by page."profileId", page.occurrence`,
  );
  const hidesAddress = !(await mayReadAddresses(db, client, await channelOfSend(db, sectionId, sendId)));
  const recipients = found.flatMap(({ key, profileId: _profile, occurrence: _occurrence, state: of, ...one }) =>
    key === null
      ? []
      : [
          {
            ...one,
            ...(hidesAddress && { address: null, answer: null }),
            key: shownKey(where, key),
            state: clientState(of, one.bouncedAt !== null),
          },
        ],
  );
  const last = found.length === limit ? found.at(-1)! : null;
  return { recipients, next: last && { profileId: last.profileId, occurrence: last.occurrence } };
}

/** Read in the order of an index, so that a page of a million takes as long as one of a hundred. */
export const recipientPage = (
  sectionId: SectionId,
  { sendId, state, after, limit }: { sendId: SendId; state?: ClientState; after: RecipientPlace; limit: number },
): Sql => sql`
  select recipient.profile_id as "profileId", recipient.occurrence, recipient.state,
    case when recipient.state = 'sent' and recipient.bounced_at is not null then recipient.bounce else recipient.why end as why, recipient.address,
    recipient.answer, recipient.ended_at as at, recipient.opened_at as "openedAt", recipient.clicked_at as "clickedAt",
    recipient.left_at as "leftAt", recipient.bounced_at as "bouncedAt", recipient.complained_at as "complainedAt"
  from recipient
  where recipient.section_id = ${sectionId} and recipient.send_id = ${sendId}
    ${state === undefined ? sql`` : sql`and ${IN_STATE[state]}`}
    and (recipient.profile_id, recipient.occurrence) > (${after.profileId}::bigint, ${after.occurrence}::bigint)
  order by recipient.profile_id, recipient.occurrence
  limit ${limit}`;

async function channelOfSend(db: Db, sectionId: SectionId, sendId: SendId): Promise<Channel> {
  const found = await maybeOne<{ channel: Channel }>(
    db,
    sql`
      select message.channel from send
      join message on message.section_id = ${sectionId} and message.id = send.message_id
      where send.section_id = ${sectionId} and send.id = ${sendId}`,
  );
  return found?.channel ?? 'email';
}

/** Whether the client may use the keyspace of the channel's addresses. */
export async function mayReadAddresses(db: Db, client: ClientActor, channel: Channel): Promise<boolean> {
  if (client.keyspaces === 'all') return true;
  return (await usableKeyspaces(db, client)).some(({ kind }) => kind === KEY_OF_CHANNEL[channel]);
}

/**
 * Refuses if the audience of one of the message's sends was chosen by something that the client may not read: a tag, through each of the keyspaces, or keys
 * of another keyspace. None given: through all that the client may use.
 */
export async function requireReadableAudience(
  db: Db,
  client: ClientActor,
  {
    sectionId,
    messageId,
    keyspaces,
  }: { sectionId: SectionId; messageId: MessageId; keyspaces?: readonly InKeyspace[] },
): Promise<void> {
  if (client.keyspaces === 'all' && !(await forbidsReading(db, sectionId))) return;
  const parts = await partsOfSends(db, sectionId, messageId);
  if (parts.length === 0) return;
  const { definitions } = await openAudience(db, sectionId, { ...EVERYONE, include: parts }).catch(unreadable);
  const items = parts.flatMap((part) => (part.kind === 'message' ? [] : [conditionOf(part)]));
  const asRules = {
    thing: 'message' as const,
    name: await nameOf(db, sectionId, messageId),
    discriminator: String(messageId),
    rules: { timeZone: 'Etc/UTC', root: { kind: 'group' as const, match: 'any' as const, items } },
    definitions,
  };
  const through = keyspaces ?? (await usableKeyspaces(db, client)).map((keyspace) => ({ sectionId, keyspace }));
  for (const keyspace of through) await requireReadable(db, client, keyspace, [asRules]);
}

/** Clients do not see the name of what was hidden. */
export function unreadable(error: unknown): never {
  if (!(error instanceof Refusal)) throw error;
  return refuse(
    'conflict',
    'A tag or segment by which its people were chosen has been hidden or deleted, or needs attention. Only API keys for which nothing is forbidden can still read who they were.',
  );
}

/** Whether any tag of the section may not be read through some keyspace. */
export async function forbidsReading(db: Db, sectionId: SectionId): Promise<boolean> {
  const found = await maybeOne(
    db,
    sql`select from tag_permission where section_id = ${sectionId} and not can_read limit 1`,
  );
  return found !== undefined;
}

/** The tags and segments by which recipients were chosen, also those of messages whose recipients were. */
async function partsOfSends(db: Db, sectionId: SectionId, messageId: MessageId): Promise<AudiencePart[]> {
  const parts = new Map<string, AudiencePart>();
  const seen = new Set<MessageId>();
  for (let ask = [messageId]; ask.length > 0;) {
    for (const id of ask) seen.add(id);
    const sends = await rows<{ audience: unknown }>(
      db,
      sql`
        select distinct audience from send
        where section_id = ${sectionId} and message_id = any(${ask}::int[])`,
    );
    const all = sends.flatMap(({ audience }) => {
      const { include, exclude } = AudienceSchema.parse(audience);
      return [...include, ...exclude];
    });
    for (const part of all) parts.set(`${part.kind}:${part.id}`, part);
    ask = all.flatMap((part) => (part.kind === 'message' && !seen.has(part.id) ? [part.id] : []));
  }
  return [...parts.values()].filter(({ kind }) => kind !== 'message');
}

async function nameOf(db: Db, sectionId: SectionId, messageId: MessageId): Promise<string> {
  const found = await maybeOne<{ name: string }>(
    db,
    sql`select name from message where section_id = ${sectionId} and id = ${messageId} and deleted_at is null`,
  );
  return found?.name ?? refuse('not_found', NO_MESSAGE);
}
