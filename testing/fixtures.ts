// Fixtures: a new account with a section, keyspaces and one person of each role.
import { randomUUID } from 'node:crypto';
import type { Role, SystemActor, UserActor } from '@/lib/access/actor';
import type { AccountId, KeyspaceId, OperationId, ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { createAccount, createSection, createUser } from '@/lib/accounts/create';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { OPERATION_KINDS } from '@/lib/activity/kinds';
import { createProfiles, reserveProfileIds } from '@/lib/profiles/change';
import type { OperationKind, OperationStep } from '@/lib/work/kind';
import { WORK_OPTIONS } from '@/lib/work/options';
import { runOperation } from '@/lib/work/run';

export type TestAccount = {
  accountId: AccountId;
  sectionId: SectionId;
  owner: UserActor;
  admin: UserActor;
  /** A marketer with access to the first section only. */
  marketer: UserActor;
  system: SystemActor;
  keyspaces: { email: KeyspaceId; mobile: KeyspaceId; crm_id: KeyspaceId };
};

/** A fresh account in the test file's database. */
export async function createTestAccount(): Promise<TestAccount> {
  const db = pool();
  const unique = randomUUID().slice(0, 8);
  const accountId = await transaction((tx) => createAccount(tx, unique));
  const sectionId = await createTestSection(accountId, `Section ${unique}`);
  const keyspaces = await rows<{ kind: keyof TestAccount['keyspaces']; id: KeyspaceId }>(
    db,
    sql`select kind, id from keyspace where account_id = ${accountId}`,
  );
  const person = async (role: Role): Promise<UserActor> => {
    const all = role !== 'user';
    const email = `${role}.${unique}@example.com`;
    const name = `Test ${role}`;
    const sections = all ? 'all' : [sectionId];
    const userId = await transaction((tx) =>
      createUser(tx, accountId, { email, name, role, passwordHash: null, sections }),
    );
    return {
      kind: 'user',
      userId,
      accountId,
      role,
      name,
      email,
      sections,
      from: { ip: '127.0.0.1', userAgent: 'test' },
    };
  };
  return {
    accountId,
    sectionId,
    owner: await person('owner'),
    admin: await person('admin'),
    marketer: await person('user'),
    system: { kind: 'system', accountId, name: 'Tagwell', from: { ip: null, userAgent: null } },
    keyspaces: Object.fromEntries(keyspaces.map(({ kind, id }) => [kind, id])) as TestAccount['keyspaces'],
  };
}

/** Adds a section with the system attributes. */
export async function createTestSection(accountId: AccountId, name: string): Promise<SectionId> {
  const { id } = await transaction((tx) => createSection(tx, accountId, { name }));
  return id;
}

/** Adds empty profiles and returns their ids in ascending order. */
export async function createTestProfiles(sectionId: SectionId, count: number): Promise<ProfileId[]> {
  return transaction(async (tx) => {
    const ids = await reserveProfileIds(tx, count);
    const profiles = sql`
      select unnest(${ids}::bigint[]) as profile_id, '{}'::jsonb as attributes, '{}'::jsonb as noted`;
    await createProfiles(tx, { sectionId, source: 'user', userId: null }, { profiles }, { history: false });
    return ids;
  });
}

/** Recounts the profiles of a section after a test has written them with SQL. */
export async function recountProfiles(sectionId: SectionId): Promise<void> {
  await transaction(async (tx) => {
    await execute(tx, sql`delete from profile_count where section_id = ${sectionId}`);
    await execute(
      tx,
      sql`
        insert into profile_count (section_id, slot, profiles)
        select ${sectionId}::int, 0, count(*) from profile where section_id = ${sectionId}`,
    );
  });
}

/** Adds a visible tag. */
export async function createTestTag(sectionId: SectionId, name: string): Promise<TagId> {
  const tag = await one<{ id: TagId }>(
    pool(),
    sql`
      insert into tag (section_id, discriminator, name, name_key)
      values (${sectionId}, ${`usercreated.tags.test-${randomUUID().slice(0, 10)}`}, ${name}, ${name.toLowerCase()})
      returning id`,
  );
  return tag.id;
}

/** A kind with another step, which gets the unparsed input of the row. */
export const withStep = (kind: OperationKind, step: OperationStep): OperationKind => ({
  ...kind,
  open: () => ({ step }),
});

/** Runs an operation to its end as a worker would, turn by turn. Throws if it failed. */
export async function runToEnd(
  sectionId: SectionId,
  id: OperationId,
  kinds: readonly OperationKind[] = OPERATION_KINDS,
): Promise<Record<string, number>> {
  for (;;) {
    let thrown: unknown;
    await runOperation(kinds, sectionId, id, {
      runner: randomUUID(),
      options: { ...WORK_OPTIONS, attempts: 1 },
      onFailure: ({ error }) => (thrown = error),
    });
    if (thrown instanceof Error) throw thrown;
    const operation = await one<{ status: string; counts: Record<string, number>; error: string | null }>(
      pool(),
      sql`select status, counts, error from operation where section_id = ${sectionId} and id = ${id}`,
    );
    if (operation.status === 'done') return operation.counts;
    if (operation.status !== 'queued') throw new Error(`The operation is ${operation.status}: ${operation.error}`);
  }
}
