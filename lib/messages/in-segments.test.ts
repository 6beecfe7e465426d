// What recipients do, as events of their profiles: in segments and in the timeline, from the rows that the report reads.
import { beforeAll, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import { createTopic } from '@/lib/consents/topics';
import type { EventTypeId, MessageId, ProfileId, SectionId, SendId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { ensureBuiltInEvents, type BuiltIn } from '@/lib/events/built-in';
import { readEventTypes } from '@/lib/events/reads';
import { eraseProfile } from '@/lib/people/erase';
import { mergeTwoProfiles } from '@/lib/people/merge-two';
import { readTimeline } from '@/lib/people/reads';
import { createProfile } from '@/lib/profiles/commands';
import type { RuleNode } from '@/lib/segments/schema';
import { rulesInWords, namesIn } from '@/lib/segments/words';
import { vocabularyOf } from '@/lib/segments/vocabulary';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { makeRecipient, makeSend } from '@/testing/messages';
import { allOf, did, membersIn, rulesOf } from '@/testing/segments';
import { answers } from './answers';
import { linksOf } from './report';
import { messageSegmentRules } from './segment-of';

let account: TestAccount;
let sectionId: SectionId;
let types: Map<BuiltIn, EventTypeId>;
const sends: { sendId: SendId; messageId: MessageId }[] = [];
let people: ProfileId[];
let numbers: number[];

const AGENT = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36';

beforeAll(async () => {
  account = await createTestAccount();
  sectionId = account.sectionId;
  const { id } = valueOf(await createTopic(account.admin, { sectionId, name: 'News' }));
  for (const name of ['Spring', 'Summer']) {
    const sendId = await makeSend(account, {
      name,
      topicIds: [id],
      links: name === 'Spring' ? ['https://shop.example/', 'https://shop.example/boots'] : [],
    });
    sends.push(
      await one<{ sendId: SendId; messageId: MessageId }>(
        pool(),
        sql`select id as "sendId", message_id as "messageId" from send where section_id = ${sectionId} and id = ${sendId}`,
      ),
    );
  }
  for (let time = 0; time < 2; time++) await transaction((tx) => ensureBuiltInEvents(tx, sectionId, 'message'));
  const found = await rows<{ builtIn: BuiltIn; id: EventTypeId }>(
    pool(),
    sql`select built_in as "builtIn", id from event_type where section_id = ${sectionId} and built_in is not null`,
  );
  expect(found).toHaveLength(6);
  types = new Map(found.map(({ builtIn, id: type }) => [builtIn, type]));
  people = [];
  for (let nth = 0; nth < 4; nth++) {
    const keys = [{ keyspaceId: account.keyspaces.email, key: `person${nth}@example.com` }];
    people.push(valueOf(await createProfile(account.marketer, { sectionId, keys, attributes: {} })).id);
  }
  numbers = [];
  for (const [nth, id] of people.entries()) {
    const state = nth === 3 ? 'refused' : 'sent';
    numbers.push(await makeRecipient(sectionId, sends[0]!.sendId, id, { state }));
    if (nth < 2) await makeRecipient(sectionId, sends[1]!.sendId, id);
  }
  const click = (nth: number, agent: string) =>
    answers.note({ sectionId, number: numbers[nth]!, kind: 'clicked', link: 0, at: new Date(), agent, head: false });
  click(0, AGENT);
  click(1, 'SafeLinksBot/1.0');
  answers.note({
    ...{ sectionId, number: numbers[2]!, kind: 'opened', link: null, at: new Date(), agent: AGENT, head: false },
  } as const);
  await answers.written();
});

const members = (...conditions: RuleNode[]) => membersIn(sectionId, rulesOf(allOf(...conditions)));
const about = (builtIn: BuiltIn, nth: number, more: object = {}) =>
  did(types.get(builtIn)!, {
    fields: [{ code: 'message', compare: { test: 'is', text: String(sends[nth]!.messageId) } }],
    ...more,
  });

it('segments ask who got, opened or clicked a message, and who did not', async () => {
  expect(await members(about('got', 0))).toEqual(people.slice(0, 3));
  expect(await members(about('got', 1))).toEqual(people.slice(0, 2));
  expect(await members(about('clicked', 0))).toEqual([people[0]]);
  expect(await members(about('clicked', 1))).toEqual([]);
  expect(await members(about('opened', 0))).toEqual([people[0], people[2]]);
  expect(await members(about('got', 0), about('opened', 0, { test: 'did_not' }))).toEqual([people[1]]);
  expect(await members(did(types.get('got')!, { times: { is: 'at_least', count: 2 } }))).toEqual(people.slice(0, 2));
});

it('a segment of those whom the report shows has exactly them', async () => {
  const of = async (group: 'opened' | 'clicked' | 'not_opened') =>
    membersIn(sectionId, (await messageSegmentRules(pool(), sectionId, sends[0]!.messageId, group))!);
  expect(await of('clicked')).toEqual([people[0]]);
  expect(await of('opened')).toEqual([people[0], people[2]]);
  expect(await of('not_opened')).toEqual([people[1]]);
});

describe('a link of the report', () => {
  const linkOf = async (place: string) => {
    const links = await linksOf(pool(), sectionId, sends[0]!.messageId);
    return links.find((link) => link.place === place)!.key;
  };
  const who = async (place: string) =>
    membersIn(
      sectionId,
      (await messageSegmentRules(pool(), sectionId, sends[0]!.messageId, 'clicked', await linkOf(place)))!,
    );

  it('has a segment of exactly those who clicked it, by hand, also once the message is deleted', async () => {
    expect(await who('Link 1')).toEqual([people[0]]);
    expect(await who('Link 2')).toEqual([]);
    const about2 = { sectionId, kind: 'clicked', link: 1, agent: AGENT, head: false } as const;
    answers.note({ ...about2, number: numbers[2]!, at: new Date() });
    answers.note({ ...about2, number: numbers[1]!, at: new Date(), agent: 'SafeLinksBot/1.0' });
    await answers.written();
    expect(await who('Link 1')).toEqual([people[0]]);
    expect(await who('Link 2')).toEqual([people[2]]);
    const deletion = (at: Date | null) => sql`
      update message set deleted_at = ${at} where section_id = ${sectionId} and id = ${sends[0]!.messageId}`;
    await execute(pool(), deletion(new Date()));
    const rules = (await messageSegmentRules(
      pool(),
      sectionId,
      sends[0]!.messageId,
      'clicked',
      await linkOf('Link 2'),
    ))!;
    expect(await membersIn(sectionId, rules)).toEqual([people[2]]);
    const vocabulary = await vocabularyOf(pool(), { accountId: account.accountId, sectionId }, [rules]);
    expect(rulesInWords(rules, namesIn(vocabulary))).toBe(
      'Everyone who has the event Message: clicked where Message is “Spring” and Link is “Link 2: https://shop.example/boots”.',
    );
    await execute(pool(), deletion(null));
  });

  it('is asked for by when it was clicked, not any other', async () => {
    const [first, second] = [await linkOf('Link 1'), await linkOf('Link 2')];
    answers.note({
      ...{ sectionId, number: numbers[2]!, kind: 'clicked', link: 0, agent: AGENT, head: false },
      at: new Date(Date.now() - 3 * 86_400_000),
    } as const);
    await execute(
      pool(),
      sql`update recipient set ended_at = ${new Date(Date.now() - 4 * 86_400_000)}
          where section_id = ${sectionId} and number = ${numbers[2]}`,
    );
    await answers.written();
    const lately = (link: string, test: 'did' | 'did_not' = 'did') =>
      about('clicked', 0, {
        test,
        when: { kind: 'last', count: 1, unit: 'days' },
        fields: [
          { code: 'message', compare: { test: 'is', text: String(sends[0]!.messageId) } },
          { code: 'link', compare: { test: 'is', text: link } },
        ],
      });
    expect(await members(lately(first))).toEqual([people[0]]);
    expect(await members(lately(second))).toEqual([people[2]]);
    expect(await members(about('got', 0), lately(first, 'did_not'))).toEqual(people.slice(1, 3));
  });

  it('that no version has, or of no message, is refused', async () => {
    const link = { code: 'link', compare: { test: 'is' as const, text: await linkOf('Link 1') } };
    const refused = (fields: object[]) => members(did(types.get('clicked')!, { test: 'did_not', fields } as object));
    await expect(refused([link])).rejects.toThrow('Choose the message that has the link first.');
    const other = { code: 'message', compare: { test: 'is', text: String(sends[1]!.messageId) } };
    await expect(refused([other, link])).rejects.toThrow('This link of the message does not exist');
  });
});

it('the message is chosen by its name, and a renamed one stays chosen', async () => {
  const renamed = sql`update message set name = 'Sommar' where section_id = ${sectionId} and id = ${sends[1]!.messageId}`;
  await execute(pool(), renamed);
  const rules = rulesOf(about('got', 1));
  const vocabulary = await vocabularyOf(pool(), { accountId: account.accountId, sectionId }, [rules]);
  expect(rulesInWords(rules, namesIn(vocabulary))).toBe(
    'Everyone who has the event Message: was sent to them where Message is “Sommar”.',
  );
  // They are Tagwell's own: no client sees them or can add them.
  expect(valueOf(await readEventTypes(account.marketer, { sectionId }))).toEqual([]);
});

it('the timeline says what the report says, and both follow merges and erasures', async () => {
  const lines = async (profileId: ProfileId) =>
    valueOf(await readTimeline(account.marketer, { sectionId, profileId, only: 'messages' })).items.map(
      ({ about: name, what }) => `${name} ${what}`,
    );
  expect((await lines(people[0]!)).sort()).toEqual([
    'Sommar was sent',
    'Spring clicked',
    'Spring opened',
    'Spring was sent',
  ]);
  const { items } = valueOf(
    await readTimeline(account.marketer, { sectionId, profileId: people[0]!, only: 'messages' }),
  );
  expect(items.find(({ what }) => what === 'clicked')).toMatchObject({ details: [{ name: 'Link', after: 'Link 1' }] });
  // Both had got it: it counts as one.
  const seen = { into: new Date(), from: new Date() };
  valueOf(await mergeTwoProfiles(account.admin, { sectionId, into: people[1]!, from: people[0]!, take: [], seen }));
  expect(await members(about('got', 0))).toEqual([people[1], people[2]]);
  valueOf(await eraseProfile(account.admin, { sectionId, profileId: people[2]! }));
  expect(await members(about('got', 0))).toEqual([people[1]]);
});
