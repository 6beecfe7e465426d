// One attribute of many profiles: what it changes, what it refuses, and its undo.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { undoOperation } from '@/lib/activity/commands';
import { readUndoPreview } from '@/lib/activity/reads';
import type { UserActor } from '@/lib/access/actor';
import { updateAttribute } from '@/lib/attributes/commands';
import { setAttributeHidden } from '@/lib/used-in/attributes';
import type { AttributeId, OperationId, ProfileId, SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, maybeOne, rows, sql } from '@/lib/db/sql';
import { updateProfile } from '@/lib/profiles/commands';
import { ProfileFilterSchema } from '@/lib/profiles/schema';
import type { OperationStep } from '@/lib/work/kind';
import { runOperation } from '@/lib/work/run';
import {
  createTestAccount,
  createTestProfiles,
  createTestSection,
  createTestTag,
  runToEnd,
  withStep,
  type TestAccount,
} from '@/testing/fixtures';
import { expectInvariants } from '@/testing/invariants';
import { makeAttribute, setAttributes, valueOf } from '@/testing/segments';
import { hideTag } from '@/lib/tags/commands';
import { readBulkAbout } from './bulk-about';
import { bulkAttributeKind, previewBulkValue, setBulkAttribute } from './bulk-attribute';

let account: TestAccount;
let sectionId: SectionId;
let profiles: ProfileId[];
let city: { id: AttributeId; code: string };

beforeAll(async () => {
  account = await createTestAccount();
});
afterAll(expectInvariants);
beforeEach(async () => {
  sectionId = await createTestSection(account.accountId, 'Values');
  profiles = await createTestProfiles(sectionId, 6);
  city = await makeAttribute(account.admin, sectionId, 'text', { name: 'City' });
  await setAttributes(sectionId, profiles[0]!, { [city.code]: 'Oslo' });
  await setAttributes(sectionId, profiles[1]!, { [city.code]: 'Bergen' });
  await setAttributes(sectionId, profiles[2]!, { [city.code]: '' });
});

const everyone = { kind: 'all' as const, filter: ProfileFilterSchema.parse({}) };

type Options = { selection?: object; attributeId?: AttributeId; actor?: UserActor };

const set = (value: string, { selection = everyone, attributeId = city.id, actor = account.admin }: Options = {}) =>
  setBulkAttribute(actor, { sectionId, selection, attributeId, value });

async function change(value: string, options?: Options): Promise<OperationId> {
  const { operationId } = valueOf(await set(value, options));
  await runToEnd(sectionId, operationId);
  return operationId;
}

async function undo(operationId: OperationId): Promise<Record<string, number>> {
  return runToEnd(sectionId, valueOf(await undoOperation(account.admin, { sectionId, operationId })).undoId);
}

/** The values of the profiles, in their order. */
async function values(code = city.code): Promise<unknown[]> {
  const found = await rows<{ value: unknown }>(
    pool(),
    sql`select attributes -> ${code}::text as value from profile where section_id = ${sectionId} order by id`,
  );
  return found.map(({ value }) => value);
}

const operations = () =>
  rows(pool(), sql`select id from operation where section_id = ${sectionId} and kind = ${bulkAttributeKind.kind}`);

const byHand = (profileId: ProfileId, value: string) =>
  updateProfile(account.admin, { sectionId, profileId, keys: [], attributes: { [city.code]: value } });

describe('setting an attribute of many', () => {
  it('is previewed, changes those with another value or none, and is undone', async () => {
    const before = await values();
    const ofOslo = { selection: everyone, attributeId: city.id, value: ' Oslo ' };
    expect(await previewBulkValue(pool(), sectionId, ofOslo)).toEqual({ profiles: 6, same: 1, empty: 4, other: 1 });
    const operationId = valueOf(await set(' Oslo ')).operationId;
    expect(await runToEnd(sectionId, operationId)).toEqual({ profiles: 6, changed: 5 });
    expect(await values()).toEqual(Array(6).fill('Oslo'));
    expect(valueOf(await readUndoPreview(account.admin, { sectionId, operationId }))).toMatchObject({
      values: { goBack: 5, links: 0, stay: 0 },
    });
    const { undoId } = valueOf(await undoOperation(account.admin, { sectionId, operationId }));
    expect(await runToEnd(sectionId, undoId)).toMatchObject({ profilesRestored: 5, profilesKept: 0 });
    expect(await values()).toEqual(before);
    // The undo itself can be undone.
    await undo(undoId);
    expect(await values()).toEqual(Array(6).fill('Oslo'));
  });

  it('clears, and the undo brings the values back', async () => {
    const before = await values();
    const cleared = { selection: everyone, attributeId: city.id, value: '' };
    expect(await previewBulkValue(pool(), sectionId, cleared)).toEqual({ profiles: 6, same: 0, empty: 4, other: 2 });
    const operationId = await change('');
    expect((await values()).filter(Boolean)).toEqual([]);
    await undo(operationId);
    expect(await values()).toEqual(before);
  });

  it('keeps what somebody changed since when it is undone', async () => {
    const operationId = await change('Oslo');
    await byHand(profiles[1]!, 'Trondheim');
    expect(await undo(operationId)).toMatchObject({ profilesRestored: 4, profilesKept: 1 });
    expect((await values()).slice(0, 2)).toEqual(['Oslo', 'Trondheim']);
  });

  it('changes only those that match, each once, although it changes what the filter asks for', async () => {
    const selection = {
      kind: 'all',
      filter: { conditions: [{ code: city.code, compare: { test: 'is', text: 'Bergen' } }] },
    };
    expect(await change('Oslo', { selection })).toBeGreaterThan(0);
    expect((await values()).slice(0, 2)).toEqual(['Oslo', 'Oslo']);
    expect((await values()).slice(3)).toEqual([null, null, null]);
  });

  it('leaves those alone who match only after the start', async () => {
    const selection = {
      kind: 'all',
      filter: { conditions: [{ code: city.code, compare: { test: 'is', text: 'Bergen' } }] },
    };
    valueOf(await byHand(profiles[4]!, 'Bergen'));
    const { operationId } = valueOf(await set('Malmö', { selection }));
    valueOf(await byHand(profiles[0]!, 'Bergen'));
    valueOf(await byHand(profiles[1]!, 'Paris'));
    expect(await runToEnd(sectionId, operationId)).toMatchObject({ profiles: 1, changed: 1 });
    expect(await values()).toEqual(['Bergen', 'Paris', '', null, 'Malmö', null]);
  });

  it('stores numbers, dates, choices and yes or no by their types', async () => {
    const typed = [
      ['number', '1,234.5', 1234.5],
      ['date', '30 Nov 2025', '2025-11-30'],
      ['boolean', 'Yes', true],
      ['choice', 'gold', 'Gold'],
    ] as const;
    for (const [type, text, stored] of typed) {
      const attribute = await makeAttribute(account.admin, sectionId, type, {
        choices: type === 'choice' ? ['Gold', 'Silver'] : [],
      });
      await change(text, { attributeId: attribute.id });
      expect(new Set(await values(attribute.code))).toEqual(new Set([stored]));
    }
  });

  it('is described on its page', async () => {
    const operationId = await change('Oslo', { selection: { kind: 'ids', ids: profiles.slice(0, 2) } });
    expect(valueOf(await readBulkAbout(account.admin, { sectionId, operationId }))).toEqual({
      applied: [],
      removed: [],
      chosen: '2 profiles, selected one by one.',
    });
    const entry = await maybeOne<{ summary: string }>(
      pool(),
      sql`select summary from audit_entry where section_id = ${sectionId} and subject = ${`operation:${operationId}`}`,
    );
    expect(entry?.summary).toBe('Set City to “Oslo”: 2 profiles');
  });
});

describe('setting an attribute is refused, and changes nothing,', () => {
  it('if nobody is chosen, or too many are chosen one by one', async () => {
    const nobody = { kind: 'all', filter: ProfileFilterSchema.parse({ search: 'nobody is called this' }) };
    expect(await set('Oslo', { selection: nobody })).toMatchObject({
      refusal: { code: 'not_found', message: 'There are no profiles to change: nobody matches.' },
    });
    const many = { kind: 'ids', ids: Array.from({ length: 10_001 }, (_, index) => index + 1) };
    expect(await set('Oslo', { selection: many })).toMatchObject({
      refusal: { code: 'invalid', message: expect.stringContaining('at most 10,000') as string },
    });
  });

  it.each([
    ['number', 'many'],
    ['date', '31 February 2025'],
    ['boolean', 'perhaps'],
    ['choice', 'Bronze'],
  ] as const)('with a value that is not of the type: %s', async (type, text) => {
    const attribute = await makeAttribute(account.admin, sectionId, type, {
      choices: type === 'choice' ? ['Gold', 'Silver'] : [],
    });
    expect(await set(text, { attributeId: attribute.id })).toMatchObject({
      ok: false,
      refusal: { code: 'invalid', field: 'value', message: expect.stringContaining(text) as string },
    });
    expect(await operations()).toEqual([]);
    expect(new Set(await values(attribute.code))).toEqual(new Set([null]));
  });

  it('for an attribute that is hidden, follows a key, or is of another section', async () => {
    const email = await maybeOne<{ id: AttributeId }>(
      pool(),
      sql`select id from attribute where section_id = ${account.sectionId} and code = 'email'`,
    );
    const other = await createTestSection(account.accountId, 'Other');
    const theirs = await makeAttribute(account.admin, other, 'text');
    valueOf(await setAttributeHidden(account.admin, { sectionId, attributeId: city.id, hidden: true }));
    expect(await set('Oslo')).toMatchObject({ ok: false, refusal: { code: 'hidden', field: 'attributeId' } });
    expect(await set('Oslo', { attributeId: theirs.id })).toMatchObject({ ok: false, refusal: { code: 'not_found' } });
    const keyed = { sectionId: account.sectionId, selection: everyone, attributeId: email!.id, value: 'a@example.com' };
    expect(await setBulkAttribute(account.admin, keyed)).toMatchObject({ ok: false, refusal: { code: 'invalid' } });
    expect(await operations()).toEqual([]);
  });

  it('without access to the section, and for a filter whose tag has been hidden', async () => {
    const stranger = await createTestAccount();
    for (const actor of [stranger.admin, account.marketer]) {
      expect(await set('Oslo', { actor })).toMatchObject({ ok: false, refusal: { code: 'not_found' } });
    }
    const tagId = await createTestTag(sectionId, 'Gone');
    valueOf(await hideTag(account.admin, { sectionId, tagId }));
    const selection = { kind: 'all', filter: { hasNot: [tagId] } };
    expect(await set('Oslo', { selection })).toMatchObject({ ok: false, refusal: { code: 'hidden' } });
    expect(await operations()).toEqual([]);
  });
});

describe('setting an attribute goes on', () => {
  const kind = withStep(bulkAttributeKind, bulkAttributeKind.open().step);
  const run = (step: OperationStep, operationId: OperationId, runner: string) =>
    runOperation([withStep(bulkAttributeKind, step)], sectionId, operationId, { runner });

  it('after a step that dies: nothing of it stays, and each profile is changed once', async () => {
    const { operationId } = valueOf(await set('Oslo'));
    const { step } = kind.open();
    const dying: OperationStep = async (tx, operation) => {
      await step(tx, operation);
      throw new Error('the connection was cut');
    };
    await run(dying, operationId, 'first');
    expect((await values()).filter((value) => value === 'Oslo')).toHaveLength(1);
    await execute(pool(), sql`update operation set next_attempt_at = null where id = ${operationId}`);
    await run(step, operationId, 'second');
    expect(await values()).toEqual(Array(6).fill('Oslo'));
    const history = await rows(
      pool(),
      sql`select id from profile_change where section_id = ${sectionId} and operation_id = ${operationId}`,
    );
    expect(history).toHaveLength(5);
  });

  it('to an end that can be explained when two people set it at once', async () => {
    const ids = await Promise.all(['Oslo', 'Bergen'].map(async (value) => valueOf(await set(value)).operationId));
    await Promise.all(ids.map((id) => runToEnd(sectionId, id)));
    const found = new Set(await values());
    expect(found.size).toBe(1);
    const last = found.has('Oslo') ? 0 : 1;
    await undo(ids[last]!);
    expect(new Set(await values())).toEqual(new Set([last === 0 ? 'Bergen' : 'Oslo']));
  });

  it('not once its choice has been removed', async () => {
    const tier = await makeAttribute(account.admin, sectionId, 'choice', { choices: ['Gold', 'Silver'] });
    const { operationId } = valueOf(await set('Gold', { attributeId: tier.id }));
    const edited = { sectionId, attributeId: tier.id, name: 'Tier', choices: ['Silver'], description: '' };
    valueOf(await updateAttribute(account.admin, edited));
    await run(kind.open().step, operationId, 'first');
    const state = await maybeOne(
      pool(),
      sql`select status, error from operation where section_id = ${sectionId} and id = ${operationId}`,
    );
    expect(state).toEqual({ status: 'failed', error: expect.stringContaining('“Gold” is no longer') as string });
    expect(new Set(await values(tier.code))).toEqual(new Set([null]));
  });
});
