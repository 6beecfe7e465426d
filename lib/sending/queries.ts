// Reads of senders.
import { unsealIfReadable } from '@/lib/config/seal';
import type { AccountId, SectionId, SenderId } from '@/lib/db/ids';
import { maybeOne, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { smsHookAddress } from '@/lib/sms/hook-address';
import { SMS_KINDS } from '@/lib/sms/kinds';
import type { Channel } from './caught';
import { dkimRecord } from './dkim';
import {
  DomainCheckSchema,
  NO_SECRETS,
  SecretsSchema,
  SettingsSchema,
  type Dkim,
  type OpenSender,
  type SenderView,
} from './schema';
import { ALWAYS, gentleRate, gentleSince } from './gentle';
import { DAY } from './use';

type Row = Omit<OpenSender, 'settings' | 'secrets' | 'needsPassword'> & {
  settings: unknown;
  secrets: Buffer | null;
  createdAt: Date;
  domainCheck: unknown;
};

/** A condition on `sender`: it sends messages of the channel. The built-in mailbox takes both. */
export const sendsOn = (channel: Channel): Sql =>
  channel === 'sms'
    ? sql`(sender.kind = 'mailbox' or sender.kind = any(${SMS_KINDS}::text[]))`
    : sql`sender.kind <> all(${SMS_KINDS}::text[])`;

const columns = sql`
  sender.section_id as "sectionId", sender.id, sender.kind, sender.name, from_address as "fromAddress",
  from_name as "fromName", reply_to as "replyTo", settings, secrets, paused_at as "pausedAt",
  sender.created_at as "createdAt", domain_check as "domainCheck"`;

/** The section's senders for a channel: those that are not paused first, then the older ones. */
export async function sendersOn(db: Db, sectionId: SectionId, channel: Channel): Promise<{ id: SenderId }[]> {
  return rows(
    db,
    sql`
      select id from sender
      where section_id = ${sectionId} and removed_at is null and ${sendsOn(channel)}
      order by paused_at is not null, id`,
  );
}

/** A sender with its secrets; undefined if there is none or it was removed. */
export async function openSender(db: Db, sectionId: SectionId, id: SenderId): Promise<OpenSender | undefined> {
  const row = await maybeOne<Row>(
    db,
    sql`select ${columns} from sender where section_id = ${sectionId} and id = ${id} and removed_at is null`,
  );
  return row && opened(row);
}

function opened({ createdAt: _, domainCheck: __, ...row }: Row): OpenSender {
  const settings = SettingsSchema.parse(row.settings);
  const needsPassword = settings.sms !== null || (settings.server !== null && settings.server.user !== '');
  const text = row.secrets === null ? undefined : unsealIfReadable(row.secrets);
  // Without its key, a record for DKIM is of no use: another is made.
  if (text === undefined) {
    return { ...row, settings: { ...settings, dkim: null, nextDkim: null }, secrets: NO_SECRETS, needsPassword };
  }
  return { ...row, settings, secrets: SecretsSchema.parse(JSON.parse(text)), needsPassword: false };
}

/** A sender with its secrets, also one that was removed lately: what it has sent is still reported. */
export async function openSenderOfReports(db: Db, sectionId: SectionId, id: SenderId): Promise<OpenSender | undefined> {
  const row = await maybeOne<Row>(
    db,
    sql`select ${columns} from sender where section_id = ${sectionId} and id = ${id}`,
  );
  return row && opened(row);
}

/** The senders of a section by name, or one of them. */
export async function listSenders(
  db: Db,
  { sectionId, accountId, only }: { sectionId: SectionId; accountId: AccountId; only?: SenderId },
): Promise<SenderView[]> {
  const found = await rows<Row & { today: number; taken: number; bouncesFail: boolean }>(
    db,
    sql`
      select ${columns}, coalesce((
        select taken from sender_use
        where section_id = ${sectionId} and sender_id = sender.id and seconds = ${DAY} and since = ${startOfDay(new Date())}
      ), 0) as today, coalesce((
        select taken from sender_use
        where section_id = ${sectionId} and sender_id = sender.id and seconds = ${ALWAYS} and since = coalesce(
          sender.settings #>> '{server,gentleSince}', sender.settings #>> '{sms,gentleSince}'
        )::timestamptz
      ), 0) as taken, exists (
        select from sender_bounces
        where section_id = ${sectionId} and sender_id = sender.id and mailbox is not null and failing_since is not null
      ) as "bouncesFail"
      from sender
      where section_id = ${sectionId} and removed_at is null ${only === undefined ? sql`` : sql`and id = ${only}`}
      order by lower(name), id`,
  );
  const system = await systemSender(db, accountId);
  return found.map((row) => {
    const { settings, secrets, needsPassword } = opened(row);
    const domain = row.fromAddress.slice(row.fromAddress.lastIndexOf('@') + 1);
    const shown = (dkim: Dkim | null) => dkim && { ...dkim, record: dkimRecord(domain, dkim) };
    const check = DomainCheckSchema.safeParse(row.domainCheck);
    return {
      id: row.id,
      kind: row.kind,
      name: row.name,
      fromAddress: row.fromAddress,
      fromName: row.fromName,
      replyTo: row.replyTo,
      server: settings.server,
      sms: settings.sms,
      answersTo: settings.sms && smsHookAddress({ sectionId, senderId: row.id, reference: null }),
      hasPassword: secrets.password !== null,
      needsPassword,
      dkim: shown(settings.dkim),
      nextDkim: shown(settings.nextDkim),
      pausedAt: row.pausedAt,
      createdAt: row.createdAt,
      isForSystem: system?.sectionId === sectionId && system.senderId === row.id,
      check: check.success ? check.data : null,
      today: row.today,
      gentleRate: gentleSince(settings) && finite(gentleRate(row.taken)),
      returns: settings.returns,
      bouncesFail: row.bouncesFail,
    };
  });
}

const finite = (rate: number): number | null => (Number.isFinite(rate) ? rate : null);

/** Days of limits begin at midnight UTC, on every machine. */
const startOfDay = (at: Date): Date => new Date(Math.floor(at.getTime() / (DAY * 1_000)) * DAY * 1_000);

/** Which sender an account's invitations and password links go through. */
export function systemSender(
  db: Db,
  accountId: AccountId,
): Promise<{ sectionId: SectionId; senderId: SenderId } | undefined> {
  return maybeOne(
    db,
    sql`
      select section_id as "sectionId", sender_id as "senderId" from account_sender where account_id = ${accountId}`,
  );
}
