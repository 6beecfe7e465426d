// A section that sends: people with addresses and consents, a topic, a sender to a sink, and messages.
import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { openAudience } from '@/lib/audience/open';
import { EVERYONE, type Audience } from '@/lib/audience/schema';
import { changeConsents } from '@/lib/consents/change';
import type { ConsentType } from '@/lib/consents/schema';
import { createTopic } from '@/lib/consents/topics';
import type { MessageId, ProfileId, SectionId, SendId, SenderId, TopicId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import type { MailDocumentSchema } from '@/lib/mail-document/schema';
import { claim, type Claimed } from '@/lib/messages/claim';
import { prepareSend } from '@/lib/messages/freeze';
import { takeLease } from '@/lib/messages/leases';
import { openSend } from '@/lib/messages/progress';
import type { Holder } from '@/lib/messages/results';
import { scheduleMessage } from '@/lib/messages/schedule';
import type { MessageKind } from '@/lib/suppression/may-receive';
import type { RecipientState } from '@/lib/messages/schema';
import { openSender } from '@/lib/sending/queries';
import { NO_SETTINGS, type ServerSettings } from '@/lib/sending/schema';
import { createTestProfiles, type TestAccount } from './fixtures';
import { valueOf } from './segments';

export type Document = z.input<typeof MailDocumentSchema>;

export const HELLO: Document = {
  subject: [{ type: 'text', text: 'Hello' }],
  blocks: [{ id: 'a', kind: 'text', lines: [[{ type: 'text', text: 'News for you.' }]] }],
};

export class TestSending {
  private constructor(
    readonly account: TestAccount,
    readonly topicId: TopicId,
    readonly senderId: SenderId,
  ) {}

  get sectionId(): SectionId {
    return this.account.sectionId;
  }

  /** With a sender to a sink on this machine; without a port, the built-in mailbox. */
  static async open(
    account: TestAccount,
    server: (Partial<ServerSettings> & { port: number }) | null,
  ): Promise<TestSending> {
    const { sectionId } = account;
    const topicId = valueOf(
      await createTopic(account.admin, {
        sectionId,
        name: `News ${randomUUID().slice(0, 8)}`,
        description: '',
        folder: '',
      }),
    ).id;
    const settings = {
      ...NO_SETTINGS,
      server: server && {
        host: '127.0.0.1',
        encryption: 'none',
        user: '',
        ehloName: '',
        connections: 4,
        perSecond: null,
        perHour: null,
        perDay: null,
        warmUp: null,
        ...server,
      },
    };
    const { id } = await one<{ id: SenderId }>(
      pool(),
      sql`
        insert into sender (section_id, kind, name, from_address, from_name, settings)
        values (
          ${sectionId}, ${server ? 'smtp' : 'mailbox'}, ${`Sender ${randomUUID().slice(0, 8)}`}, 'news@example.org', 'Fjällkök',
          ${JSON.stringify(settings)}
        )
        returning id`,
    );
    return new TestSending(account, topicId, id);
  }

  /** People who have agreed to get the topic. `domain`: of their addresses. */
  async people(count: number, domain = 'example.com'): Promise<ProfileId[]> {
    const ids = await createTestProfiles(this.sectionId, count);
    const name = randomUUID().slice(0, 6);
    const addresses = ids.map((_, index) => `p${index}.${name}@${domain}`);
    await execute(
      pool(),
      sql`
        insert into profile_key (section_id, keyspace_id, key, profile_id)
        select ${this.sectionId}::int, ${this.account.keyspaces.email}::int, person.address, person.id
        from unnest(${addresses}::text[], ${ids}::bigint[]) as person (address, id)`,
    );
    await this.consent(ids, 'opt-in');
    return ids;
  }

  consent(ids: readonly ProfileId[], type: ConsentType): Promise<unknown> {
    return transaction((tx) =>
      changeConsents(
        tx,
        { sectionId: this.sectionId, source: 'user', userId: null },
        sql`
          select person.id as profile_id, ${this.topicId}::int as topic_id, 'email'::text as channel, ${type}::text as type,
            '' as reason, '' as source, '' as wording, '' as proof
          from unnest(${ids}::bigint[]) as person (id)`,
      ),
    );
  }

  async message({
    document = HELLO,
    audience = EVERYONE,
    kind = 'marketing',
    settings = {},
    ab = null,
  }: {
    document?: Document;
    audience?: Audience;
    kind?: MessageKind;
    settings?: Record<string, unknown>;
    /** An A/B test: `AbTestSchema`. */
    ab?: object | null;
  } = {}): Promise<MessageId> {
    const name = `Message ${randomUUID().slice(0, 8)}`;
    const { id } = await one<{ id: MessageId }>(
      pool(),
      sql`
        insert into message (
          section_id, channel, kind, name, name_key, topic_ids, sender_id, content, audience, settings, created_at, changed_at
        )
        values (
          ${this.sectionId}, 'email', ${kind}, ${name}, ${name.toLowerCase()}, ${[this.topicId]}::int[], ${this.senderId},
          ${JSON.stringify({ channel: 'email', document, ab })}, ${JSON.stringify(audience)}, ${JSON.stringify(settings)},
          ${new Date()}, ${new Date()}
        )
        returning id`,
    );
    return id;
  }

  async seen(messageId: MessageId): Promise<string> {
    const { at } = await one<{ at: Date }>(
      pool(),
      sql`select changed_at as at from message where section_id = ${this.sectionId} and id = ${messageId}`,
    );
    return at.toISOString();
  }

  /** Schedules a message for now; the caller, or a worker, prepares it. */
  async schedule(messageId: MessageId, more: { again?: boolean } = {}): Promise<SendId> {
    const scheduled = await scheduleMessage(this.account.admin, {
      sectionId: this.sectionId,
      messageId,
      wish: { when: 'now' },
      seen: await this.seen(messageId),
      ...more,
    });
    return valueOf(scheduled).sendId;
  }

  /** A send whose audience is frozen. */
  async frozen(message: Parameters<TestSending['message']>[0] = {}): Promise<SendId> {
    const sendId = await this.schedule(await this.message(message));
    await prepareSend({ sectionId: this.sectionId, sendId });
    return sendId;
  }

  /** Claims recipients of a send in the sender's first slot, under a lease of its own. */
  async claimed(sendId: SendId, most = 100): Promise<{ holder: Holder; claims: Claimed[] }> {
    const slot = { sectionId: this.sectionId, senderId: this.senderId, slot: 0 };
    const lease = await takeLease(slot);
    const sender = (await openSender(pool(), this.sectionId, this.senderId))!;
    const send = (await openSend(pool(), this.sectionId, sendId))!;
    const open = await openAudience(pool(), this.sectionId, send.audience);
    const how = { open, most, slow: [], now: new Date() };
    const { claimed: claims } = await claim({ slot, lease, sender }, send, how);
    return { holder: { slot, lease, sender }, claims };
  }

  /** How much of the sender's hour is used. */
  async used(): Promise<number> {
    const { taken } = await one<{ taken: number }>(
      pool(),
      sql`
        select coalesce(sum(taken), 0)::int as taken from sender_use
        where section_id = ${this.sectionId} and sender_id = ${this.senderId} and seconds = 3600`,
    );
    return taken;
  }

  async status(sendId: SendId): Promise<{ status: string; kind: string | null; reason: string | null }> {
    return one(
      pool(),
      sql`
        select status, pause_kind as kind, pause_reason as reason from send
        where section_id = ${this.sectionId} and id = ${sendId}`,
    );
  }

  /** How many recipients are in which state, with the reason: 'skipped noConsent'. */
  async states(sendId: SendId): Promise<Record<string, number>> {
    const found = await rows<{ state: RecipientState; why: string | null; people: number }>(
      pool(),
      sql`
        select state, why, count(*)::int as people from recipient
        where section_id = ${this.sectionId} and send_id = ${sendId} group by state, why`,
    );
    return Object.fromEntries(found.map(({ state, why, people }) => [why ? `${state} ${why}` : state, people]));
  }
}

/** The Message-IDs of mails that a sink has taken. */
export const messageIds = (mails: readonly string[]): string[] =>
  mails.map((mail) => /^Message-ID: <(.+)>$/im.exec(mail)?.[1] ?? 'none');
