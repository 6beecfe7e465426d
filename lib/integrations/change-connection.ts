// Changes what a connection is called and where it leads. The CRM is asked first, outside of any transaction.
import { z } from 'zod';
import type { Actor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { parseInput } from '@/lib/access/declared';
import { requireAllowed } from '@/lib/access/policy';
import { refuse, type Result } from '@/lib/access/refusal';
import { seal } from '@/lib/config/seal';
import { pool } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';
import { NameSchema } from '@/lib/naming/names';
import { askCrm, connectorOf, refused, Texts, type ConnectOptions } from './connect';
import { openConnection } from './queries';
import { InConnection } from './schema';
import { lockConnection, supersedeIdle } from './start';

const ChangedSchema = InConnection.extend({
  name: NameSchema,
  settings: Texts,
  /** The CRM has a new address. Without this, another address is refused: ids of contacts would be those of other people. */
  sameCrm: z.boolean().default(false),
  /** Needed for another address, and only used then. */
  secrets: Texts.optional(),
});

const OTHER_ADDRESS =
  'This leads to another place. Has the same CRM moved there? If it is another CRM, connect it as a new connection: its contacts have other IDs, and people would be mixed up. The stored credentials are not sent to another place: enter them again.';

/**
 * Changes the name and the settings of a connection, if the CRM accepts them. After a change of settings, no list is synced before
 * somebody has seen a dry run of it. Refuses with `invalid` and field `sameCrm` if the address, or the CRM at it, is another one and nobody has said that
 * it is the same CRM, or with the field of a secret if it is missing then: only credentials that somebody enters for the new address
 * are sent there. Refuses with `conflict` while a sync runs. `tested`: whether the CRM was asked.
 */
export async function changeConnection(
  actor: Actor,
  raw: unknown,
  { requestId, ...options }: ConnectOptions = {},
): Promise<Result<{ tested: boolean }>> {
  try {
    requireAllowed(actor, 'admins');
    const { sameCrm, secrets: entered, ...input } = parseInput(ChangedSchema, raw);
    const known = await openConnection(pool(), input.sectionId, input.connectionId);
    if (known?.accountId !== actor.accountId) refuse('not_found', 'This connection does not exist.');
    const connector = connectorOf(known.kind);
    const after = parseInput(connector.settings, input.settings);
    const before = connector.settings.safeParse(known.settings);
    const placeOf = (settings: unknown) => [connector.hosts(settings), connector.site(settings)];
    const isMoved = !before.success || !isSame(placeOf(before.data), placeOf(after));
    if (isMoved && !sameCrm) refuse('invalid', OTHER_ADDRESS, { field: 'sameCrm' });
    const secrets = isMoved ? (entered ?? {}) : undefined;
    if (secrets) parseInput(connector.secrets, secrets);
    const tested = !before.success || !isSame(before.data, after);
    const asked = { ...known, settings: input.settings, ...(secrets && { secrets }) };
    const check = tested ? await askCrm(asked, options) : undefined;
    const identity = secrets && check?.identifies === 'credentials' ? check.identity : undefined;
    const stored = await storeChange(actor, { ...input, secrets, identity, needsDryRun: tested }, { requestId });
    return stored.ok ? { ok: true, value: { tested } } : stored;
  } catch (error) {
    return refused(error);
  }
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

const storeChange = command({
  name: 'integrations.change',
  scope: 'section',
  allow: 'admins',
  /** `identity`: see `storeSecrets` (connect.ts). */
  input: ChangedSchema.omit({ sameCrm: true }).extend({
    identity: z.string().max(500).optional(),
    needsDryRun: z.boolean(),
  }),
  run: async ({ tx, prisma }, { sectionId, connectionId, name, settings, secrets, identity, needsDryRun }) => {
    const was = await lockConnection(tx, sectionId, connectionId);
    const ofConnection = sql`section_id = ${sectionId} and connection_id = ${connectionId}`;
    if (needsDryRun) {
      // What was read before the change is not to be applied after it.
      await supersedeIdle(tx, sectionId, connectionId);
      await execute(
        tx,
        sql`update connection_list set confirmed = false, dry_run_reason = 'settings' where ${ofConnection}`,
      );
      await prisma.connection.updateMany({
        where: { sectionId, id: connectionId, status: 'waiting' },
        data: { status: 'active' },
      });
    }
    const { keyspaceId } = await prisma.connection.update({
      where: { sectionId_id: { sectionId, id: connectionId } },
      // A place among the changes of a CRM means nothing elsewhere.
      data: {
        name,
        settings,
        identity,
        ...(secrets && { secrets: seal(JSON.stringify(secrets)) }),
        ...(needsDryRun && { attention: null, changesCursor: null }),
      },
      select: { keyspaceId: true },
    });
    await prisma.keyspace.update({ where: { id: keyspaceId }, data: { name } });
    // What chips and histories call its lists.
    await execute(
      tx,
      sql`
        update claim_holder holder set name = ${`${name}: `} || list.name
        from connection_list list
        where holder.section_id = ${sectionId} and list.section_id = ${sectionId}
          and list.connection_id = ${connectionId} and list.holder_id = holder.id`,
    );
    return { was: was.name };
  },
  audit: ({ connectionId, name, settings, needsDryRun }, { was }) => ({
    summary: was === name ? `Changed the connection “${name}”` : `Renamed the connection “${was}” to “${name}”`,
    subject: `connection:${connectionId}`,
    details: needsDryRun ? settings : undefined,
  }),
});
