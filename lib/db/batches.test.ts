// When statements of a queue start, and in which order their calls are answered.
import { expect, it } from 'vitest';
import { whileAway } from '@/testing/database-away';
import { Batches } from './batches';
import { execute, sql, type Tx } from './sql';

type Call = { id: number; name?: string; ms?: number };

/** Batches that note what happens: a statement with these calls has begun, has ended, and a call has its answer. */
function noted({ nextAfterMs = 5_000 } = {}) {
  const log: string[] = [];
  let running = 0;
  let most = 0;
  const statement = async (db: Tx, calls: readonly Call[]) => {
    const ids = calls.map(({ id }) => id);
    log.push(`begin ${ids.join(' ')}`);
    most = Math.max(most, ++running);
    await execute(db, sql`select pg_sleep(${Math.max(...calls.map(({ ms = 20 }) => ms)) / 1_000}::float8)`);
    running--;
    log.push(`end ${ids.join(' ')}`);
    return ids;
  };
  const batches = new Batches<Call, number>({
    most: 50,
    namesOf: ({ id, name }) => [name ?? String(id)],
    together: statement,
    alone: async (db, call) => (await statement(db, [call]))[0]!,
    nextAfterMs,
  });
  const ask = async (call: Call) => {
    expect(await batches.answer('one', call)).toBe(call.id);
    log.push(`answer ${call.id}`);
  };
  return { ask, log, mostAtOnce: () => most };
}

const numbers = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index);
const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
};

it('sends the next statement before the last calls are answered', async () => {
  const { ask, log } = noted();
  const first = ask({ id: 1 });
  await until(() => log.includes('begin 1'));
  await Promise.all([first, ask({ id: 2 }), ask({ id: 3 })]);
  expect(log).toEqual(['begin 1', 'end 1', 'begin 2 3', 'answer 1', 'end 2 3', 'answer 2', 'answer 3']);
});

it('runs one statement at a time, with all who wait by then', async () => {
  const { ask, log, mostAtOnce } = noted();
  const calls = [ask({ id: 1 })];
  await until(() => log.includes('begin 1'));
  calls.push(...numbers(2, 5).map((id) => ask({ id })));
  await Promise.all(calls);
  expect(log.filter((entry) => entry.startsWith('begin'))).toEqual(['begin 1', 'begin 2 3 4 5']);
  expect(mostAtOnce()).toBe(1);
});

it('never runs two calls of a name at once, and keeps their order', async () => {
  const { ask, log } = noted();
  const calls = [ask({ id: 1, name: 'a' })];
  await until(() => log.includes('begin 1'));
  calls.push(...numbers(2, 6).map((id) => ask({ id, name: id < 4 ? 'a' : undefined, ms: 5 })));
  await Promise.all(calls);
  const at = (what: string, id: number) =>
    log.findIndex((entry) => entry.startsWith(what) && entry.split(' ').includes(String(id)));
  expect(at('end', 1)).toBeLessThan(at('begin', 2));
  expect(at('end', 2)).toBeLessThan(at('begin', 3));
});

it('goes on while a statement is slow, also with calls of its names', async () => {
  const { ask, log } = noted({ nextAfterMs: 30 });
  const slow = ask({ id: 1, name: 'a', ms: 300 });
  await until(() => log.includes('begin 1'));
  await Promise.all([ask({ id: 2, name: 'a' }), ask({ id: 3 })]);
  expect(log).not.toContain('end 1');
  await slow;
  expect(log.at(-1)).toBe('answer 1');
});

it('answers everybody who waits when the database cannot be reached', async () => {
  const { ask: askAway } = noted();
  const answers = await whileAway(() => Promise.allSettled(numbers(1, 70).map((id) => askAway({ id }))));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 'rejected'));
  const { ask, log } = noted();
  await ask({ id: 1 });
  expect(log).toContain('answer 1');
});
