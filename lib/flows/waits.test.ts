// Waits that something ends, values that a flow sets, flows that send people to each other, and triggers that are looked for.
import { beforeEach, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import { createAttribute } from '@/lib/attributes/commands';
import type { AttributeId, FlowId, ProfileId, TagId } from '@/lib/db/ids';
import { transaction } from '@/lib/db/pool';
import { sql } from '@/lib/db/sql';
import { eraseProfile } from '@/lib/people/erase';
import { changeProfiles } from '@/lib/profiles/change';
import { createSegment } from '@/lib/segments/commands';
import { changeTags, wantedFor, type Cause } from '@/lib/tags/change';
import {
  createTestAccount,
  createTestProfiles,
  createTestSection,
  createTestTag,
  type TestAccount,
} from '@/testing/fixtures';
import {
  expectCountsToFit,
  historyOf,
  publishTestFlow,
  runOf,
  type FlowDraft,
  type FlowDraftSettings,
} from '@/testing/flows';
import { allOf, hasTag, mergeProfiles, rulesOf } from '@/testing/segments';
import { lookForTriggers } from './look';
import { readFlowNumbers } from './reads';
import { tick } from './tick';

const START = new Date('2027-03-01T12:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const after = (ms: number) => new Date(START.getTime() + ms);

let account: TestAccount;
let profiles: ProfileId[];
let tags: { trigger: TagId; vip: TagId; stop: TagId; done: TagId };
let birthday: AttributeId;
let zone: AttributeId;

beforeEach(async () => {
  account ??= await createTestAccount();
  account = { ...account, sectionId: await createTestSection(account.accountId, `Section ${Math.random()}`) };
  account.marketer = { ...account.marketer, sections: [account.sectionId] };
  const { sectionId } = account;
  const tag = (name: string) => createTestTag(sectionId, name);
  tags = { trigger: await tag('Trigger'), vip: await tag('VIP'), stop: await tag('Stop'), done: await tag('Done') };
  profiles = await createTestProfiles(sectionId, 3);
  birthday = valueOf(await createAttribute(account.admin, { sectionId, name: 'Day', type: 'date' })).id;
  zone = valueOf(await createAttribute(account.admin, { sectionId, name: 'Zone', type: 'text' })).id;
});

/** Tags are changed at a moment of the test’s clock. */
function change(ids: readonly ProfileId[], apply: TagId[], at: Date, remove: TagId[] = [], cause: Partial<Cause> = {}) {
  const wanted = wantedFor(sql`select unnest(${ids}::bigint[]) as profile_id`, { apply, remove });
  return transaction((tx) =>
    changeTags(tx, { sectionId: account.sectionId, source: 'user', userId: null, at, ...cause }, wanted),
  );
}
/** Values, by the attributes’ ids. */
const set = (profileId: ProfileId, values: [AttributeId, string][]) =>
  transaction((tx) => {
    const attributes = JSON.stringify(Object.fromEntries(values.map(([id, value]) => [`a${id}`, value])));
    const given = sql`select ${profileId}::bigint as profile_id, ${attributes}::jsonb as attributes`;
    return changeProfiles(tx, { sectionId: account.sectionId, source: 'user', userId: null }, { values: given });
  });

const trigger = () => ({ kind: 'tag_applied' as const, tagId: tags.trigger });
const live = (document: FlowDraft, settings: FlowDraftSettings = {}) => publishTestFlow(account, document, settings);
const run = (flowId: FlowId, profileId = profiles[0]!) => runOf(account.sectionId, flowId, profileId);
const history = (flowId: FlowId, profileId = profiles[0]!) => historyOf(account.sectionId, flowId, profileId);
const numbers = async (flowId: FlowId) =>
  valueOf(await readFlowNumbers(account.marketer, { sectionId: account.sectionId, flowId }));
const enterAt = async (now: Date, ids = [profiles[0]!]) => {
  await change(ids, [tags.trigger], now);
  await tick({ now });
};

describe('waiting for what somebody does', () => {
  const waiting = (more = {}): FlowDraft => ({
    trigger: trigger(),
    steps: [
      {
        ...{ id: 'wait', kind: 'wait_for', timeout: { count: 7, unit: 'days' }, otherwise: [] },
        ways: [
          { id: 'vip1', what: { kind: 'tag_applied', tagId: tags.vip }, steps: [] },
          { id: 'stop', what: { kind: 'tag_removed', tagId: tags.done }, steps: [] },
        ],
        ...more,
      } as FlowDraft['steps'] extends (infer Step)[] | undefined ? Step : never,
    ],
  });

  it('ends at once when it comes, and the run does not show as waiting afterwards (cases 116 and 140)', async () => {
    await change(profiles, [tags.done], after(-DAY));
    const flowId = await live(waiting());
    await enterAt(START);
    expect(await run(flowId)).toMatchObject({ step: 'wait', dueAt: after(7 * DAY) });
    await change([profiles[0]!], [tags.vip], after(HOUR));
    await tick({ now: after(HOUR) });
    expect(await history(flowId)).toEqual(['entered', 'wait passed vip1', 'left done']);
    await expectCountsToFit(account.sectionId, flowId);
  });

  it('goes on for whoever has it already, or got it before the flow came to it (cases 20 and 111)', async () => {
    await change(profiles, [tags.done, tags.vip], after(-DAY));
    const flowId = await live(waiting());
    await enterAt(START, profiles);
    expect(await numbers(flowId)).toMatchObject({ inside: 0, ways: { vip1: 3 } });
  });

  it('ends by the time-out, and one way only is taken if both come in one tick (case 112)', async () => {
    await change(profiles, [tags.done], after(-DAY));
    const flowId = await live(waiting());
    await enterAt(START, profiles);
    await change([profiles[0]!], [tags.vip], after(7 * DAY - 1));
    await change([profiles[1]!], [tags.vip], after(7 * DAY + 1));
    await tick({ now: after(8 * DAY) });
    expect(await numbers(flowId)).toMatchObject({ ways: { vip1: 1, 'wait:otherwise': 2 } });
    expect(await history(flowId)).toEqual(['entered', 'wait passed vip1', 'left done']);
    expect(await history(flowId, profiles[1])).toEqual(['entered', 'wait timed_out otherwise', 'left done']);
    expect((await numbers(flowId)).steps.wait).toMatchObject({ passed: 1, timed_out: 2 });
  });

  it('is not skipped by the trigger, and two waits of one person on the same tag both go on (cases 113 and 114)', async () => {
    await change(profiles, [tags.done], after(-DAY));
    const [one, other] = [await live(waiting()), await live(waiting())];
    await enterAt(START);
    await change([profiles[0]!], [], after(1), [tags.trigger]);
    await enterAt(after(2));
    expect(await run(one)).toMatchObject({ step: 'wait' });
    await change([profiles[0]!], [tags.vip], after(HOUR));
    await tick({ now: after(HOUR) });
    expect(await run(one)).toMatchObject({ outcome: 'done' });
    expect(await run(other)).toMatchObject({ outcome: 'done' });
  });

  it('is waited for after another wait is over, from the step or from the entry (case 48)', async () => {
    const what = { kind: 'tag_applied' as const, tagId: tags.vip, sources: ['user' as const] };
    const steps = (since: 'step' | 'entry'): FlowDraft['steps'] => [
      { id: 'pause', kind: 'wait', time: { count: 23, unit: 'hours' } },
      { ...{ id: 'wait', kind: 'wait_for', since, otherwise: [] }, ways: [{ id: 'way1', what, steps: [] }] },
    ];
    const [fromStep, fromEntry] = [
      await live({ trigger: trigger(), steps: steps('step') }),
      await live({ trigger: trigger(), steps: steps('entry') }),
    ];
    await enterAt(START);
    await change([profiles[0]!], [tags.vip], after(120_000));
    await change([profiles[0]!], [], after(180_000), [tags.vip]);
    await tick({ now: after(200_000) });
    expect(await run(fromEntry)).toMatchObject({ step: 'pause' });
    await tick({ now: after(23 * HOUR) });
    expect(await run(fromStep)).toMatchObject({ step: 'wait' });
    expect(await run(fromEntry)).toMatchObject({ outcome: 'done' });
  });

  it('a segment that somebody comes into, or the first of several', async () => {
    const rules = rulesOf(allOf(hasTag(tags.vip)));
    const { sectionId } = account;
    const { id: segmentId } = valueOf(await createSegment(account.marketer, { sectionId, name: 'VIPs', rules }));
    const what = { kind: 'segment' as const, segmentId };
    const flowId = await live({
      trigger: trigger(),
      steps: [{ ...{ id: 'wait', kind: 'wait_for', otherwise: [] }, ways: [{ id: 'way1', what, steps: [] }] }],
    });
    await enterAt(START);
    expect(await run(flowId)).toMatchObject({ step: 'wait', dueAt: after(60_000) });
    await change([profiles[0]!], [tags.vip], after(HOUR));
    await tick({ now: after(HOUR) });
    expect(await run(flowId)).toMatchObject({ outcome: 'done' });
  });
});

describe('waiting for a date', () => {
  const waiting = (more = {}): FlowDraft => ({
    trigger: trigger(),
    steps: [
      { id: 'date', kind: 'wait_date', attributeId: birthday, ...more },
      { id: 'tags', kind: 'tags', apply: [tags.vip] },
    ],
  });

  it('is until the date of each, by their own zone (cases 42 and 56)', async () => {
    await set(profiles[0]!, [[birthday, '2027-03-10']]);
    await set(profiles[1]!, [
      [birthday, '2027-03-10'],
      [zone, 'Pacific/Auckland'],
    ]);
    const flowId = await live(waiting(), { zoneAttributeId: zone, timeZone: 'Europe/Stockholm' });
    await enterAt(START, profiles);
    expect(await run(flowId)).toMatchObject({ dueAt: new Date('2027-03-10T08:00:00Z') });
    expect(await run(flowId, profiles[1])).toMatchObject({ dueAt: new Date('2027-03-09T20:00:00Z') });
    expect(await history(flowId, profiles[2])).toEqual(['entered', 'date passed no date', 'tags passed', 'left done']);
  });

  it('goes on if it is past, or leaves, as chosen (case 30)', async () => {
    await set(profiles[0]!, [[birthday, '2027-02-10']]);
    const [on, leaving] = [await live(waiting()), await live(waiting({ past: 'leave' }))];
    await enterAt(START);
    expect(await run(on)).toMatchObject({ outcome: 'done' });
    expect(await run(leaving)).toMatchObject({ outcome: 'no_date' });
  });

  it('follows the date when it changes (case 57)', async () => {
    await set(profiles[0]!, [[birthday, '2027-03-10']]);
    const flowId = await live(waiting());
    await enterAt(START);
    await set(profiles[0]!, [[birthday, '2027-03-20']]);
    await tick({ now: after(HOUR) });
    expect(await run(flowId)).toMatchObject({ dueAt: new Date('2027-03-20T09:00:00Z') });
    await set(profiles[0]!, [[birthday, '2027-02-20']]);
    await tick({ now: after(2 * HOUR) });
    expect(await run(flowId)).toMatchObject({ outcome: 'done' });
  });
});

describe('waiting for the right hours', () => {
  it('is over at once within them, and otherwise when they begin on one of the days, by the zone of each', async () => {
    // A Monday, 13:00 in Stockholm, 07:00 in New York, 21:00 in Tokyo.
    await set(profiles[1]!, [[zone, 'America/New_York']]);
    await set(profiles[2]!, [[zone, 'Asia/Tokyo']]);
    const steps: FlowDraft['steps'] = [{ id: 'hours', kind: 'wait_hours', days: ['mon', 'wed'] }];
    const flowId = await live({ trigger: trigger(), steps }, { zoneAttributeId: zone, timeZone: 'Europe/Stockholm' });
    await enterAt(START, profiles);
    expect(await history(flowId)).toEqual(['entered', 'hours passed', 'left done']);
    expect(await run(flowId, profiles[1])).toMatchObject({ dueAt: new Date('2027-03-01T14:00:00Z') });
    expect(await run(flowId, profiles[2])).toMatchObject({ dueAt: new Date('2027-03-03T00:00:00Z') });
    // Who moves while they wait goes by their new clock.
    await set(profiles[2]!, [[zone, 'Europe/London']]);
    await tick({ now: after(HOUR) });
    expect(await run(flowId, profiles[2])).toMatchObject({ outcome: 'done' });
    await tick({ now: after(2 * HOUR) });
    expect(await run(flowId, profiles[1])).toMatchObject({ outcome: 'done' });
    await expectCountsToFit(account.sectionId, flowId);
  });
});

describe('a step', () => {
  it('that sets a value: the same value is no change (case 78)', async () => {
    const steps: FlowDraft['steps'] = [
      { id: 'tags', kind: 'tags', apply: [tags.vip] },
      { id: 'value', kind: 'attribute', attributeId: birthday, value: '2027-05-05' },
      { id: 'date', kind: 'wait_date', attributeId: birthday },
    ];
    const flowId = await live({ trigger: trigger(), steps });
    await enterAt(START);
    expect(await run(flowId)).toMatchObject({ step: 'date', dueAt: new Date('2027-05-05T09:00:00Z') });
    expect(await history(flowId)).toEqual(['entered', 'tags passed', 'value passed']);
  });

  it('that sends people to another flow, which lets them in by its own rules', async () => {
    const pause: FlowDraft['steps'] = [{ id: 'wait', kind: 'wait', time: { count: 1, unit: 'days' } }];
    const target = await live({ trigger: { kind: 'none' }, filter: rulesOf(allOf(hasTag(tags.vip))), steps: pause });
    const flowId = await live({ trigger: trigger(), steps: [{ id: 'enter', kind: 'enter', flowId: target }] });
    await change([profiles[0]!], [tags.vip], START);
    await enterAt(START, profiles.slice(0, 2));
    expect(await numbers(flowId)).toMatchObject({ left: { done: 2 } });
    expect(await numbers(target)).toMatchObject({ entered: 1, refused: { filter: 1 } });
    expect(await run(target)).toMatchObject({ step: 'wait' });
  });
});

describe('somebody who moves to another zone while they wait', () => {
  const clock = { id: 'wait', kind: 'wait' as const, time: { count: 0, unit: 'days' as const }, at: '09:00' };

  it('goes on by their new clock, once (case 58)', async () => {
    await set(profiles[0]!, [[zone, 'Europe/Stockholm']]);
    const flowId = await live(
      { trigger: trigger(), steps: [clock, { id: 'pause', kind: 'wait', time: { count: 9, unit: 'days' } }] },
      { zoneAttributeId: zone, timeZone: 'UTC' },
    );
    await enterAt(START);
    expect(await run(flowId)).toMatchObject({ step: 'wait', dueAt: new Date('2027-03-02T08:00:00Z') });
    await set(profiles[0]!, [[zone, 'Asia/Tokyo']]);
    await tick({ now: after(HOUR) });
    expect(await run(flowId)).toMatchObject({ step: 'wait', dueAt: new Date('2027-03-02T00:00:00Z') });
    await tick({ now: new Date('2027-03-02T00:00:00Z') });
    expect(await history(flowId)).toEqual(['entered', 'wait passed']);
    await set(profiles[0]!, [[zone, 'Europe/Stockholm']]);
    await tick({ now: new Date('2027-03-02T08:00:00Z') });
    expect(await history(flowId)).toEqual(['entered', 'wait passed']);
    await expectCountsToFit(account.sectionId, flowId);
  });
});

describe('triggers that are looked for', () => {
  const pause: FlowDraft['steps'] = [{ id: 'wait', kind: 'wait', time: { count: 1, unit: 'days' } }];

  it('a segment: those who come into it after the flow was published', async () => {
    const rules = rulesOf(allOf(hasTag(tags.vip)));
    const { sectionId } = account;
    const { id: segmentId } = valueOf(await createSegment(account.marketer, { sectionId, name: 'VIPs', rules }));
    await change([profiles[0]!], [tags.vip], START);
    const [into, out] = [
      await live({ trigger: { kind: 'segment', segmentId }, steps: pause }),
      await live({ trigger: { kind: 'segment', segmentId, becomes: 'out' }, steps: pause }),
    ];
    const look = async (now: Date) => {
      await lookForTriggers({ now });
      await tick({ now });
    };
    await look(after(0));
    await change([profiles[1]!], [tags.vip], after(1));
    await change([profiles[0]!], [], after(1), [tags.vip]);
    await look(after(HOUR));
    await look(after(2 * HOUR));
    expect(await numbers(into)).toMatchObject({ entered: 1 });
    expect(await run(into, profiles[1])).toMatchObject({ step: 'wait' });
    expect(await numbers(out)).toMatchObject({ entered: 1 });
    expect(await run(out)).toMatchObject({ step: 'wait' });
  });

  it('a date, each year and by each zone; late by less than a day, and once (cases 53 and 54)', async () => {
    await set(profiles[0]!, [[birthday, '2000-02-29']]);
    await set(profiles[1]!, [
      [birthday, '1990-02-28'],
      [zone, 'Pacific/Auckland'],
    ]);
    const published = new Date();
    // The first look is after the flow was published, by the clock of the machine: 28 February of a later year than that.
    const year = published.getUTCFullYear() + 2 + ((2 - (published.getUTCFullYear() % 4) + 4) % 4 === 2 ? 1 : 0);
    const flowId = await live(
      { trigger: { kind: 'date', attributeId: birthday, yearly: true }, steps: pause },
      { zoneAttributeId: zone, timeZone: 'UTC', again: { kind: 'each_time' } },
    );
    const leap = new Date(Date.UTC(year, 1, 29)).getUTCMonth() === 1;
    const day = leap ? 29 : 28;
    const look = async (now: Date) => {
      await lookForTriggers({ now });
      await tick({ now });
    };
    await look(new Date(Date.UTC(year, 1, 27, 12)));
    expect(await numbers(flowId)).toMatchObject({ entered: 0 });
    await look(new Date(Date.UTC(year, 1, 27, 20, 1)));
    expect(await run(flowId, profiles[1])).toMatchObject({ step: 'wait' });
    await look(new Date(Date.UTC(year, 1, day, 8, 50)));
    expect(await run(flowId)).toBeUndefined();
    await look(new Date(Date.UTC(year, 1, day, 9, 20)));
    await look(new Date(Date.UTC(year, 1, day, 10, 20)));
    expect(await run(flowId)).toMatchObject({ entry: 1, step: 'wait' });
    await look(new Date(Date.UTC(year + 1, 4, 1)));
    expect(await run(flowId)).toMatchObject({ entry: 1 });
  });
});

describe('somebody in a flow', () => {
  const steps: FlowDraft['steps'] = [{ id: 'wait', kind: 'wait', time: { count: 1, unit: 'days' } }];

  it('who is erased has left, and nothing tells that they were there (case 163)', async () => {
    const flowId = await live({ trigger: trigger(), steps });
    await enterAt(START, profiles);
    expect(await eraseProfile(account.admin, { sectionId: account.sectionId, profileId: profiles[0] })).toMatchObject({
      ok: true,
    });
    expect(await run(flowId)).toBeUndefined();
    expect(await history(flowId)).toEqual([]);
    expect(await numbers(flowId)).toMatchObject({ entered: 3, inside: 2, left: { gone: 1 } });
    await expectCountsToFit(account.sectionId, flowId);
  });

  it('who is merged keeps one place: their own, or the other’s (case 163)', async () => {
    const [both, one] = [
      await live({ trigger: trigger(), steps }),
      await live({ trigger: { kind: 'tag_applied', tagId: tags.vip }, steps }),
    ];
    await enterAt(START, profiles.slice(0, 2));
    await change([profiles[1]!], [tags.vip], START);
    await tick({ now: after(1) });
    await mergeProfiles(account, account.sectionId, { into: profiles[0]!, from: profiles[1]! });
    expect(await run(both)).toMatchObject({ step: 'wait' });
    expect(await run(one)).toMatchObject({ step: 'wait' });
    expect(await numbers(both)).toMatchObject({ inside: 1, left: { gone: 1 } });
    await tick({ now: after(2 * DAY) });
    expect(await run(both)).toMatchObject({ outcome: 'done' });
    for (const flowId of [both, one]) await expectCountsToFit(account.sectionId, flowId);
  });
});
