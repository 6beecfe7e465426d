// Connecting: the CRM is asked first, outside of any transaction; what it accepted is stored, with the secrets sealed.
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { actorUserId, type Actor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { parseInput } from '@/lib/access/declared';
import { requireAllowed } from '@/lib/access/policy';
import { refuse, Refusal, type Result } from '@/lib/access/refusal';
import { CRM_TEST } from '@/lib/config/limits';
import { seal } from '@/lib/config/seal';
import { ConnectionIdSchema, SectionIdSchema, type ConnectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';
import { NameSchema } from '@/lib/naming/names';
import type { AnyConnector, Check } from './connector';
import { CONNECTORS } from './connectors';
import { CrmError } from './crm-error';
import { openConnection } from './queries';
import { nextSync } from './schedule';
import { ASK_SECONDS, ConnectionOptionsSchema } from './schema';
import { openSession, type SessionOptions } from './session';
import { lockConnection } from './start';

/** Settings or secrets as a form sends them. */
export const Texts = z.record(z.string().max(100), z.string().max(20_000));

const NewConnectionSchema = z.object({
  sectionId: SectionIdSchema,
  kind: z.string().max(40),
  name: NameSchema,
  settings: Texts,
  secrets: Texts,
});

const Entered = z.object({ settings: z.unknown(), secrets: z.unknown() });

/** Refuses with `invalid` for the first problem of several inputs; `details.problems` has the first one of each field. */
function requireAll(...inputs: readonly (readonly [z.ZodType, unknown])[]): void {
  const issues = inputs.flatMap(([schema, raw]) => schema.safeParse(raw).error?.issues ?? []);
  const [first] = issues;
  if (!first) return;
  const problems = Object.fromEntries(issues.toReversed().map(({ path, message }) => [path.join('.'), message]));
  refuse('invalid', first.message, { field: first.path.join('.'), details: { problems } });
}

/** The connector of a kind that a person chose. Refuses with `invalid` if there is none. */
export function connectorOf(kind: string): AnyConnector {
  return CONNECTORS.find((connector) => connector.kind === kind) ?? refuse('invalid', 'Choose one of the CRMs.');
}

/** `requestId`: one per intent, so that sending twice stores one connection. */
export type ConnectOptions = SessionOptions & { requestId?: string };

/**
 * Asks the CRM whether it lets us in, while somebody waits: for `ASK_SECONDS` at most, or until they give up (`signal`). Refuses with
 * `invalid` and the vendor's reason. Returns who we are there.
 */
export async function askCrm(
  connection: { kind: string; settings: unknown; secrets: unknown },
  { signal, ...options }: SessionOptions,
): Promise<Extract<Check, { ok: true }>> {
  const patience = AbortSignal.timeout(ASK_SECONDS * 1_000);
  const { session } = openSession(connection, [], {
    ...options,
    http: { ...CRM_TEST, ...options.http },
    signal: signal ? AbortSignal.any([signal, patience]) : patience,
  });
  try {
    const check = await session.check();
    if (signal?.aborted) refuse('conflict', GIVEN_UP);
    return check.ok ? check : refuse('invalid', check.message);
  } catch (error) {
    if (!(error instanceof CrmError)) throw error;
    if (signal?.aborted) refuse('conflict', GIVEN_UP);
    return refuse('invalid', patience.aborted ? TOO_SLOW : error.message);
  } finally {
    await session.close().catch(() => undefined);
  }
}

const GIVEN_UP = 'The test was stopped. Nothing was kept.';
const TOO_SLOW = `The CRM did not answer within ${ASK_SECONDS} seconds. Check the address, or try again later.`;

/** A refusal as a result. Anything else is thrown again. */
export const refused = (error: unknown): { ok: false; refusal: ReturnType<Refusal['toData']> } => {
  if (error instanceof Refusal) return { ok: false, refusal: error.toData() };
  throw error;
};

/**
 * Connects a section to a CRM, if the CRM accepts the credentials. Answers with the connection's id and the CRM's name
 * for the user. Refuses with `invalid` and the vendor's reason; nothing is stored then.
 */
export async function connectCrm(
  actor: Actor,
  raw: unknown,
  { requestId, ...options }: ConnectOptions = {},
): Promise<Result<{ id: ConnectionId; account: string }>> {
  try {
    requireAllowed(actor, 'admins');
    const { kind } = parseInput(NewConnectionSchema.pick({ kind: true }), raw);
    const connector = connectorOf(kind);
    const entered = parseInput(Entered, raw);
    requireAll(
      [NewConnectionSchema, raw],
      [connector.settings, entered.settings],
      [connector.secrets, entered.secrets],
    );
    const input = parseInput(NewConnectionSchema, raw);
    const { identity, account } = await askCrm(input, options);
    const stored = await storeConnection(actor, { ...input, identity }, { requestId });
    return stored.ok ? { ok: true, value: { ...stored.value, account } } : stored;
  } catch (error) {
    return refused(error);
  }
}

const storeConnection = command({
  name: 'integrations.connect',
  scope: 'section',
  allow: 'admins',
  // As entered: the connector's rules read them again whenever they are used.
  input: NewConnectionSchema.extend({ identity: z.string().max(500) }),
  run: async ({ prisma, actor, accountId }, { sectionId, kind, name, settings, secrets, identity }) => {
    // As Apsis One names the keyspaces of its integrations.
    const discriminator = `com.apsis1.integrations.keyspaces.${randomBytes(5).toString('hex')}.${kind}`;
    const keyspace = await prisma.keyspace.create({
      data: { accountId, kind: 'integration', discriminator, name },
      select: { id: true },
    });
    const options = ConnectionOptionsSchema.parse({});
    const { id } = await prisma.connection.create({
      data: {
        sectionId,
        kind,
        name,
        keyspaceId: keyspace.id,
        settings,
        secrets: seal(JSON.stringify(secrets)),
        options,
        nextSyncAt: nextSync(options, new Date()),
        identity,
        createdBy: actorUserId(actor),
      },
      select: { id: true },
    });
    return { id };
  },
  audit: ({ name, kind }, { id }) => ({
    summary: `Connected “${name}”`,
    subject: `connection:${id}`,
    details: { kind },
  }),
});

const NewSecretsSchema = z.object({ sectionId: SectionIdSchema, connectionId: ConnectionIdSchema, secrets: Texts });

/** As whom the CRM is read from now on. `identifies`: whether `account` names a user, or only where the CRM is. */
export type SignedIn = { account: string; identifies: 'user' | 'credentials' };

/** Replaces the credentials of a connection, if the CRM accepts the new ones. Lists, tags and runs stay. */
export async function replaceSecrets(
  actor: Actor,
  raw: unknown,
  options: SessionOptions = {},
): Promise<Result<SignedIn>> {
  try {
    requireAllowed(actor, 'admins');
    const { sectionId, connectionId, secrets } = parseInput(NewSecretsSchema, raw);
    const known = await openConnection(pool(), sectionId, connectionId);
    if (known?.accountId !== actor.accountId) refuse('not_found', 'This connection does not exist.');
    parseInput(connectorOf(known.kind).secrets, secrets);
    const { account, identity, identifies } = await askCrm({ ...known, secrets }, options);
    const knowingly = identifies === 'credentials' ? identity : null;
    const stored = await storeSecrets(actor, { sectionId, connectionId, secrets, identity: knowingly });
    return stored.ok ? { ok: true, value: { account, identifies } } : stored;
  } catch (error) {
    return refused(error);
  }
}

const storeSecrets = command({
  name: 'integrations.replace-secrets',
  scope: 'section',
  allow: 'admins',
  /** `identity`: that of the new credentials, if it is not one of a user. */
  input: NewSecretsSchema.extend({ identity: z.string().max(500).nullable() }),
  run: async ({ tx }, { sectionId, connectionId, secrets, identity }) => {
    const { name } = await lockConnection(tx, sectionId, connectionId);
    // The user of the last complete sync stays: if another one reads now, its first removals wait for an answer. A key has no
    // user that we know of, and an Admin has replaced it knowingly.
    await execute(
      tx,
      sql`
        update connection
        set secrets = ${seal(JSON.stringify(secrets))}, attention = null, identity = coalesce(${identity}, identity),
          status = case when status = 'waiting' then 'active'::connection_status else status end
        where section_id = ${sectionId} and id = ${connectionId}`,
    );
    return { name };
  },
  audit: ({ connectionId }, { name }) => ({
    summary: `Replaced the credentials of “${name}”`,
    subject: `connection:${connectionId}`,
  }),
});
