// Adding and changing senders: the mail server is asked first, outside of any transaction; what it accepted is stored, with the
// password sealed.
import { z } from 'zod';
import { actorUserId, type Actor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { accessible, parseInput, refused } from '@/lib/access/declared';
import { requireAllowed } from '@/lib/access/policy';
import { refuse, type Result } from '@/lib/access/refusal';
import { seal } from '@/lib/config/seal';
import { SectionIdSchema, type SectionId, type SenderId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, maybeOne, sql, type Tx } from '@/lib/db/sql';
import { domainOfSender, serverOf } from './open-transport';
import { openSender } from './queries';
import {
  IdentitySchema,
  InSender,
  NO_SECRETS,
  NO_SETTINGS,
  SecretsSchema,
  ServerSchema,
  SettingsSchema,
  type OpenSender,
  type SenderSettings,
  type ServerSettings,
} from './schema';
import { requireMayChangeSender } from './system';
import { Line, LINE_OPTIONS, NoLine, type LineOptions, type SmtpServer } from './smtp/line';

const SENDERS_MAX = 50;
const PasswordSchema = z.string().max(1_000);

const NewSenderSchema = IdentitySchema.extend(ServerSchema.shape).extend({
  sectionId: SectionIdSchema,
  password: PasswordSchema,
});

/** `password`: absent or empty keeps the stored one. */
const ChangedSenderSchema = NewSenderSchema.extend({
  senderId: InSender.shape.senderId,
  password: PasswordSchema.optional(),
});

/** `line`: times and certificates, which tests give. `requestId`: one per intent, so that sending twice stores one sender. */
export type SaveOptions = { line?: Partial<LineOptions>; requestId?: string };

/** How long an Admin waits for an answer, in milliseconds. */
const ASK_MS = 15_000;

/** Connects and signs in. Refuses with `invalid`, at the field that the reason is about. */
async function askServer(server: SmtpServer, options: Partial<LineOptions> = {}): Promise<void> {
  try {
    const line = await Line.open(server, { ...LINE_OPTIONS, connectMs: ASK_MS, replyMs: ASK_MS, ...options });
    line.quit();
  } catch (error) {
    if (!(error instanceof NoLine)) throw error;
    const { outcome } = error;
    const why = outcome.kind === 'senderFault' ? outcome.why : 'connection';
    const field = { connection: 'host', encryption: 'encryption', credentials: 'user', permission: 'user' }[why];
    const words = {
      credentials: `The server refused the user name or the password. It says: ${outcome.text}`,
      connection: outcome.code === null ? outcome.text : `The server does not let us in. It says: ${outcome.text}`,
      encryption: outcome.text,
      permission: outcome.text,
    }[why];
    refuse('invalid', outcome.code === null ? outcome.text : words, { field });
  }
}

type Entered = z.output<typeof ServerSchema>;

function requireLogin({ user }: Entered, password: string | null): void {
  if (user !== '' && !password) refuse('invalid', 'Enter the password.', { field: 'password' });
  if (user === '' && password) refuse('invalid', 'Enter the user name, or no password.', { field: 'user' });
}

const settingsOf = (entered: Entered, was: ServerSettings | null, at: Date): ServerSettings => {
  const {
    warmUp: first,
    host,
    port,
    encryption,
    user,
    ehloName,
    connections,
    perSecond,
    perHour,
    perDay,
    rates,
  } = entered;
  // A warm-up goes on from its first day, unless it begins anew.
  const goesOn = was?.warmUp && was.warmUp.first === first ? was.warmUp : null;
  const warmUp = first === null ? null : (goesOn ?? { since: at.toISOString(), first });
  const server = { host, port, encryption, user, ehloName, connections, perSecond, perHour, perDay, warmUp, rates };
  // Another server has proven nothing yet.
  const isKnown = was !== null && destination(server) === destination(was);
  return { ...server, gentleSince: isKnown ? was.gentleSince : at.toISOString() };
};

/** Adds a sender by SMTP, if its server lets us in. Refuses with `invalid` and the reason; nothing is stored then. */
export async function addSender(
  actor: Actor,
  raw: unknown,
  { line, requestId }: SaveOptions = {},
): Promise<Result<{ id: SenderId }>> {
  try {
    requireAllowed(actor, 'admins');
    const input = parseInput(NewSenderSchema, raw);
    await requireSection(actor, input.sectionId);
    const password = input.password === '' ? null : input.password;
    requireLogin(input, password);
    const server = settingsOf(input, null, new Date());
    await askServer(serverOf(server, password, domainOfSender(input)), line);
    const { sectionId, name, fromAddress, fromName, replyTo } = input;
    return await storeNew(
      actor,
      { sectionId, name, fromAddress, fromName, replyTo: replyTo ?? '', server, password },
      { requestId },
    );
  } catch (error) {
    return refused(error);
  }
}

const StoredServer = SettingsSchema.shape.server.unwrap();

const storeNew = command({
  name: 'sending.add',
  scope: 'section',
  allow: 'admins',
  input: IdentitySchema.extend({ sectionId: SectionIdSchema, server: StoredServer, password: z.string().nullable() }),
  run: async ({ tx, prisma, actor }, { sectionId, server, password, ...identity }) => {
    await requirePlace(tx, sectionId);
    const settings: SenderSettings = { ...NO_SETTINGS, server };
    return prisma.sender.create({
      data: {
        sectionId,
        kind: 'smtp',
        ...identity,
        settings,
        secrets: seal(JSON.stringify({ ...NO_SECRETS, password })),
        createdBy: actorUserId(actor),
      },
      select: { id: true },
    }) as Promise<{ id: SenderId }>;
  },
  audit: ({ name, server }, { id }) => ({
    summary: `Added the sender “${name}”`,
    subject: `sender:${id}`,
    details: { host: server.host, port: server.port, encryption: server.encryption, user: server.user },
  }),
});

/** Refuses if the section has as many senders as it may have. Serialised per section. */
export async function requirePlace(tx: Tx, sectionId: SectionId): Promise<void> {
  await execute(tx, sql`select from section where id = ${sectionId} for no key update`);
  const full = await maybeOne(
    tx,
    sql`
      select from sender where section_id = ${sectionId} and removed_at is null
      having count(*) >= ${SENDERS_MAX}`,
  );
  if (full) refuse('conflict', `A section has at most ${SENDERS_MAX} senders. Remove one first.`);
}

const OTHER_SERVER =
  'This is another server, user or encryption. The stored password is not sent there: enter it again.';

/** Where a stored password goes, and how. Anything else there needs it entered again. */
const destination = ({
  host,
  port,
  encryption,
  user,
}: Pick<ServerSettings, 'host' | 'port' | 'encryption' | 'user'>): string =>
  JSON.stringify([host.toLowerCase(), port, encryption, user]);

/**
 * Changes a sender. Its server is asked before anything is stored, unless only names or limits change. Refuses with `invalid` and field `password` if
 * the password would go elsewhere than before. `tested`: whether the server was asked.
 */
export async function changeSender(
  actor: Actor,
  raw: unknown,
  { line, requestId }: SaveOptions = {},
): Promise<Result<{ tested: boolean }>> {
  try {
    requireAllowed(actor, 'admins');
    const input = parseInput(ChangedSenderSchema, raw);
    const { sectionId, senderId, name, fromAddress, fromName, replyTo } = input;
    const known = await ownSender(actor, sectionId, senderId);
    await requireMayChangeSender(pool(), actor, { sectionId, senderId });
    const was = known.settings.server;
    if (!was) refuse('invalid', 'This sender has no mail server.');
    const server = settingsOf(input, was, new Date());
    const moved = destination(server) !== destination(was);
    const entered = input.password === undefined || input.password === '' ? null : input.password;
    if (moved && entered === null && server.user !== '') refuse('invalid', OTHER_SERVER, { field: 'password' });
    const password = server.user === '' ? entered : (entered ?? known.secrets.password);
    requireLogin(input, password);
    const tested = moved || entered !== null || server.ehloName !== was.ehloName;
    if (tested) await askServer(serverOf(server, password, domainOfSender(input)), line);
    const identity = { name, fromAddress, fromName, replyTo: replyTo ?? '' };
    const stored = await storeChange(actor, { sectionId, senderId, ...identity, server, password }, { requestId });
    return stored.ok ? { ok: true, value: { tested } } : stored;
  } catch (error) {
    return refused(error);
  }
}

/** A sender that the actor may see, with its secrets. Refuses with `not_found`. */
export async function ownSender(actor: Actor, sectionId: SectionId, senderId: SenderId): Promise<OpenSender> {
  await requireSection(actor, sectionId);
  return (await openSender(pool(), sectionId, senderId)) ?? refuse('not_found', GONE);
}

const GONE = 'This sender does not exist in this section.';

/** Before a server is asked on somebody's behalf. */
export async function requireSection(actor: Actor, sectionId: SectionId): Promise<void> {
  if ((await accessible(actor, [sectionId])).length === 0) {
    refuse('not_found', 'You do not have access to this section.');
  }
}

const storeChange = command({
  name: 'sending.change',
  scope: 'section',
  allow: 'admins',
  input: IdentitySchema.extend(InSender.shape).extend({ server: StoredServer, password: z.string().nullable() }),
  run: async ({ tx, prisma, actor }, { sectionId, senderId, server, password, ...identity }) => {
    const known = await lockSender(tx, sectionId, senderId);
    await requireMayChangeSender(tx, actor, { sectionId, senderId });
    // A check of another domain says nothing about this one, and neither does its key.
    const sameDomain = domainOfSender(known) === domainOfSender(identity);
    const { dkim, nextDkim, returns } = known.settings;
    const settings: SenderSettings = sameDomain
      ? { ...NO_SETTINGS, dkim, nextDkim, server, returns }
      : { ...NO_SETTINGS, server, returns };
    const secrets = SecretsSchema.parse({ ...(sameDomain ? known.secrets : NO_SECRETS), password });
    await prisma.sender.update({
      where: { sectionId_id: { sectionId, id: senderId } },
      data: { ...identity, settings, secrets: seal(JSON.stringify(secrets)) },
      select: { id: true },
    });
    if (!sameDomain) {
      await execute(
        tx,
        sql`update sender set domain_check = null where section_id = ${sectionId} and id = ${senderId}`,
      );
    }
    return { was: known.name };
  },
  audit: ({ senderId, name, server }, { was }) => ({
    summary: was === name ? `Changed the sender “${name}”` : `Renamed the sender “${was}” to “${name}”`,
    subject: `sender:${senderId}`,
    details: { host: server.host, port: server.port, encryption: server.encryption, user: server.user },
  }),
});

/** Locks a sender for a change. Refuses with `not_found`. */
export async function lockSender(tx: Tx, sectionId: SectionId, senderId: SenderId): Promise<OpenSender> {
  await execute(tx, sql`select from sender where section_id = ${sectionId} and id = ${senderId} for update`);
  const known = await openSender(tx, sectionId, senderId);
  return known ?? refuse('not_found', GONE);
}
