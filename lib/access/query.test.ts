// What every query guarantees: permission, section, validation, a time limit for slow reads, refusals as values.
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { positiveId, TagIdSchema } from '@/lib/db/ids';
import { one, sql } from '@/lib/db/sql';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { InSection } from './declared';
import { query } from './query';
import { refuse, UNSTORABLE } from './refusal';

let account: TestAccount;
beforeAll(async () => {
  account = await createTestAccount();
});

const echo = query({
  name: 'test.echo',
  scope: 'section',
  allow: 'admins',
  input: InSection.extend({ text: z.string().max(10, 'Use at most 10 characters.') }),
  run: ({ db }, { text }) => one<{ text: string }>(db, sql`select ${text}::text as text`),
});

describe('a query', () => {
  it('returns what it read', async () => {
    expect(await echo(account.admin, { sectionId: account.sectionId, text: 'hello' })).toEqual({
      ok: true,
      value: { text: 'hello' },
    });
  });

  it('names the invalid field', async () => {
    expect(await echo(account.admin, { sectionId: account.sectionId, text: 'far too long' })).toEqual({
      ok: false,
      refusal: { code: 'invalid', message: 'Use at most 10 characters.', field: 'text' },
    });
  });

  it('reveals nothing about the input’s validity to somebody without access', async () => {
    const wrong = { sectionId: account.sectionId, text: 'far too long' };
    const stranger = await createTestAccount();
    expect(await echo(stranger.owner, wrong)).toMatchObject({ ok: false, refusal: { code: 'not_found' } });
    expect(await echo(account.marketer, wrong)).toMatchObject({ ok: false, refusal: { code: 'not_allowed' } });
  });

  it('refuses text that the database cannot store', async () => {
    expect(await echo(account.admin, { sectionId: account.sectionId, text: 'a\0b' })).toEqual({
      ok: false,
      refusal: { code: 'invalid', field: 'text', message: UNSTORABLE },
    });
  });

  it('throws unexpected errors', async () => {
    const broken = query({
      name: 'test.broken',
      scope: 'account',
      allow: 'readers',
      input: z.object({}),
      run: () => Promise.reject(new Error('a bug')),
    });
    await expect(broken(account.admin, {})).rejects.toThrow('a bug');
  });

  it('with a time limit is read-only, and is cancelled in the database when the caller disconnects', async () => {
    const slow = query({
      name: 'test.slow',
      scope: 'account',
      allow: 'readers',
      timeLimit: 'slow',
      input: z.object({ statement: z.enum(['sleep', 'write']) }),
      run: ({ db }, { statement }) =>
        one(db, statement === 'sleep' ? sql`select pg_sleep(60)` : sql`delete from tag returning id`),
    });
    await expect(slow(account.admin, { statement: 'write' })).rejects.toThrow('read-only');
    const left = new AbortController();
    const answer = slow(account.admin, { statement: 'sleep' }, { signal: left.signal });
    left.abort();
    await expect(answer).rejects.toMatchObject({ name: 'Cancelled', why: 'abandoned' });
  });

  it('can limit each slow part separately', async () => {
    const parts = query({
      name: 'test.parts',
      scope: 'account',
      allow: 'readers',
      input: z.object({}),
      run: async ({ limited }) => {
        const first = limited((tx) => one<{ one: number }>(tx, sql`select 1 as one`));
        await expect(limited(() => refuse('hidden', 'No.'))).rejects.toMatchObject({ code: 'hidden' });
        return first;
      },
    });
    expect(await parts(account.admin, {})).toEqual({ ok: true, value: { one: 1 } });
  });
});

describe('an id from outside', () => {
  it.each([
    [7, 7],
    ['7', 7],
    ['007', 7],
  ])('is a whole number or its digits: %j', (given, id) => {
    expect(TagIdSchema.parse(given)).toBe(id);
  });

  it.each([
    [true],
    [[5]],
    [null],
    [''],
    [' 7'],
    ['7.0'],
    ['1e3'],
    ['0x10'],
    ['-7'],
    [0],
    [1.5],
    [Number.NaN],
    ['99999999999999999999'],
    [{ valueOf: () => 5 }],
    [new Date(5)],
  ])('is nothing else: %j', (given) => {
    expect(TagIdSchema.safeParse(given)).toMatchObject({ success: false });
    expect(positiveId().safeParse(given).error?.issues[0]?.message).toMatch(/^This is not an ID/);
  });
});
