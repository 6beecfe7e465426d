// Flows for clients, over HTTP, against the real process.
import { beforeAll, describe, expect, it } from 'vitest';
import type { FlowId, ProfileId, TagId } from '@/lib/db/ids';
import { createEventType } from '@/lib/events/commands';
import { pool } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
import { pauseFlow, publishFlow, resumeFlow } from '@/lib/flows/publish';
import { saveFlow } from '@/lib/flows/commands';
import { findFlow } from '@/lib/flows/queries';
import { tick } from '@/lib/flows/tick';
import { hideTag } from '@/lib/tags/commands';
import {
  account,
  CRM,
  EMAIL,
  json,
  keyOf,
  makeKey,
  makeTag,
  profilePath,
  section,
  tokenOf,
  withApi,
} from '@/testing/api';
import { deny, makePerson } from '@/testing/api-people';
import { createTestAccount } from '@/testing/fixtures';
import { createTestFlow, expectCountsToFit, publishTestFlow, runOf } from '@/testing/flows';
import { hasTag, valueOf } from '@/testing/segments';

withApi();

const list = () => `/audience/sections/${section}/flows`;
const many = (flowId: FlowId, keyspace = EMAIL) =>
  `/audience/keyspaces/${keyspace}/sections/${section}/flows/${flowId}`;
const single = (key: string, flowId: FlowId, keyspace = EMAIL) =>
  `${profilePath(key, keyspace)}/sections/${section}/flows/${flowId}`;
const enter = (key: string, flowId: FlowId, status = 202, more: object = {}) =>
  json<unknown>(`${single(key, flowId)}/entries`, status, { method: 'POST', body: {}, ...more });
const inside = async (flowId: FlowId, profileId: ProfileId) =>
  (await runOf(account.sectionId, flowId, profileId))?.dueAt != null;
const of = (flowId: FlowId) => ({ sectionId: account.sectionId, flowId });

type Page = { items: Record<string, unknown>[]; next: string | null };
type Outcomes = { items: { status: number; problem?: { detail: string } }[] };

const WAIT = { id: 'wait', kind: 'wait' as const };

let tags: Record<'trigger' | 'asked' | 'given', { id: TagId; discriminator: string }>;
const rulesOn = (tagId: TagId) => ({
  timeZone: 'Etc/UTC',
  root: { kind: 'group' as const, match: 'all' as const, items: [hasTag(tagId)] },
});

beforeAll(async () => {
  tags = { trigger: await makeTag('Trigger'), asked: await makeTag('Asked'), given: await makeTag('Given') };
});

/** Gives a tag, waits, and asks for another one on the way. */
const welcome = (more: object = {}, asked = tags.asked.id) =>
  publishTestFlow(
    account,
    {
      trigger: { kind: 'tag_applied', tagId: tags.trigger.id },
      steps: [
        { id: 'give', kind: 'tags', apply: [tags.given.id] },
        {
          id: 'asks',
          kind: 'branch',
          name: 'Do they have it?',
          ways: [{ id: 'yess', rules: rulesOn(asked), steps: [{ ...WAIT, id: 'inner' }] }],
          otherwise: [],
        },
        WAIT,
      ],
    },
    more,
  );

it('the list is read in pages, by status and by name, without what was deleted', async () => {
  const draft = await createTestFlow(account, { trigger: { kind: 'none' } });
  const [first, second] = [await welcome(), await welcome()];
  const ids = async (query: string) =>
    (await json<Page>(`${list()}${query}`)).items.map(({ flow_id: id }) => Number(id));
  expect(await ids('?status=draft')).toEqual([draft.id]);
  expect(await ids('?status=live')).toEqual([second, first]);
  expect(await ids('?name=nothing%20of%20the%20kind')).toEqual([]);
  const seen: number[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: Page = await json(`${list()}?limit=1${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    seen.push(...page.items.map(({ flow_id: id }) => Number(id)));
    cursor = page.next;
  }
  expect(seen).toEqual([second, first, draft.id]);
  await json(`${list()}?cursor=x`, 400);
  // Of nothing that was ever there, or will be.
  await json(`${list()}?cursor=2026-01-01T00:00:00.000Z~999999999999999`);
  await json(`${list()}?status=broken`, 400);
  await json(`${list()}/2147483647`, 404);
  await json(`${list()}/nothing`, 404);
});

it('one is read in words, with exact numbers at each step and way', async () => {
  const flowId = await welcome();
  const key = keyOf('reader');
  const profileId = await makePerson({ email: key });
  await enter(key, flowId);
  await tick();
  expect(await inside(flowId, profileId)).toBe(true);
  expect(await json(`${list()}/${flowId}`)).toMatchObject({
    flow_id: String(flowId),
    status: 'live',
    version: 1,
    needs_attention: false,
    trigger_in_words: expect.stringMatching(/^When Trigger .* is applied$/) as string,
    filter_in_words: null,
    numbers: { entered: 1, inside: 1, left: {}, refused: {} },
    steps: [
      { step_id: 'give', kind: 'tags', within: null, ways: [], numbers: { arrived: 1, passed: 1, waiting: 0 } },
      {
        step_id: 'asks',
        name: 'Do they have it?',
        ways: [
          { way_id: 'yess', words: 'Yes', taken: 0 },
          { way_id: 'asks:otherwise', words: 'No', taken: 1 },
        ],
      },
      { step_id: 'inner', within: 'yess', words: 'Wait 1 day', numbers: { arrived: 0 } },
      { step_id: 'wait', within: null, numbers: { arrived: 1, waiting: 1 } },
    ],
  });
  expect(await json(single(key, flowId))).toMatchObject({
    profile_key: key,
    entry: 1,
    step_id: 'wait',
    outcome: null,
    history: [
      { step_id: null, what: 'entered' },
      { step_id: 'give', what: 'passed' },
      { step_id: 'asks', note: 'otherwise' },
    ],
  });
});

describe('people', () => {
  it('are sent into it and taken out of it by key, and a repeated call does nothing', async () => {
    const flowId = await welcome({ again: { kind: 'each_time' } });
    const key = keyOf('single');
    expect(await enter(key, flowId, 404)).toMatchObject({ detail: expect.stringContaining('create') as string });
    await json(single(key, flowId), 404);
    const once = { headers: { 'idempotency-key': keyOf('once') }, body: { create: true } };
    await enter(key, flowId, 202, once);
    await tick();
    expect(await json(single(key, flowId))).toMatchObject({ entry: 1, step_id: 'wait', outcome: null });
    await json(single(key, flowId), 204, { method: 'DELETE' });
    await json(single(key, flowId), 204, { method: 'DELETE' });
    expect(await json(single(key, flowId))).toMatchObject({ outcome: 'taken_out' });
    await enter(key, flowId, 202, once);
    await tick();
    expect(await json(single(key, flowId))).toMatchObject({ entry: 1, outcome: 'taken_out' });
    await enter(key, flowId, 409, { ...once, body: {} });
    await enter(key, flowId);
    await tick();
    expect(await json(single(key, flowId))).toMatchObject({ entry: 2, outcome: null });
    await expectCountsToFit(account.sectionId, flowId);
  });

  it('who is taken out before they were let in does not enter afterwards', async () => {
    const flowId = await welcome();
    const key = keyOf('hasty');
    const profileId = await makePerson({ email: key });
    await enter(key, flowId);
    await json(single(key, flowId), 204, { method: 'DELETE' });
    await tick();
    expect(await runOf(account.sectionId, flowId, profileId)).toBeUndefined();
    await enter(key, flowId);
    await tick();
    expect(await inside(flowId, profileId)).toBe(true);
  });

  it('come with the data that the flow takes, alone and in sets; anything else is refused', async () => {
    const flowId = await publishTestFlow(account, {
      trigger: { kind: 'none', data: [{ name: 'total', type: 'number' }] },
      steps: [
        {
          ...{ id: 'asks', kind: 'branch', otherwise: [WAIT] },
          ways: [{ id: 'large', given: [{ code: 'total', compare: { test: 'above', number: 100 } }], steps: [] }],
        },
      ],
    });
    expect(await json(`${list()}/${flowId}`)).toMatchObject({ data: [{ name: 'total', type: 'number' }] });
    const [first, second, third] = [keyOf('large'), keyOf('small'), keyOf('none')];
    for (const email of [first, second, third]) await makePerson({ email });
    expect(await enter(first, flowId, 400, { body: { data: { colour: 'red' } } })).toMatchObject({
      detail: 'This flow takes no value “colour”. It takes: total.',
    });
    await enter(first, flowId, 400, { body: { data: { total: 'much' } } });
    await enter(first, flowId, 400, { body: { data: { total: 'x'.repeat(2_001) } } });
    await enter(first, flowId, 400, { body: { data: { total: [100] } } });
    await enter(keyOf('nobody'), flowId, 400, { body: { data: { total: 'much' }, create: true } });
    const profile_keys = [
      { profile_key: first, data: { total: 120.5 } },
      { profile_key: second, data: { total: '99' } },
      { profile_key: keyOf('wrong'), data: { total: 'much' } },
      third,
    ];
    const { items } = await json<Outcomes>(`${many(flowId)}/entries`, 207, {
      method: 'POST',
      body: { profile_keys, create: true },
    });
    expect(items.map(({ status }) => status)).toEqual([202, 202, 400, 202]);
    expect(await enter(keyOf('wrong'), flowId, 404)).toMatchObject({
      detail: expect.stringContaining('no profile') as string,
    });
    await tick();
    expect(await json(single(first, flowId))).toMatchObject({ data: { total: 120.5 }, outcome: 'done' });
    expect(await json(single(second, flowId))).toMatchObject({ data: { total: 99 }, step_id: 'wait' });
    expect(await json(single(third, flowId))).toMatchObject({ data: {}, step_id: 'wait' });
  });

  it('go in and out in sets, each key with an outcome of its own', async () => {
    const flowId = await welcome();
    const [known, other, fresh] = [keyOf('known'), keyOf('other'), keyOf('fresh')];
    const profiles = [await makePerson({ email: known }), await makePerson({ email: other })];
    const keys = [known, 'not an address', fresh, other, known];
    const call = (what: string, body: object) =>
      json<Outcomes>(`${many(flowId)}/${what}`, 207, { method: 'POST', body });
    const statuses = ({ items }: Outcomes) => items.map(({ status }) => status);
    expect(statuses(await call('entries', { profile_keys: keys }))).toEqual([202, 400, 404, 202, 202]);
    await tick();
    for (const id of profiles) expect(await inside(flowId, id)).toBe(true);
    expect(statuses(await call('entries', { profile_keys: keys, create: true }))).toEqual([202, 400, 202, 202, 202]);
    await tick();
    expect(await json(`${list()}/${flowId}`)).toMatchObject({ numbers: { entered: 3, refused: { inside: 2 } } });
    expect(statuses(await call('exits', { profile_keys: [known, fresh, keyOf('nobody')] }))).toEqual([204, 204, 404]);
    expect(await json(`${list()}/${flowId}`)).toMatchObject({ numbers: { inside: 1, left: { taken_out: 2 } } });
    await json(`${many(flowId)}/entries`, 400, { method: 'POST', body: { profile_keys: [] } });
    const tooMany = Array.from({ length: 1_001 }, (_, index) => `${index}@example.com`);
    await json(`${many(flowId)}/entries`, 400, { method: 'POST', body: { profile_keys: tooMany } });
    await expectCountsToFit(account.sectionId, flowId);
  });

  it('are read in pages, by step and state, in every version', async () => {
    const flowId = await welcome();
    const keys = Array.from({ length: 5 }, (_, index) => keyOf(`page${index}`));
    for (const email of keys) await makePerson({ email });
    await json(`${many(flowId)}/entries`, 207, { method: 'POST', body: { profile_keys: keys.slice(0, 3) } });
    await tick();
    const { revision, document } = (await findFlow(pool(), account.sectionId, flowId))!;
    const steps = document.steps.slice(1);
    const saved = valueOf(
      await saveFlow(account.marketer, { ...of(flowId), revision, document: { ...document, steps } }),
    );
    valueOf(await publishFlow(account.marketer, { ...of(flowId), revision: saved.revision }));
    await json(`${many(flowId)}/entries`, 207, { method: 'POST', body: { profile_keys: keys.slice(3) } });
    await tick();
    await json(single(keys[1]!, flowId), 204, { method: 'DELETE' });
    const seen = async (query: string, keyspace = EMAIL) => {
      const found: Page['items'] = [];
      for (let after: string | null = '0'; after !== null;) {
        const page: Page = await json(`${many(flowId, keyspace)}/people?limit=2&after=${after}${query}`);
        found.push(...page.items);
        after = page.next;
      }
      return found;
    };
    const ofKeys = (items: Page['items']) => items.map(({ profile_key: key }) => key);
    expect(ofKeys(await seen(''))).toEqual([keys[0], keys[2], keys[3], keys[4]]);
    expect(await seen('&step=wait')).toMatchObject([{ version: 1 }, { version: 1 }, { version: 2 }, { version: 2 }]);
    expect((await seen(''))[0]).toMatchObject({
      waits_until: expect.stringMatching(/Z$/) as string,
      left_at: null,
      outcome: null,
    });
    expect(await seen('&step=give')).toEqual([]);
    expect(await seen('&state=failed')).toEqual([]);
    expect(await seen('&state=left')).toMatchObject([
      { profile_key: keys[1], outcome: 'taken_out', waits_until: null },
    ]);
    expect(await seen('&state=left&step=give')).toEqual([]);
    // Those without a key in the keyspace are left out.
    expect(await seen('', CRM)).toEqual([]);
    await json(`${many(flowId)}/people?state=broken`, 400);
  });
});

describe('before a change of many, a dry run', () => {
  type Said = { flows: { flow_id: string; enters: number | null; may_enter: number | null }[] };
  const jobs = () => `/audience/keyspaces/${EMAIL}/sections/${section}`;
  const of = async (path: string, flowId: FlowId, body: object, keyspace = jobs()) => {
    const said = await json<Said>(`${keyspace}${path}`, 200, { method: 'POST', body: { ...body, dry_run: true } });
    return said.flows.find(({ flow_id: id }) => id === String(flowId));
  };

  it('says how many would enter, and the change then lets in so many', async () => {
    const tag = await makeTag('Wanted');
    const trigger = { kind: 'tag_applied' as const, tagId: tag.id };
    const flowId = await publishTestFlow(account, { trigger, steps: [WAIT] });
    const asking = await publishTestFlow(account, { trigger, filter: rulesOn(tags.asked.id), steps: [WAIT] });
    const keys = [keyOf('has'), keyOf('gets'), keyOf('also'), keyOf('made')];
    for (const email of keys.slice(0, 3)) await makePerson({ email });
    const items = (ones: string[]) => ones.map((key) => ({ profile_key: key, tag: tag.discriminator, apply: true }));
    await json(`${jobs()}/profiles/tags`, 207, { method: 'POST', body: { items: items([keys[0]!]) } });
    await tick();
    const list = { profile_keys: [...keys, 'not an address'], apply: [tag.discriminator] };
    expect(await of('/tags/jobs', flowId, list)).toMatchObject({ status: 'live', enters: 3, may_enter: 0 });
    expect(await of('/tags/jobs', asking, list)).toMatchObject({ enters: 0 });
    const set = { items: [...items(keys), { profile_key: keys[1]!, tag: tag.discriminator, apply: false }] };
    expect(await of('/profiles/tags', flowId, set)).toMatchObject({ enters: 2 });
    expect(await json(single(keys[3]!, flowId), 404)).toMatchObject({ status: 404 });
    await json(`${jobs()}/profiles/tags`, 207, { method: 'POST', body: { items: items(keys) } });
    await tick();
    expect((await json<Page>(`${many(flowId)}/people`)).items).toHaveLength(4);
  });

  it('says no number of a flow that asks for what the client may not read', async () => {
    const tag = await makeTag('Secret');
    const flowId = await publishTestFlow(account, {
      trigger: { kind: 'tag_applied', tagId: tag.id },
      filter: rulesOn(tags.asked.id),
      steps: [WAIT],
    });
    const body = { profile_keys: [keyOf('any')], apply: [tag.discriminator] };
    await deny(tags.asked.id, { write: false }, [account.keyspaces.email]);
    expect(await of('/tags/jobs', flowId, body)).toMatchObject({ enters: null, may_enter: null });
    await deny(tags.asked.id, { read: false, write: false });
  });
});

it('the same event twice, by a repeated call, lets somebody in once (case 88)', async () => {
  const fields = [{ code: 'order', name: 'Order', type: 'text' }];
  const made = valueOf(await createEventType(account.admin, { sectionId: account.sectionId, name: 'Ordered', fields }));
  const { versionId } = await one<{ versionId: number }>(
    pool(),
    sql`select id as "versionId" from event_version where section_id = ${account.sectionId} and event_type_id = ${made.id}`,
  );
  const flowId = await publishTestFlow(
    account,
    { trigger: { kind: 'event', eventTypeId: made.id }, steps: [{ id: 'give', kind: 'tags', apply: [tags.given.id] }] },
    { again: { kind: 'each_time' } },
  );
  const key = keyOf('orders');
  const body = { items: [{ version_id: String(versionId), data: { order: 'A-1' } }] };
  const headers = { 'idempotency-key': keyOf('order') };
  for (let time = 0; time < 2; time++) {
    await json(`${profilePath(key)}/sections/${section}/events`, 204, { method: 'POST', body, headers });
    await tick();
  }
  expect(await json(`${list()}/${flowId}`)).toMatchObject({ numbers: { entered: 1 } });
});

describe('a flow that is not going', () => {
  it('lets nobody in: a draft, paused, or in need of attention', async () => {
    const key = keyOf('waits');
    await makePerson({ email: key });
    const draft = await createTestFlow(account, { trigger: { kind: 'none' }, steps: [WAIT] });
    await enter(key, draft.id, 409);
    const later = await publishTestFlow(
      account,
      { trigger: { kind: 'none' }, steps: [WAIT] },
      { opensOn: '2099-03-01' },
    );
    expect(await enter(key, later, 409)).toMatchObject({ detail: 'The flow lets nobody in before 1 March 2099.' });
    const lostTag = (await makeTag('Lost')).id;
    const flowId = await welcome({}, lostTag);
    valueOf(await pauseFlow(account.marketer, of(flowId)));
    expect(await enter(key, flowId, 409)).toMatchObject({ detail: 'This flow lets nobody in: it is paused.' });
    valueOf(await resumeFlow(account.marketer, of(flowId)));
    await enter(key, flowId);
    valueOf(await hideTag(account.admin, { sectionId: account.sectionId, tagId: lostTag }));
    expect(await enter(key, flowId, 409)).toMatchObject({
      detail: expect.stringContaining('needs attention') as string,
    });
    const lost = await json<{ steps: { words: string }[] }>(`${list()}/${flowId}`);
    expect(lost).toMatchObject({ needs_attention: true });
    expect(lost.steps[1]!.words).toContain('a hidden tag');
  });
});

describe('rights', () => {
  it('a tag that may not be written keeps people from being sent to a flow that changes it', async () => {
    const flowId = await welcome();
    const key = keyOf('written');
    const profileId = await makePerson({ email: key, crm_id: keyOf('C') });
    await deny(tags.given.id, { write: false }, [account.keyspaces.email]);
    expect(await enter(key, flowId)).toBeNull();
    await deny(tags.given.id, { read: false }, [account.keyspaces.email]);
    expect(await enter(key, flowId, 403)).toMatchObject({ detail: expect.stringContaining('Given') as string });
    const ways = [tags.given.id, null].map((tagId, at) => ({ id: `way${at}`, percent: 50, tagId, steps: [] }));
    const bySplit = await publishTestFlow(account, {
      trigger: { kind: 'none' },
      steps: [{ id: 'split', kind: 'split', ways }],
    });
    await enter(key, bySplit, 403);
    await json(`${many(flowId)}/entries`, 403, { method: 'POST', body: { profile_keys: [key] } });
    await tick();
    expect(await inside(flowId, profileId)).toBe(true);
    await json(single(key, flowId), 204, { method: 'DELETE' });
    await deny(tags.given.id, { read: false, write: false });
  });

  it.each(['asked', 'given', 'trigger'] as const)(
    'a tag that may not be read (%s) hides numbers and people, also of a flow that leads there',
    async (name) => {
      const flowId = await welcome();
      const next = await publishTestFlow(account, { trigger: { kind: 'none' }, steps: [WAIT] });
      const leading = await publishTestFlow(account, {
        trigger: { kind: 'tag_applied', tagId: tags[name].id },
        steps: [{ id: 'jump', kind: 'enter', flowId: next }],
      });
      const key = keyOf('read');
      await makePerson({ email: key });
      await deny(tags[name].id, { write: false }, [account.keyspaces.email]);
      for (const one of [flowId, next, leading]) {
        const shown = await json<{ numbers: unknown; steps: { numbers: unknown }[] }>(`${list()}/${one}`);
        expect(shown.numbers).toBeNull();
        expect(shown.steps.every(({ numbers }) => numbers === null)).toBe(true);
        await json(`${many(one)}/people`, 403);
        await json(single(key, one), 403);
        expect(await json(`${many(one, CRM)}/people`)).toEqual({ items: [], next: null });
      }
      await deny(tags[name].id, { read: false, write: false });
      expect(await json(`${list()}/${flowId}`)).toMatchObject({ numbers: { entered: 0 } });
    },
  );

  it('a key that only reads changes nothing, one of another section or keyspace sees nothing', async () => {
    const flowId = await welcome();
    const key = keyOf('rights');
    await makePerson({ email: key });
    const reader = await tokenOf(await makeKey({ canWrite: false }));
    await json(`${list()}/${flowId}`, 200, { as: reader });
    await enter(key, flowId, 403, { as: reader });
    await json(single(key, flowId), 403, { as: reader, method: 'DELETE' });
    const crmOnly = await tokenOf(await makeKey({ keyspaces: [account.keyspaces.crm_id] }));
    await enter(key, flowId, 404, { as: crmOnly });
    await json(`${many(flowId)}/people`, 404, { as: crmOnly });
    await json(`${many(flowId, CRM)}/people`, 200, { as: crmOnly });
    const stranger = await tokenOf(await makeKey({}, await createTestAccount()));
    await json(`${list()}/${flowId}`, 404, { as: stranger });
    await enter(key, flowId, 404, { as: stranger });
  });
});

it('what was done with sets, and who was taken out, is in the audit log', async () => {
  const flowId = await welcome();
  const keys = [keyOf('logged'), keyOf('logged')];
  await json(`${many(flowId)}/entries`, 207, { method: 'POST', body: { profile_keys: keys, create: true } });
  await tick();
  await json(single(keys[0]!, flowId), 204, { method: 'DELETE' });
  const { lines } = await one<{ lines: string[] }>(
    pool(),
    sql`
      select array_agg(summary order by id) as lines from audit_entry
      where account_id = ${account.accountId} and subject = ${`flow:${flowId}`} and summary not like 'Publish%'`,
  );
  expect(lines.map((line) => line.replace(/“.*”/, '…'))).toEqual([
    'Created the flow …',
    'Sent 2 profiles to the flow …',
    'Took 1 profile out of the flow …',
  ]);
});
