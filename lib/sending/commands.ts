// What Admins do with senders besides adding and changing them.
import { z } from 'zod';
import { actorUserId, type Actor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { InSection, parseInput, refused } from '@/lib/access/declared';
import { requireAllowed } from '@/lib/access/policy';
import { refuse, type Result } from '@/lib/access/refusal';
import { installationAddress } from '@/lib/config/installation';
import { seal } from '@/lib/config/seal';
import type { SectionId, SenderId } from '@/lib/db/ids';
import { transaction } from '@/lib/db/pool';
import { execute, maybeOne, sql, type Tx } from '@/lib/db/sql';
import { newToken } from '@/lib/db/tokens';
import { isSmsKind } from '@/lib/sms/kinds';
import { readMobile } from '@/lib/sms/sender-name';
import type { SmsOptions } from '@/lib/sms/transport';
import { compose } from './compose/compose';
import { makeDkimKey } from './dkim';
import { checkDomain, resolveTxt, type TxtResolver } from './domain-check';
import { MAILBOX_IDENTITY } from './mailbox';
import { domainOfSender, openTransport } from './open-transport';
import type { Outcome } from './outcome';
import { lockSender, ownSender, requirePlace } from './save';
import {
  DomainCheckSchema,
  InSender,
  NO_SETTINGS,
  type DomainCheck,
  type SenderKind,
  type SenderSecrets,
  type SenderSettings,
} from './schema';
import type { PoolOptions } from './smtp/pool';
import { openSmsTransport } from './sms-transport';
import { requireMayHandleLinks } from './system';
import { takeRoom } from './use';

/** Adds the built-in mailbox to a section. */
export const addMailbox = command({
  name: 'sending.add-mailbox',
  scope: 'section',
  allow: 'admins',
  input: InSection,
  run: async ({ tx, prisma, actor }, { sectionId }) => {
    await requirePlace(tx, sectionId);
    await requireNoMailbox(tx, sectionId);
    const section = await prisma.section.findFirstOrThrow({ where: { id: sectionId }, select: { name: true } });
    return prisma.sender.create({
      data: {
        sectionId,
        kind: 'mailbox',
        ...MAILBOX_IDENTITY,
        fromName: section.name,
        settings: NO_SETTINGS,
        createdBy: actorUserId(actor),
      },
      select: { id: true },
    }) as Promise<{ id: SenderId }>;
  },
  audit: (_input, { id }) => ({ summary: 'Added a built-in mailbox', subject: `sender:${id}` }),
});

/** Refuses if the section has a built-in mailbox. Under the lock of `requirePlace`. */
async function requireNoMailbox(tx: Tx, sectionId: SectionId): Promise<void> {
  const known = await maybeOne(
    tx,
    sql`select from sender where section_id = ${sectionId} and kind = 'mailbox' and removed_at is null`,
  );
  if (known) refuse('conflict', 'This section has a built-in mailbox already.');
}

/** Pauses a sender: nothing goes through it until it is resumed, and what was to go waits. */
export const pauseSender = command({
  name: 'sending.pause',
  scope: 'section',
  allow: 'admins',
  input: InSender.extend({ paused: z.boolean() }),
  run: async ({ tx }, { sectionId, senderId, paused }) => {
    const { name, pausedAt } = await lockSender(tx, sectionId, senderId);
    const at = paused ? (pausedAt ?? new Date()) : null;
    await execute(
      tx,
      sql`update sender set paused_at = ${at}::timestamptz where section_id = ${sectionId} and id = ${senderId}`,
    );
    return { name };
  },
  audit: ({ senderId, paused }, { name }) => ({
    summary: `${paused ? 'Paused' : 'Resumed'} the sender “${name}”`,
    subject: `sender:${senderId}`,
  }),
});

/** Removes a sender, or brings it back as it was. One for invitations is refused: choose another first. */
export const removeSender = command({
  name: 'sending.remove',
  scope: 'section',
  allow: 'admins',
  input: InSender.extend({ removed: z.boolean() }),
  run: async ({ tx, accountId }, { sectionId, senderId, removed }) => {
    const sender = await maybeOne<{ kind: string }>(
      tx,
      sql`select kind from sender where section_id = ${sectionId} and id = ${senderId} for update`,
    );
    if (removed) {
      const system = await maybeOne(
        tx,
        sql`
          select from account_sender
          where account_id = ${accountId} and section_id = ${sectionId} and sender_id = ${senderId} for update`,
      );
      if (system) {
        refuse(
          'conflict',
          'Invitations and password links go through this sender. Choose another one for them, or none, first.',
        );
      }
    } else {
      await requirePlace(tx, sectionId);
      if (sender?.kind === 'mailbox') await requireNoMailbox(tx, sectionId);
    }
    const at = removed ? new Date() : null;
    const found = await maybeOne<{ name: string }>(
      tx,
      sql`
        update sender set removed_at = ${at}::timestamptz
        where section_id = ${sectionId} and id = ${senderId} and (removed_at is null) = ${removed}
        returning name`,
    );
    return found ?? refuse('not_found', 'This sender does not exist in this section.');
  },
  audit: ({ senderId, removed }, { name }) => ({
    summary: `${removed ? 'Removed' : 'Brought back'} the sender “${name}”`,
    subject: `sender:${senderId}`,
  }),
});

/** Sends invitations and password links of the account through a sender, or through none (`used: false`). For Account Owners: see system.ts. */
export const chooseForSystemMail = command({
  name: 'sending.use-for-system-mail',
  scope: 'section',
  allow: 'owners',
  input: InSender.extend({ used: z.boolean() }),
  run: async ({ tx, actor, accountId }, { sectionId, senderId, used }) => {
    requireMayHandleLinks(actor);
    const { name, kind } = await lockSender(tx, sectionId, senderId);
    if (used) {
      requireMail(kind);
      await execute(
        tx,
        sql`
          insert into account_sender (account_id, section_id, sender_id) values (${accountId}, ${sectionId}, ${senderId})
          on conflict (account_id) do update set section_id = excluded.section_id, sender_id = excluded.sender_id`,
      );
    } else {
      await execute(
        tx,
        sql`
          delete from account_sender
          where account_id = ${accountId} and section_id = ${sectionId} and sender_id = ${senderId}`,
      );
    }
    return { name };
  },
  audit: ({ senderId, used }, { name }) => ({
    summary: used
      ? `Invitations and password links are sent by “${name}”`
      : `Invitations and password links are no longer sent by “${name}”`,
    subject: `sender:${senderId}`,
  }),
});

/** Refuses if a sender is for SMS. */
function requireMail(kind: SenderKind): void {
  if (isSmsKind(kind)) refuse('invalid', 'This sender sends SMS only.');
}

const withSecrets = (secrets: SenderSecrets) => seal(JSON.stringify(secrets));

/** Makes a key for DKIM, which waits until its record is published. The present key goes on signing. */
export async function makeKey(actor: Actor, raw: unknown, requestId?: string): Promise<Result<{ name: string }>> {
  try {
    requireAllowed(actor, 'admins');
    const { sectionId, senderId } = parseInput(InSender, raw);
    await ownSender(actor, sectionId, senderId);
    return await storeKey(actor, { sectionId, senderId, ...(await makeDkimKey()) }, { requestId });
  } catch (error) {
    return refused(error);
  }
}

const storeKey = command({
  name: 'sending.make-dkim-key',
  scope: 'section',
  allow: 'admins',
  input: InSender.extend({ publicKey: z.string().max(2_000), privateKey: z.string().max(10_000) }),
  run: async ({ tx, prisma }, { sectionId, senderId, publicKey, privateKey }) => {
    const { name, kind, settings, secrets, needsPassword } = await lockSender(tx, sectionId, senderId);
    requireMail(kind);
    if (needsPassword) refuse('conflict', 'Enter the password of this sender first: it is no longer known.');
    // A selector of its own, so that the record of the key that still signs can stay.
    const selector = `tagwell-${newToken().tokenHash.slice(0, 6)}`;
    const after: SenderSettings = { ...settings, nextDkim: { selector, publicKey } };
    await prisma.sender.update({
      where: { sectionId_id: { sectionId, id: senderId } },
      data: { settings: after, secrets: withSecrets({ ...secrets, nextDkimKey: privateKey }) },
      select: { id: true },
    });
    return { name };
  },
  audit: ({ senderId }, { name }) => ({ summary: `Made a key for DKIM for “${name}”`, subject: `sender:${senderId}` }),
});

/** `resolve`: how the DNS is asked, which tests replace. */
export type CheckOptions = { resolve?: TxtResolver; requestId?: string };

/** Looks at the DNS of a sender's domain, and keeps what was found. */
export async function checkSenderDomain(
  actor: Actor,
  raw: unknown,
  { resolve = resolveTxt, requestId }: CheckOptions = {},
): Promise<Result<DomainCheck>> {
  try {
    requireAllowed(actor, 'admins');
    const { sectionId, senderId } = parseInput(InSender, raw);
    const sender = await ownSender(actor, sectionId, senderId);
    requireMail(sender.kind);
    const { server, dkim, nextDkim } = sender.settings;
    const key = nextDkim ?? dkim;
    const check = await checkDomain(
      { domain: domainOfSender(sender), host: server?.host ?? null, dkim: key && { ...key, signs: key === dkim } },
      resolve,
    );
    const stored = await storeCheck(actor, { sectionId, senderId, check }, { requestId });
    return stored.ok ? { ok: true, value: check } : stored;
  } catch (error) {
    return refused(error);
  }
}

const storeCheck = command({
  name: 'sending.check-domain',
  scope: 'section',
  allow: 'admins',
  input: InSender.extend({ check: DomainCheckSchema }),
  run: async ({ tx }, { sectionId, senderId, check }) => {
    await lockSender(tx, sectionId, senderId);
    await execute(
      tx,
      sql`
        update sender set domain_check = ${JSON.stringify(check)}::jsonb
        where section_id = ${sectionId} and id = ${senderId}`,
    );
  },
  audit: () => null,
});

/** Signs with the key that waits, if its record is published. Refuses with `conflict` and what the DNS says otherwise. */
export async function beginSigning(
  actor: Actor,
  raw: unknown,
  { resolve = resolveTxt, requestId }: CheckOptions = {},
): Promise<Result<{ name: string }>> {
  const checked = await checkSenderDomain(actor, raw, { resolve });
  if (!checked.ok) return checked;
  const finding = checked.value.findings.find(({ what }) => what === 'DKIM');
  if (finding?.state !== 'fine') {
    return { ok: false, refusal: { code: 'conflict', message: finding?.words ?? 'There is no key yet.' } };
  }
  return setSigning(actor, { ...parseInput(InSender, raw), signs: true }, { requestId });
}

/** Signs with the key that waits, or no longer signs: then its key waits again. */
export const setSigning = command({
  name: 'sending.sign',
  scope: 'section',
  allow: 'admins',
  input: InSender.extend({ signs: z.boolean() }),
  run: async ({ tx, prisma }, { sectionId, senderId, signs }) => {
    const { name, settings, secrets } = await lockSender(tx, sectionId, senderId);
    const { dkim, nextDkim } = settings;
    if (signs ? !nextDkim : !dkim) refuse('conflict', 'This has been changed since. Reload the page.');
    const after: SenderSettings = signs
      ? { ...settings, dkim: nextDkim, nextDkim: null }
      : { ...settings, dkim: null, nextDkim: dkim };
    const kept: SenderSecrets = signs
      ? { ...secrets, dkimKey: secrets.nextDkimKey, nextDkimKey: null }
      : { ...secrets, dkimKey: null, nextDkimKey: secrets.dkimKey };
    await prisma.sender.update({
      where: { sectionId_id: { sectionId, id: senderId } },
      data: { settings: after, secrets: withSecrets(kept) },
      select: { id: true },
    });
    return { name };
  },
  audit: ({ senderId, signs }, { name }) => ({
    summary: signs ? `Mails of “${name}” are signed (DKIM)` : `Mails of “${name}” are no longer signed (DKIM)`,
    subject: `sender:${senderId}`,
  }),
});

/** Sends a mail to the acting person through a sender, and answers with what became of it. */
export async function sendTestMail(
  actor: Actor,
  raw: unknown,
  options: Partial<PoolOptions> = {},
): Promise<Result<{ to: string; outcome: Outcome }>> {
  try {
    requireAllowed(actor, 'admins');
    if (actor.kind !== 'user') refuse('not_allowed', 'Only a person has an address that a test can go to.');
    const { sectionId, senderId } = parseInput(InSender, raw);
    const sender = await ownSender(actor, sectionId, senderId);
    requireMail(sender.kind);
    const mail = compose({
      from: { name: sender.fromName, address: sender.fromAddress },
      to: { name: actor.name, address: actor.email },
      replyTo: sender.replyTo === null ? null : { name: '', address: sender.replyTo },
      subject: `Test of the sender “${sender.name}”`,
      text: `This is a test of the sender “${sender.name}” of ${installationAddress()}.\n\nIf you read this, it works. Look at the headers of this mail for spf=pass, dkim=pass and dmarc=pass.\n`,
      messageId: `test.${newToken().tokenHash.slice(0, 24)}@${domainOfSender(sender)}`,
      date: new Date(),
      automatic: true,
    });
    await transaction((tx) => takeRoom(tx, sender, 1));
    const transport = openTransport(sender, { connections: 1, connectMs: 15_000, replyMs: 60_000, ...options });
    try {
      const outcome = await transport.deliver(mail);
      const recorded = await recordTest(actor, { sectionId, senderId, outcome: outcome.kind });
      return recorded.ok ? { ok: true, value: { to: actor.email, outcome } } : recorded;
    } finally {
      await transport.close();
    }
  } catch (error) {
    return refused(error);
  }
}

const TestSms = InSender.extend({
  to: z
    .string()
    .max(40)
    .refine((text) => readMobile(text) !== undefined, 'Enter your number with + and its country code.')
    .transform((text) => readMobile(text) ?? ''),
});

/** Sends an SMS through a sender to a number that the acting person enters, and answers with what became of it. */
export async function sendTestSms(
  actor: Actor,
  raw: unknown,
  options: Partial<SmsOptions> = {},
): Promise<Result<{ to: string; outcome: Outcome }>> {
  try {
    requireAllowed(actor, 'admins');
    const { sectionId, senderId, to } = parseInput(TestSms, raw);
    const sender = await ownSender(actor, sectionId, senderId);
    if (sender.kind === 'smtp') refuse('invalid', 'This sender sends mails only.');
    await transaction((tx) => takeRoom(tx, sender, 1));
    const transport = openSmsTransport(sender, { connections: 1, answerMs: 30_000, ...options });
    try {
      const text = `This is a test of the sender "${sender.name}" of Tagwell.`;
      const outcome = await transport.deliver({ to, text, reference: null });
      const recorded = await recordTest(actor, { sectionId, senderId, outcome: outcome.kind });
      return recorded.ok ? { ok: true, value: { to: `+${to}`, outcome } } : recorded;
    } finally {
      await transport.close();
    }
  } catch (error) {
    return refused(error);
  }
}

const recordTest = command({
  name: 'sending.test',
  scope: 'section',
  allow: 'admins',
  input: InSender.extend({ outcome: z.string().max(20) }),
  run: async ({ tx }, { sectionId, senderId }) => {
    const { name } = await lockSender(tx, sectionId, senderId);
    return { name };
  },
  audit: ({ senderId, outcome }, { name }) => ({
    summary: `Tested the sender “${name}”`,
    subject: `sender:${senderId}`,
    details: { outcome },
  }),
});
