// Contacts that are found by another field of the CRM.
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAttribute } from '@/lib/attributes/commands';
import { setAttributeHidden } from '@/lib/used-in/attributes';
import type { Attribute } from '@/lib/attributes/schema';
import type { AttributeId, ProfileId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';
import { createTestAccount, createTestSection, type TestAccount } from '@/testing/fixtures';
import { valueOf } from '@/testing/segments';
import { TestConnection, type RunState } from '@/testing/sync';
import { setOptions } from './commands';
import { comparedValues, targetOf, type CustomTarget } from './custom-match';
import { readRunPeople } from './reads';
import { ConnectionOptionsSchema } from './schema';

let account: TestAccount;
let shop: TestConnection;

beforeAll(async () => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  account = await createTestAccount();
});
beforeEach(async () => {
  shop = await TestConnection.open(account, await createTestSection(account.accountId, 'Sync'));
});
afterEach(() => shop.stop());

async function attribute(name: string, type: string): Promise<{ id: AttributeId; code: string }> {
  const { id } = valueOf(await createAttribute(account.admin, { sectionId: shop.sectionId, name, type }));
  return one(pool(), sql`select id, code from attribute where section_id = ${shop.sectionId} and id = ${id}`);
}

/** A profile with a value in an attribute. */
async function has(email: string, code: string, value: string | number): Promise<ProfileId> {
  const id = await shop.profile(email);
  await execute(
    pool(),
    sql`
      update profile set attributes = attributes || ${JSON.stringify({ [code]: value })}::jsonb
      where section_id = ${shop.sectionId} and id = ${id}`,
  );
  return id;
}

/** A list of contacts with these in the field “company”, and no address that anybody has here. */
async function listOf(companies: readonly string[]): Promise<string> {
  const ids = companies.map((company) => shop.crm.world.addContact({ company, email: '', phone: '' }));
  const list = shop.crm.world.addList('Trade Show', ids);
  await shop.keep(list, 'Trade Show');
  return list;
}

const by = (code: string, field = 'company', more: object = {}) => ({
  match: ['custom'],
  custom: { field, code },
  ...more,
});
const countsOf = ({ lists }: RunState) => lists[0]!.counts;

it('An attribute that the CRM overwrites is refused: a contact would be taken for whoever had its value before', async () => {
  const { code } = await attribute('Number', 'text');
  const set = (existing: string) =>
    setOptions(account.admin, {
      ...shop.where,
      options: by(code, 'company', { fields: [{ field: 'company', code, existing }] }),
    });
  expect(await set('fill')).toMatchObject({ ok: true });
  expect(await set('overwrite')).toMatchObject({
    ok: false,
    refusal: { code: 'invalid', field: 'options.custom.code' },
  });
});

describe('a contact', () => {
  it('is found by an attribute, whatever the case and the blanks around the value', async () => {
    const { code } = await attribute('Member number', 'text');
    await has('a@example.org', code, 'Member 7a');
    await has('b@example.org', code, 'Member 8');
    await shop.set(by(code));
    const list = await listOf([' MEMBER 7A ', 'member 9', '', '-']);
    expect(countsOf(await shop.first())).toMatchObject({
      seen: 4,
      matched: 1,
      unmatched: 1,
      noAddress: 2,
      ambiguous: 0,
    });
    expect(await shop.tagged('Trade Show')).toEqual(['a@example.org']);
    // It was found once, so it is found again by its ID, whatever the field says.
    const [id] = shop.crm.world.membersOf(list);
    shop.crm.world.changeContact(id!, { company: 'another' });
    expect(countsOf(await shop.sync())).toMatchObject({ matched: 1, removes: 0 });
  });

  it('whose value several profiles have is ambiguous, is listed with them, and none of them gets the tag', async () => {
    const { code } = await attribute('Member number', 'text');
    const twins = [await has('a@example.org', code, '7'), await has('b@example.org', code, '7')];
    await has('c@example.org', code, '8');
    await shop.set(by(code));
    await listOf(['7', '8']);
    const run = await shop.first();
    expect(countsOf(run)).toMatchObject({ matched: 1, ambiguous: 1, adds: 1 });
    expect(await shop.tagged('Trade Show')).toEqual(['c@example.org']);
    const { id } = await one<{ id: number }>(pool(), sql`select id from sync_run where section_id = ${shop.sectionId}`);
    const asked = { sectionId: shop.sectionId, runId: String(id), listId: run.lists[0]!.listId, limit: 10 };
    const [person] = valueOf(await readRunPeople(account.admin, { ...asked, group: 'ambiguous' }));
    expect(person).toMatchObject({ keys: ['7'], matches: twins.map((twin) => ({ id: twin })) });
  });

  it('is found by a number', async () => {
    const { code } = await attribute('Customer', 'number');
    await has('a@example.org', code, 46_701_234_567);
    await shop.set(by(code, 'phone'));
    const id = shop.crm.world.addContact({ email: '', phone: '+46701234567' });
    await shop.keep(
      shop.crm.world.addList('Trade Show', [id, shop.crm.world.addContact({ email: '', phone: '' })]),
      'Trade Show',
    );
    expect(countsOf(await shop.first())).toMatchObject({ matched: 1, noAddress: 1 });
    expect(await shop.tagged('Trade Show')).toEqual(['a@example.org']);
  });

  it('is found by a key of another kind than the field seems to be, after the rules that come before', async () => {
    await shop.profile('a@example.org');
    await shop.profile('b@example.org');
    await shop.set({ ...by('email'), match: ['email', 'custom'] });
    const add = (email: string, company: string) => shop.crm.world.addContact({ email, company, phone: '' });
    const ids = [add('', 'A@Example.org; nobody@example.org'), add('b@example.org', 'a@example.org'), add('', 'Fjord')];
    await shop.keep(shop.crm.world.addList('Trade Show', ids), 'Trade Show');
    expect(countsOf(await shop.first())).toMatchObject({ seen: 3, matched: 2, adds: 2, noAddress: 1 });
  });

  it('that nobody matches is created only with an address', async () => {
    const { code } = await attribute('Member number', 'text');
    await shop.set(by(code, 'company', { unmatched: 'create' }));
    const add = (email: string) => shop.crm.world.addContact({ email, company: '7', phone: '' });
    await shop.keep(shop.crm.world.addList('Trade Show', [add(''), add('new@example.org')]), 'Trade Show');
    expect(countsOf(await shop.first())).toMatchObject({ create: 1, noAddress: 1 });
    expect(await shop.tagged('Trade Show')).toEqual(['new@example.org']);
  });
});

describe('a sync', () => {
  it('fails, and says so, once the CRM has the field no more; nobody loses the tag', async () => {
    const { code } = await attribute('Member number', 'text');
    await has('a@example.org', code, '7');
    await shop.set(by(code));
    const list = await listOf(['7']);
    await shop.first();
    shop.crm.hideField('company');
    shop.crm.world.removeMembers(list, shop.crm.world.membersOf(list));
    expect(await shop.sync()).toMatchObject({
      status: 'failed',
      operationId: null,
      error: expect.stringMatching(/^Contacts are found by the field “company”, which the CRM no longer has/) as string,
    });
    expect(await shop.tagged('Trade Show')).toEqual(['a@example.org']);
  });

  it('fails once the attribute is hidden, also between the read and the comparison', async () => {
    const { id, code } = await attribute('Member number', 'text');
    await has('a@example.org', code, '7');
    await shop.set(by(code));
    await listOf(['7']);
    const runId = await shop.start(true);
    await shop.read(runId);
    valueOf(await setAttributeHidden(account.admin, { sectionId: shop.sectionId, attributeId: id, hidden: true }));
    await expect(shop.operate(runId)).rejects.toThrow(/found by an attribute that was hidden/);
    const error = expect.stringMatching(/found by an attribute that was hidden/) as string;
    expect(await shop.finish(await shop.start(true))).toMatchObject({ status: 'failed', error });
  });
});

describe('the settings', () => {
  const set = (options: object) => setOptions(shop.actor, { ...shop.where, options });
  const refusedAt = (field: string, message: RegExp) => ({
    refusal: { code: 'invalid', field, message: expect.stringMatching(message) as string },
  });

  it('need a field and something that tells people apart', async () => {
    const { code } = await attribute('Shoe', 'boolean');
    for (const [custom, field, message] of [
      [null, 'options.custom.field', /Choose a field/],
      [{ field: '', code: 'email' }, 'options.custom.field', /Choose a field/],
      [{ field: 'company', code: '' }, 'options.custom.code', /Choose what/],
      [{ field: 'company', code: 'firstname' }, 'options.custom.code', /the same “First name”/],
      [{ field: 'company', code }, 'options.custom.code', /the same “Shoe”/],
      [{ field: 'company', code: 'a0' }, 'options.custom.code', /does not exist/],
    ] as const) {
      expect(await set({ match: ['custom'], custom })).toMatchObject(refusedAt(field, message));
    }
  });

  it('ask for a dry run if the field is another one, but not for a field that no rule uses', async () => {
    await shop.set({ ...by('email'), match: ['email', 'custom'] });
    await shop.synced(['a@example.org']);
    const change = async (options: object) => valueOf(await set(ConnectionOptionsSchema.parse(options))).needsDryRun;
    expect(await change({ ...by('email', 'last_name'), match: ['email', 'custom'] })).toBe(true);
    await shop.first();
    expect(await change({ match: ['email'], custom: null })).toBe(true);
    await shop.first();
    expect(await change({ match: ['email'], custom: { field: 'company', code: 'email' } })).toBe(false);
  });
});

describe('a value', () => {
  const key = (of: 'email' | 'mobile' | 'crm_id'): CustomTarget => ({ kind: 'key', of });
  const text: CustomTarget = { kind: 'attribute', code: 'a1', type: 'text' };
  const number: CustomTarget = { kind: 'attribute', code: 'a1', type: 'number' };

  it.each([
    [key('email'), 'Ann@X.se, bo@x.se;', ['ann@x.se', 'bo@x.se']],
    [key('email'), 'no address', []],
    [key('mobile'), '070-123 45 67', ['46701234567']],
    [key('crm_id'), 1001, ['1001']],
    [key('crm_id'), 'A1, B2', ['A1, B2']],
    [text, ['one', 'two', 'one'], ['one', 'two']],
    [text, '\u200b n/a ', []],
    [text, null, []],
    [number, ' 007 ', ['7']],
    [number, 'seven', []],
    [number, 12.5, ['12.5']],
  ])('for %o: %o is compared as %o', (target, value, compared) => {
    expect(comparedValues(target, value, 'SE')).toEqual(compared);
  });

  it.each([
    ['email', 'text', true, { kind: 'key', of: 'email' }],
    ['crmid', 'text', true, { kind: 'key', of: 'crm_id' }],
    ['lastname', 'text', true, null],
    ['birthdate', 'date', true, null],
    ['a1', 'text', false, { kind: 'attribute', code: 'a1', type: 'text' }],
    ['a1', 'date', false, null],
  ] as const)('can be compared with %s (%s)?', (code, type, system, target) => {
    expect(targetOf({ code, type, system } satisfies Pick<Attribute, 'code' | 'type' | 'system'>)).toEqual(target);
  });
});
