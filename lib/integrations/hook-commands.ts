// Switches announcements of a CRM on and off. The CRM is called outside of any transaction: what is to be registered is stored first,
// so that a delivery which comes at once is known, and what it answered afterwards.
import { z } from 'zod';
import type { Actor } from '@/lib/access/actor';
import { command, type CommandOptions } from '@/lib/access/command';
import { parseInput } from '@/lib/access/declared';
import { refuse, type Result } from '@/lib/access/refusal';
import { pool } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';
import { removeConnection } from './commands';
import { changeConnection } from './change-connection';
import { refused, replaceSecrets, type ConnectOptions, type SignedIn } from './connect';
import { connectorNamed } from './connectors';
import type { Session } from './connector';
import { CrmError } from './crm-error';
import { findHook, HOOK_WAYS, hookAddress, hookWays, newHookKeys, sealHookKeys, type Hook } from './hook';
import { openConnection, type OpenConnection } from './queries';
import { InConnection } from './schema';
import { openSession, type SessionOptions } from './session';
import { lockConnection } from './start';

const subject = ({ connectionId }: { connectionId: number }) => `connection:${connectionId}`;

/** Somebody waits for the answer. */
const PATIENCE_MS = 25_000;

/** `origin`: under which this installation is reached from outside. */
export type HookOptions = SessionOptions & { origin: string };

const ByWay = InConnection.extend({ way: z.enum(HOOK_WAYS) });

/**
 * Keys for a webhook, new ones if there is one already: deliveries with the former keys are refused from now on. `before`: the webhook as it
 * was, read under the lock, so that of several at once each is removed from the CRM by somebody.
 */
const prepareHook = command({
  name: 'integrations.prepare-hook',
  scope: 'section',
  allow: 'admins',
  input: ByWay.extend({ origin: z.url() }),
  run: async ({ tx, prisma }, { sectionId, connectionId, way, origin }) => {
    const { name } = await lockConnection(tx, sectionId, connectionId);
    const connection = (await openConnection(tx, sectionId, connectionId))!;
    if (!hookWays(connection).includes(way))
      refuse('invalid', `${connectorNamed(connection.kind).name} cannot do this.`);
    const before = await findHook(tx, { sectionId, connectionId });
    const data = {
      sealed: sealHookKeys(newHookKeys()),
      byHand: way === 'hand',
      origin,
      confirmedAt: null,
      heardAt: null,
      ...(way === 'hand' && { registrations: [] }),
    };
    await prisma.connectionHook.upsert({
      where: { sectionId_connectionId: { sectionId, connectionId } },
      create: { sectionId, connectionId, registrations: [], ...data },
      update: data,
      select: { sectionId: true },
    });
    return { name, before };
  },
  audit: (input, { name }) => ({
    summary: `Made new keys for what the CRM of “${name}” announces`,
    subject: subject(input),
    details: { way: input.way },
  }),
});

/** Stores what the CRM calls its webhooks, unless somebody else has switched them on or off since. */
const storeRegistrations = command({
  name: 'integrations.store-hook',
  scope: 'section',
  allow: 'admins',
  input: InConnection.extend({ sealed: z.instanceof(Buffer), registrations: z.array(z.string()) }),
  run: async ({ tx }, { sectionId, connectionId, sealed, registrations }) => {
    const { name } = await lockConnection(tx, sectionId, connectionId);
    const stored = await execute(
      tx,
      sql`
        update connection_hook set registrations = ${registrations}::text[], confirmed_at = ${new Date()}
        where section_id = ${sectionId} and connection_id = ${connectionId} and sealed = ${sealed}`,
    );
    if (stored === 0) refuse('conflict', 'Somebody else has changed this in the meantime. Look at it again.');
    return { name };
  },
  audit: (input, { name }) => ({ summary: `The CRM of “${name}” announces changes`, subject: subject(input) }),
});

const deleteHook = command({
  name: 'integrations.delete-hook',
  scope: 'section',
  allow: 'admins',
  input: InConnection,
  run: async ({ tx, prisma }, { sectionId, connectionId }) => {
    const { name } = await lockConnection(tx, sectionId, connectionId);
    await prisma.connectionHook.deleteMany({ where: { sectionId, connectionId } });
    return { name };
  },
  audit: (input, { name }) => ({
    summary: `Switched off what the CRM of “${name}” announces`,
    subject: subject(input),
  }),
});

/**
 * Lets the CRM announce changes: registers an address there (`crm`), or makes one for a person to enter (`hand`). Again: with new keys.
 * Refuses with `unavailable` and the CRM's reason; then nothing is announced. `note`: what a person should know.
 */
export async function switchHookOn(
  actor: Actor,
  raw: unknown,
  { origin, ...options }: HookOptions,
): Promise<Result<{ note: string | null }>> {
  try {
    const input = parseInput(ByWay, raw);
    const prepared = await prepareHook(actor, { ...input, origin });
    if (!prepared.ok) return prepared;
    const connection = (await openConnection(pool(), input.sectionId, input.connectionId))!;
    const note = await removeFromCrm(connection, prepared.value.before, options);
    if (input.way === 'hand') return { ok: true, value: { note } };
    return (await register(actor, connection, options)) ?? { ok: true, value: { note } };
  } catch (error) {
    return refused(error);
  }
}

/** Registers the webhook at the CRM. Returns a refusal if that did not work: then there is no webhook any more. */
async function register(
  actor: Actor,
  connection: OpenConnection,
  options: SessionOptions,
): Promise<Extract<Result<never>, { ok: false }> | undefined> {
  const place = { sectionId: connection.sectionId, connectionId: connection.id };
  const hook = await findHook(pool(), place);
  if (!hook) return undefined;
  const registered = await withSession(connection, hook, options, (session) =>
    session.registerWebhooks!(hookAddress(hook), hook.secret),
  );
  if ('failure' in registered) {
    await deleteHook(actor, place);
    return { ok: false, refusal: { code: 'unavailable', message: registered.failure } };
  }
  const { sealed } = hook;
  const stored = await storeRegistrations(actor, { ...place, sealed, registrations: registered.value });
  if (stored.ok) return undefined;
  await removeFromCrm(connection, { ...hook, registrations: registered.value }, options);
  return stored;
}

/** Does something at the CRM; its failure as a value, for a person. */
async function withSession<Value>(
  connection: OpenConnection,
  { token, secret }: Hook,
  { signal, http }: SessionOptions,
  work: (session: Session) => Promise<Value>,
): Promise<{ value: Value } | { failure: string }> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const { session } = openSession(connection, [], {
    http,
    hidden: [token, secret],
    signal: signal ? AbortSignal.any([signal, patience]) : patience,
  });
  try {
    return { value: await work(session) };
  } catch (error) {
    if (!(error instanceof CrmError)) throw error;
    return { failure: patience.aborted ? 'The CRM did not answer in time. Try again later.' : error.message };
  } finally {
    await session.close().catch(() => undefined);
  }
}

/** Removes a webhook from the CRM as far as that works. Returns what a person has to do otherwise, or null. */
async function removeFromCrm(
  connection: OpenConnection,
  hook: Hook | undefined,
  options: SessionOptions,
): Promise<string | null> {
  if (!hook) return null;
  if (hook.byHand) return 'The CRM may go on calling the former address, which is refused. Remove it there.';
  const { registrations } = hook;
  if (registrations.length === 0) return null;
  const removed = await withSession(connection, hook, options, async (session) =>
    session.removeWebhooks?.(registrations),
  );
  return 'failure' in removed
    ? `The webhook could not be removed from the CRM, and its calls are refused. Remove it there. ${removed.failure}`
    : null;
}

/** Ends the announcements of a CRM. `note`: what a person has to do in the CRM. */
export async function switchHookOff(
  actor: Actor,
  raw: unknown,
  options: SessionOptions = {},
): Promise<Result<{ note: string | null }>> {
  return withoutHook(raw, options, (input) => deleteHook(actor, input));
}

/** Removes a connection, and its webhooks from the CRM, as far as that works. `note`: what a person has to do there. */
export async function removeConnectionAndHook(
  actor: Actor,
  raw: unknown,
  { requestId, ...options }: SessionOptions & Pick<CommandOptions, 'requestId'> = {},
): Promise<Result<{ note: string | null }>> {
  return withoutHook(raw, options, (input) => removeConnection(actor, input, { requestId }));
}

/** Does what ends a webhook here, then removes it from the CRM: with the credentials of before, as they may be gone. */
async function withoutHook(
  raw: unknown,
  options: SessionOptions,
  end: (input: z.output<typeof InConnection>) => Promise<Result<unknown>>,
): Promise<Result<{ note: string | null }>> {
  try {
    const input = parseInput(InConnection, raw);
    const connection = await openConnection(pool(), input.sectionId, input.connectionId);
    const hook = await findHook(pool(), input);
    const ended = await end(input);
    if (!ended.ok) return ended;
    return { ok: true, value: { note: connection ? await removeFromCrm(connection, hook, options) : null } };
  } catch (error) {
    return refused(error);
  }
}

/**
 * New credentials also mean new keys for webhooks. `note`: what became of them, if a person should know. `signal`: gives up while the CRM
 * is tested. What was kept already is brought to its end.
 */
export async function replaceSecretsAndHook(
  actor: Actor,
  raw: unknown,
  { origin, signal, ...options }: HookOptions,
): Promise<Result<SignedIn & { note: string | null }>> {
  const replaced = await replaceSecrets(actor, raw, { ...options, signal });
  return replaced.ok
    ? { ok: true, value: { ...replaced.value, note: await renewHook(actor, raw, { origin, ...options }) } }
    : replaced;
}

/** A CRM at another address, or with other settings, has its webhooks registered again. `signal`: as with `replaceSecretsAndHook`. */
export async function changeConnectionAndHook(
  actor: Actor,
  raw: unknown,
  { origin, signal, ...options }: ConnectOptions & HookOptions,
): Promise<Result<{ tested: boolean; note: string | null }>> {
  const changed = await changeConnection(actor, raw, { ...options, signal });
  if (!changed.ok) return changed;
  const note = changed.value.tested ? await renewHook(actor, raw, { origin, ...options }) : null;
  return { ok: true, value: { ...changed.value, note } };
}

async function renewHook(actor: Actor, raw: unknown, options: HookOptions): Promise<string | null> {
  const { sectionId, connectionId } = InConnection.parse(raw);
  const hook = await findHook(pool(), { sectionId, connectionId });
  if (!hook) return null;
  const way = hook.byHand ? ('hand' as const) : ('crm' as const);
  const renewed = await switchHookOn(actor, { sectionId, connectionId, way }, options);
  if (!renewed.ok) return `The CRM no longer announces changes. ${renewed.refusal.message}`;
  return hook.byHand ? 'The address for announcements is a new one: enter it in the CRM.' : renewed.value.note;
}
