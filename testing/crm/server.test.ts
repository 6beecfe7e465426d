// The base of made-up CRMs, controlled over HTTP as a demo or another process would.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { API_KEY, startGeneric, type GenericSimulator } from './generic';

let crm: GenericSimulator;
beforeAll(async () => {
  crm = await startGeneric();
});
afterAll(() => crm.simulator.stop());
beforeEach(() => crm.simulator.reset());

const control = async (what: string, body: object = {}) => {
  const response = await fetch(`${crm.simulator.origin}/__sim/${what}`, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as unknown };
};
const lists = () =>
  fetch(`${crm.simulator.origin}/apsisendpoint/v1/profile_lists?page=0&page_size=10`, {
    headers: { 'x-api-key': API_KEY },
  });
const population = () =>
  JSON.stringify([
    ...crm.world.contacts.values(),
    ...crm.world.lists.values(),
    [...crm.world.members].map(([, ids]) => [...ids]),
  ]);

describe('A made-up CRM', () => {
  it('has the same people for the same seed', () => {
    const [first, again, other] = [3, 3, 4].map((seed) => {
      crm.simulator.reset({ seed, contacts: 20, lists: 2 });
      return population();
    });
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it('is reset, and changed, over HTTP', async () => {
    await control('reset', { contacts: 5, lists: 0 });
    expect(crm.world.contacts.size).toBe(5);
    const { body: id } = await control('mutate', { do: 'addList', with: ['Party', ['1001', '1002']] });
    await control('mutate', { do: 'renameList', with: [id, 'Feast'] });
    expect(await (await lists()).json()).toMatchObject([{ list_name: 'Feast' }]);
    expect((await control('mutate', { do: 'membersOf', with: [id] })).body).toEqual(['1001', '1002']);
  });

  it('fails as often as it is asked to, and keeps a log', async () => {
    await control('fault', { kind: 'throttled', match: 'profile_lists', times: 1, after: 1, retryAfter: 7 });
    const answers = [await lists(), await lists(), await lists()];
    expect(answers.map(({ status }) => status)).toEqual([200, 429, 200]);
    expect(answers[1]?.headers.get('retry-after')).toBe('7');
    expect((await control('log')).body).toMatchObject([{ status: 200 }, { status: 429 }, { status: 200 }]);
  });

  it('has a clock of its own', async () => {
    const before = Date.parse((await lists()).headers.get('date') ?? '');
    await control('clock', { advance: 86_400_000 });
    expect(Date.parse((await lists()).headers.get('date') ?? '') - before).toBe(86_400_000);
  });

  it.each([
    ['mutate', { do: 'explode' }, /It can: addContact/],
    ['mutate', { do: 'renameList', with: ['1', 'x'] }, /no list 1/],
    ['fault', { kind: 'flood', match: '' }, /kind/],
    ['explode', {}, /reset, clock/],
  ])('refuses what it does not know: %s %o', async (what, body, words) => {
    expect(await control(what, body)).toMatchObject({
      status: 400,
      body: { message: expect.stringMatching(words) as string },
    });
  });
});
