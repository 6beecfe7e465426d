// Indexes on attributes: 'answers at once in segments'.
import { beforeEach, describe, expect, it } from 'vitest';
import type { AttributeId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, maybeOne, one, rows, sql } from '@/lib/db/sql';
import { memberIds } from '@/lib/segments/compile';
import { openRules } from '@/lib/segments/definitions';
import { RulesSchema } from '@/lib/segments/schema';
import { createTestAccount, createTestProfiles, type TestAccount } from '@/testing/fixtures';
import { createAttribute, indexAttribute, unindexAttribute } from './commands';
import type { AttributeType } from './schema';
import { INDEXES_PER_SECTION, listIndexes, settleIndex } from './value-index';

let account: TestAccount;

beforeEach(async () => {
  account = await createTestAccount();
});

async function attribute(name: string, type: AttributeType): Promise<{ id: AttributeId; code: string }> {
  const choices = type === 'choice' ? ['Gold', 'Silver'] : [];
  const made = await createAttribute(account.admin, { sectionId: account.sectionId, name, type, choices });
  if (!made.ok) throw new Error(made.refusal.message);
  return made.value;
}

const target = (attributeId: AttributeId) => ({ sectionId: account.sectionId, attributeId });
const indexName = (attributeId: AttributeId) => `profile_value_${account.sectionId}_${attributeId}`;
const exists = async (attributeId: AttributeId) =>
  (await maybeOne(
    pool(),
    sql`select from pg_index where indexrelid = to_regclass(${indexName(attributeId)}) and indisvalid`,
  )) !== undefined;

/** The plan of a segment that compares the attribute. */
async function planOf(attributeId: AttributeId, compare: object): Promise<string> {
  const rules = RulesSchema.parse({
    timeZone: 'Europe/Stockholm',
    root: { kind: 'group', match: 'all', items: [{ kind: 'attribute', attributeId, compare }] },
  });
  const definitions = await openRules(pool(), account.sectionId, rules);
  const statement = memberIds({ sectionId: account.sectionId, definitions, now: new Date() }, rules);
  const lines = await rows<{ 'QUERY PLAN': string }>(pool(), sql`explain ${statement}`);
  return lines.map((line) => line['QUERY PLAN']).join('\n');
}

describe('an index on an attribute', () => {
  it.each([
    ['text', (number: number) => `Town ${number}`, { test: 'is', text: 'town 7' }],
    ['text', (number: number) => `Town ${number}`, { test: 'one_of', texts: ['Town 7', 'Town 9'] }],
    ['choice', (number: number) => (number === 7 ? 'Gold' : 'Silver'), { test: 'is', text: 'Gold' }],
    ['number', (number: number) => number, { test: 'at_most', number: 7 }],
    ['date', (number: number) => `20${10 + (number % 80)}-05-01`, { test: 'on', date: '2017-05-01' }],
    ['boolean', (number: number) => number === 7, { test: 'yes' }],
  ] as const)('is used by segments that compare a %s', async (type, value, compare) => {
    const { id, code } = await attribute('Value', type);
    const profiles = await createTestProfiles(account.sectionId, 3_000);
    const values = profiles.map((profile, index) => ({ id: profile, attributes: { [code]: value(index) } }));
    await execute(
      pool(),
      sql`
        update profile set attributes = given.attributes
        from jsonb_to_recordset(${JSON.stringify(values)}::jsonb) given (id bigint, attributes jsonb)
        where profile.section_id = ${account.sectionId} and profile.id = given.id`,
    );
    expect(await indexAttribute(account.admin, target(id))).toMatchObject({ ok: true, value: { asked: true } });
    expect(await listIndexes(pool(), account.sectionId)).toMatchObject([{ attributeId: id, status: 'building' }]);
    await settleIndex(account.sectionId, id);
    const [index] = await listIndexes(pool(), account.sectionId);
    expect(index).toMatchObject({ attributeId: id, status: 'ready', problem: null });
    expect(index!.bytes).toBeGreaterThan(0);
    expect(await planOf(id, compare)).toContain(indexName(id));
  });

  it('is built again if the build was interrupted', async () => {
    const { id } = await attribute('Town', 'text');
    await indexAttribute(account.admin, target(id));
    await settleIndex(account.sectionId, id);
    await execute(pool(), sql`update pg_index set indisvalid = false where indexrelid = to_regclass(${indexName(id)})`);
    await settleIndex(account.sectionId, id);
    expect(await exists(id)).toBe(true);
  });

  it('is built once and removed once, however often somebody requests it', async () => {
    const { id } = await attribute('Town', 'text');
    for (let time = 0; time < 2; time++) await indexAttribute(account.admin, target(id));
    await settleIndex(account.sectionId, id);
    expect(await indexAttribute(account.admin, target(id))).toMatchObject({ ok: true, value: { asked: false } });
    await unindexAttribute(account.admin, target(id));
    expect(await unindexAttribute(account.admin, target(id))).toMatchObject({ ok: true, value: { removed: false } });
    await settleIndex(account.sectionId, id);
    expect(await exists(id)).toBe(false);
    expect(await listIndexes(pool(), account.sectionId)).toEqual([]);
  });

  it('reports why it could not be built, and can be retried', async () => {
    const { id } = await attribute('Town', 'text');
    await indexAttribute(account.admin, target(id));
    await execute(pool(), sql`alter table profile rename column attributes to renamed`);
    await expect(settleIndex(account.sectionId, id)).rejects.toThrow();
    await execute(pool(), sql`alter table profile rename column renamed to attributes`);
    expect(await listIndexes(pool(), account.sectionId)).toMatchObject([{ status: 'failed' }]);
    expect(await indexAttribute(account.admin, target(id))).toMatchObject({ ok: true, value: { asked: true } });
    await settleIndex(account.sectionId, id);
    expect(await listIndexes(pool(), account.sectionId)).toMatchObject([{ status: 'ready', problem: null }]);
  });

  it('is limited in number, to Admins, and to sections of the account', async () => {
    for (let nth = 0; nth < INDEXES_PER_SECTION; nth++) {
      const { id } = await attribute(`Value ${nth}`, 'text');
      await indexAttribute(account.admin, target(id));
    }
    const { id } = await attribute('One more', 'text');
    expect(await indexAttribute(account.admin, target(id))).toMatchObject({ ok: false, refusal: { code: 'in_use' } });
    expect(await indexAttribute(account.marketer, target(id))).toMatchObject({
      ok: false,
      refusal: { code: 'not_allowed' },
    });
    const other = await createTestAccount();
    expect(await indexAttribute(other.admin, target(id))).toMatchObject({ ok: false, refusal: { code: 'not_found' } });
    const { jobs } = await one<{ jobs: number }>(
      pool(),
      sql`select count(*) as jobs from graphile_worker.jobs where task_identifier = 'settle_attribute_index'
          and key like ${`attribute-index:${account.sectionId}:%`}`,
    );
    expect(jobs).toBe(INDEXES_PER_SECTION);
  });
});
