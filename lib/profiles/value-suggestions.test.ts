import { beforeAll, describe, expect, it } from 'vitest';
import { pool } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { createProfile } from './commands';
import { readValueSuggestions } from './value-suggestions';

let account: TestAccount;
beforeAll(async () => {
  account = await createTestAccount();
});

async function create(attributes: Record<string, string>) {
  const keys = [{ keyspaceId: account.keyspaces.crm_id, key: crypto.randomUUID() }];
  const result = await createProfile(account.marketer, { sectionId: account.sectionId, keys, attributes });
  expect(result).toMatchObject({ ok: true });
}

async function suggestions(code: string) {
  const { id } = await one<{ id: number }>(
    pool(),
    sql`select id from attribute where section_id = ${account.sectionId} and code = ${code}`,
  );
  return readValueSuggestions(account.marketer, { sectionId: account.sectionId, attributeId: id });
}

describe('values that are suggested', () => {
  it('are those that several profiles share, the most frequent first', async () => {
    const long = 'A note '.repeat(20);
    for (const lastname of ['Berg', 'Holm', 'Holm', 'Berg', 'Holm', 'Lind', long, long]) await create({ lastname });
    expect(await suggestions('lastname')).toEqual({ ok: true, value: ['Holm', 'Berg'] });
  });

  it('are none for attributes that are not texts, or do not exist', async () => {
    for (let index = 0; index < 2; index++) await create({ birthdate: '1980-01-02' });
    expect(await suggestions('birthdate')).toEqual({ ok: true, value: [] });
    for (const attributeId of [999_999, 'none']) {
      expect(await readValueSuggestions(account.marketer, { sectionId: account.sectionId, attributeId })).toEqual({
        ok: true,
        value: [],
      });
    }
  });
});
