// Prisma's models on our connections: in one transaction with SQL, with the driver's errors, never on another
// connection.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { createTestAccount, createTestTag, type TestAccount } from '@/testing/fixtures';
import { Cancelled, runCancellable } from './cancellable';
import { unavailableReason } from './condition';
import type { TopicId } from './ids';
import { pool, transaction } from './pool';
import { prismaOn } from './prisma';
import { execute, maybeOne, one, rows, sql, type Tx } from './sql';

let account: TestAccount;
beforeAll(async () => {
  account = await createTestAccount();
});

const topic = (name: string) => ({
  sectionId: account.sectionId,
  discriminator: `usercreated.topics.${name}`,
  name,
  nameKey: name,
});
const addTopic = (tx: Tx, name: string) => prismaOn(tx).topic.create({ data: topic(name), select: { id: true } });
const addTopicBySql = (tx: Tx, name: string) =>
  one<{ id: TopicId }>(
    tx,
    sql`insert into topic (section_id, discriminator, name, name_key)
        values (${account.sectionId}, ${`usercreated.topics.${name}`}, ${name}, ${name}) returning id`,
  );
const topicsNamed = (...names: string[]) => rows(pool(), sql`select id from topic where name = any(${names})`);

/** Runs `work` while another transaction holds a lock on the topics. */
async function whileTopicsAreLocked(work: () => Promise<unknown>): Promise<void> {
  await transaction(async (tx) => {
    await execute(tx, sql`lock table topic in access exclusive mode`);
    await work();
  });
}

/** Waits until a backend waits for a lock. */
async function isWaiting(pid: number): Promise<void> {
  const waits = () =>
    maybeOne(pool(), sql`select from pg_stat_activity where pid = ${pid} and wait_event_type = 'Lock'`);
  while (!(await waits())) await new Promise((resolve) => setTimeout(resolve, 5));
}

const backendOf = async (tx: Tx) => (await one<{ pid: number }>(tx, sql`select pg_backend_pid() as pid`)).pid;

describe('Prisma and SQL in one transaction', () => {
  it('see each other’s writes, and commit together', async () => {
    const [first, second] = [randomUUID(), randomUUID()];
    const both = { sectionId: account.sectionId, name: { in: [first, second] } };
    await transaction(async (tx) => {
      const { id } = await addTopic(tx, first);
      expect(await maybeOne(tx, sql`select name from topic where id = ${id}`)).toEqual({ name: first });
      await addTopicBySql(tx, second);
      expect(await prismaOn(tx).topic.count({ where: both })).toBe(2);
      expect(await prismaOn(pool()).topic.count({ where: both })).toBe(0);
    });
    expect(await topicsNamed(first, second)).toHaveLength(2);
  });

  it('are rolled back together, whichever fails', async () => {
    const [first, second] = [randomUUID(), randomUUID()];
    const sqlFails = transaction(async (tx) => {
      await addTopic(tx, first);
      await addTopicBySql(tx, first);
    });
    await expect(sqlFails).rejects.toMatchObject({ code: '23505' });
    const prismaFails = transaction(async (tx) => {
      await addTopicBySql(tx, second);
      await addTopic(tx, second);
    });
    await expect(prismaFails).rejects.toMatchObject({ code: '23505' });
    expect(await topicsNamed(first, second)).toEqual([]);
  });

  it('are retried together after a conflict with another writer', async () => {
    const name = randomUUID();
    let runs = 0;
    await transaction(
      async (tx) => {
        if (++runs === 1) await transaction((other) => addTopic(other, name));
        const found = await prismaOn(tx).topic.findFirst({
          where: { sectionId: account.sectionId, name },
          select: { id: true },
        });
        if (runs > 1) expect(found).not.toBeNull();
        else await addTopic(tx, name);
      },
      ['23505'],
    );
    expect(runs).toBe(2);
  });

  it('keep earlier writes when a row with its children fails and the transaction continues', async () => {
    const [before, after, failing] = [randomUUID(), randomUUID(), randomUUID()];
    await transaction(async (tx) => {
      await addTopic(tx, before);
      const withMissingSection = prismaOn(tx).apiKey.create({
        data: {
          accountId: account.accountId,
          name: failing,
          clientId: failing,
          secretHash: Buffer.from('hash'),
          canWrite: true,
          allSections: false,
          allKeyspaces: true,
          sections: { createMany: { data: [{ sectionId: account.sectionId }, { sectionId: 2_000_000_000 }] } },
        },
      });
      await expect(withMissingSection).rejects.toMatchObject({ code: '23503' });
      await addTopic(tx, after);
    });
    expect(await topicsNamed(before, after)).toHaveLength(2);
    expect(await rows(pool(), sql`select from api_key where name = ${failing}`)).toEqual([]);
  });

  it('stay on their own connection in fifty concurrent transactions', async () => {
    const names = Array.from({ length: 50 }, () => randomUUID());
    await Promise.all(
      names.map((name) =>
        transaction(async (tx) => {
          const { id } = await addTopic(tx, name);
          const found = await prismaOn(tx).topic.findFirst({
            where: { sectionId: account.sectionId, id },
            select: { name: true, section: { select: { account: { select: { id: true } } } } },
          });
          expect(found).toEqual({ name, section: { account: { id: account.accountId } } });
          const own = sql`select from topic where id = ${id} and xmin = pg_current_xact_id()::xid`;
          expect(await maybeOne(tx, own)).toBeDefined();
        }),
      ),
    );
    expect(await topicsNamed(...names)).toHaveLength(50);
  });

  it('run one after the other if a call needs several statements', async () => {
    const warnings: Error[] = [];
    const keep = (warning: Error) => warnings.push(warning);
    process.on('warning', keep);
    await transaction(async (tx) => {
      const found = await prismaOn(tx).section.findFirst({
        where: { id: account.sectionId },
        select: { account: true, attributes: true, tags: true, topics: true },
      });
      expect(found?.attributes.length).toBeGreaterThan(0);
    });
    process.off('warning', keep);
    expect(warnings).toEqual([]);
  });
});

describe('an error of a Prisma call', () => {
  it('is the driver’s error, with the constraint and a trigger’s message', async () => {
    const name = randomUUID();
    const tagId = await createTestTag(account.sectionId, name);
    const same = { sectionId: account.sectionId, discriminator: randomUUID(), name, nameKey: name };
    const twice = prismaOn(pool()).tag.create({ data: same });
    await expect(twice).rejects.toBeInstanceOf(pg.DatabaseError);
    await expect(twice).rejects.toMatchObject({ code: '23505' });
    await expect(twice).rejects.toThrow('tag_visible_name');
    const setHidden = (hiddenAt: Date | null) =>
      prismaOn(pool()).tag.updateMany({ where: { sectionId: account.sectionId, id: tagId }, data: { hiddenAt } });
    await setHidden(new Date());
    await expect(setHidden(null)).rejects.toMatchObject({ message: 'hiding a tag is for good' });
  });

  it('reports a lost connection, and the next call gets another one', async () => {
    const name = randomUUID();
    await whileTopicsAreLocked(async () => {
      let pid: number | undefined;
      const lost = transaction(async (tx) => {
        pid = await backendOf(tx);
        await addTopic(tx, name);
      }).catch((error: unknown) => error);
      while (pid === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
      await isWaiting(pid);
      await execute(pool(), sql`select pg_terminate_backend(${pid}::int)`);
      expect(unavailableReason(await lost)).not.toBeNull();
    });
    expect(await prismaOn(pool()).topic.count({ where: { sectionId: account.sectionId, name } })).toBe(0);
  });

  it('reports that a read took too long', async () => {
    const where = { sectionId: account.sectionId };
    await whileTopicsAreLocked(async () => {
      const slow = runCancellable({ seconds: 0.05 }, (db) => prismaOn(db).topic.findMany({ where }));
      await expect(slow).rejects.toThrow(Cancelled);
    });
    expect(await runCancellable({ seconds: 5 }, (db) => prismaOn(db).topic.findMany({ where, take: 1 }))).toHaveLength(
      1,
    );
  });

  it('names the alternative to calls that Prisma batches across transactions', async () => {
    const { topic } = prismaOn(pool());
    const joined = (topic as unknown as { findUnique: (args: object) => Promise<unknown> }).findUnique({});
    await expect(joined).rejects.toThrow(/findFirst/);
  });

  it('reports that an operation of several statements needs a transaction', async () => {
    const name = randomUUID();
    const versions = { create: { fields: [] } };
    const outside = prismaOn(pool()).eventType.create({ data: { ...topic(name), versions } });
    await expect(outside).rejects.toThrow(/transaction/);
    expect(await rows(pool(), sql`select from event_type where name = ${name}`)).toEqual([]);
  });
});
