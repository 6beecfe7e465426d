// SMS with links that are counted and parts for people with a tag, from the draft to the report: into the built-in mailbox.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import { EVERYONE } from '@/lib/audience/schema';
import { setConsent } from '@/lib/consents/commands';
import { createTopic } from '@/lib/consents/topics';
import type { AttributeId, MessageId, ProfileId, SenderId, SendId, TagId, TopicId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { readTimeline } from '@/lib/people/reads';
import { createProfile } from '@/lib/profiles/commands';
import { addMailbox } from '@/lib/sending/commands';
import { readMailbox } from '@/lib/sending/reads';
import { createTag, hideTag } from '@/lib/tags/commands';
import { updateTag } from '@/lib/tags/update';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { membersIn, tagProfiles } from '@/testing/segments';
import { answers } from './answers';
import { createMessage, saveMessage } from './commands';
import { sendMails } from './deliver';
import { prepareSend } from './freeze';
import { destinationOfLink } from './linked';
import { previewSms } from './preview-sms';
import { readMessage } from './reads';
import { reportOf } from './report';
import { scheduleMessage } from './schedule';
import { messageSegmentRules } from './segment-of';
import { ownLinkLength } from './sms-content';
import { readSmsCost } from './sms-cost';
import { readSmsRecipientsFile, readSmsReport } from './sms-report';
import type { SmsText } from './sms-pieces';
import { partsOfSms } from './sms-text';
import { sendSmsTest } from './test-sms';
import { readSms } from './sms-written';
import { readMessageToken, type Named } from './token';

const PHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';
/** What phones that show what is behind a link say when they look. */
const LOOKER =
  'Mozilla/5.0 (Macintosh) AppleWebKit/601 Version/9.1 Safari/601 facebookexternalhit/1.1 Facebot Twitterbot/1.0';
const LINK = /https:\/\/tagwell\.example\/c\/([\w-]{32})(?![\w-])/g;

let account: TestAccount;
let topicId: TopicId;
let senderId: SenderId;
let firstName: AttributeId;
let vip: TagId;
let people: ProfileId[];

beforeAll(async () => {
  process.env.TAGWELL_URL = 'https://tagwell.example';
  account = await createTestAccount();
  const { sectionId, admin, marketer, keyspaces } = account;
  topicId = valueOf(await createTopic(admin, { sectionId, name: 'Offers' })).id;
  senderId = valueOf(await addMailbox(admin, { sectionId })).id;
  vip = valueOf(await createTag(admin, { sectionId, name: 'VIP' })).id;
  const found = await one<{ id: AttributeId }>(
    pool(),
    sql`select id from attribute where section_id = ${sectionId} and code = 'firstname'`,
  );
  firstName = found.id;
  people = [];
  for (const [nth, firstname] of ['Åsa', 'Bo'].entries()) {
    const keys = [{ keyspaceId: keyspaces.mobile, key: `4670300000${nth}` }];
    const { id } = valueOf(await createProfile(marketer, { sectionId, keys, attributes: { firstname } }));
    const consent = { topicId, channel: 'sms', type: 'opt-in', reason: '-' };
    valueOf(await setConsent(admin, { sectionId, profileId: id, ...consent }));
    people.push(id);
  }
  await tagProfiles(sectionId, [people[0]!], { apply: [vip] });
});
afterAll(() => {
  delete process.env.TAGWELL_URL;
});

const written = (text: string, name = 'VIP'): SmsText =>
  readSms(text, { attributes: [{ id: firstName, name: 'First name' }], tags: [{ id: vip, name }] }).text;

let count = 0;
async function draft(text: SmsText, more: object = {}): Promise<MessageId> {
  const { sectionId, marketer } = account;
  const made = valueOf(await createMessage(marketer, { sectionId, name: `SMS ${count++}`, channel: 'sms' }));
  const { name, kind, audience, settings } = valueOf(await readMessage(marketer, { sectionId, messageId: made.id }));
  const saved = await saveMessage(marketer, {
    ...{ sectionId, messageId: made.id, seen: made.changedAt, name, kind, topicIds: [topicId], audience, senderId },
    settings: { ...settings, ...more },
    content: { channel: 'sms', text },
  });
  valueOf(saved);
  return made.id;
}

async function schedule(messageId: MessageId) {
  const { sectionId, marketer } = account;
  const { changedAt } = valueOf(await readMessage(marketer, { sectionId, messageId }));
  const wish = { when: 'now' };
  return scheduleMessage(marketer, { sectionId, messageId, wish, seen: changedAt.toISOString() });
}

async function frozen(messageId: MessageId): Promise<SendId> {
  const { sendId } = valueOf(await schedule(messageId));
  await prepareSend({ sectionId: account.sectionId, sendId });
  return sendId;
}

const turn = () => Promise.all([0, 1].map((slot) => sendMails({ sectionId: account.sectionId, senderId, slot }, {})));

/** What the mailbox has last, of Åsa and of Bo. */
async function texts(): Promise<string[]> {
  const page = { sectionId: account.sectionId, senderId, search: '', limit: 2 };
  const { mails } = valueOf(await readMailbox(account.admin, page));
  const opened = mails
    .toSorted((one, other) => (one.to < other.to ? -1 : 1))
    .map(async ({ id }) => valueOf(await readMailbox(account.admin, { ...page, mailId: id })).open!.text);
  return Promise.all(opened);
}

async function click(token: string, agent: string, seconds: number): Promise<Named> {
  const named = readMessageToken('click', token)!;
  const at = new Date(Date.now() + seconds * 1_000);
  answers.note({ ...named, number: named.number!, kind: 'clicked', at, agent, head: false });
  await answers.written();
  return named;
}

it('counts who presses which link: links lead to their addresses, are equally long, and are in report, segment and timeline', async () => {
  const { sectionId, marketer } = account;
  const text = written(
    'Hej {First name|du}! https://shop.example/röd?a={First name}#x. {if VIP}Only for you, until Sunday (https://shop.example/vip){end} Reply STOP',
  );
  const utm = { source: 'sms', medium: '', campaign: '' };
  const messageId = await draft(text, { utm });
  const asked = {
    sectionId,
    text,
    settings: { utm },
    audience: EVERYONE,
    kind: 'marketing' as const,
    topicIds: [topicId],
  };
  expect(valueOf(await readSmsCost(marketer, asked))).toEqual({ people: 2, least: 1, most: 2, average: 1.5 });
  const sendId = await frozen(messageId);
  await turn();
  const [asa, bo] = await texts();
  const shown = (sms: string) => sms.replace(LINK, (whole) => `<${whole.length}>`);
  const length = ownLinkLength(sectionId);
  expect([shown(asa!), shown(bo!)]).toEqual([
    `Hej Åsa! <${length}>. Only for you, until Sunday (<${length}>) Reply STOP`,
    `Hej Bo! <${length}>.  Reply STOP`,
  ]);
  const [first, second] = [...asa!.matchAll(LINK)].map((match) => match[1]!);
  const [ofBo] = [...bo!.matchAll(LINK)].map((match) => match[1]!);
  const leadsTo = async (token: string) => destinationOfLink(readMessageToken('click', token)!);
  expect(await leadsTo(first!)).toBe('https://shop.example/r%C3%B6d?a=%C3%85sa&utm_source=sms#x');
  expect(await leadsTo(second!)).toBe('https://shop.example/vip?utm_source=sms');
  const parts = await rows<{ parts: number }>(
    pool(),
    sql`select parts from recipient where section_id = ${sectionId} and send_id = ${sendId} order by number`,
  );
  expect(parts.map((each) => each.parts)).toEqual([2, 1]);
  expect(partsOfSms(text, { linkLength: length, settings: { trackClicks: true, utm } }).parts).toBe(2);

  // A phone looks at Bo's link when it comes, and nobody presses it.
  await click(ofBo!, LOOKER, 8);
  await click(first!, PHONE, 30);
  await click(first!, PHONE, 60);
  const { totals, links } = valueOf(await readSmsReport(marketer, { sectionId, messageId }));
  expect(totals).toMatchObject({ sent: 2, clicked: 1, machineClicked: 1 });
  expect(links).toMatchObject([
    { place: 'Text', address: 'https://shop.example/röd?a={{First name}}#x', clicked: 1, clicks: 2, machine: 1 },
    { place: 'Text', address: 'https://shop.example/vip', clicked: 0, clicks: 0, machine: 0 },
  ]);
  expect(await reportOf(pool(), sectionId, messageId)).toMatchObject({
    totals: { clicked: 1, machineClicked: 1 },
    links,
  });
  const file = valueOf(await readSmsRecipientsFile(marketer, { sectionId, messageId, filter: 'clicked' }));
  let lines = '';
  for await (const line of file.lines) lines += line;
  expect(lines.trim().split('\n')).toHaveLength(2);
  const rules = await messageSegmentRules(pool(), sectionId, messageId, 'clicked');
  expect(await membersIn(sectionId, rules!)).toEqual([people[0]]);
  const timeline = valueOf(await readTimeline(marketer, { sectionId, profileId: people[0]!, only: 'messages' }));
  const said = timeline.items.map(({ what }) => what);
  expect(said.toSorted()).toEqual(['clicked', 'was sent by SMS']);
});

it('a preview and a test lead to the addresses themselves, and so does a message that counts no clicks', async () => {
  const { sectionId, marketer } = account;
  const utm = { source: 'sms', medium: '', campaign: '' };
  const text = written('Hej! https://shop.example/{First name}, Reply STOP');
  const settings = { trackClicks: true, utm };
  const preview = valueOf(await previewSms(marketer, { sectionId, text, settings, profileId: people[0]! }));
  const length = ownLinkLength(sectionId);
  expect(preview).toMatchObject({
    ...{ text: 'Hej! https://shop.example/%C3%85sa?utm_source=sms, Reply STOP', isCounted: true },
    units: 'Hej! , Reply STOP'.length + length,
  });
  const messageId = await draft(text, settings);
  valueOf(await sendSmsTest(marketer, { sectionId, messageId, to: ['+46701234567'] }));
  const { mails } = valueOf(await readMailbox(account.admin, { sectionId, senderId, search: '46701234567', limit: 1 }));
  expect(mails[0]!.subject).toContain('https://shop.example/?utm_source=sms,');
  await frozen(await draft(text, { trackClicks: false, utm }));
  await turn();
  expect(await texts()).toEqual([preview.text, preview.text.replace('%C3%85sa', 'Bo')]);
});

it('what was made ready before links were counted goes out as it was', async () => {
  const { sectionId } = account;
  const sendId = await frozen(await draft(written('Hej {First name}! https://shop.example/a Reply STOP')));
  const former = { text: written('Hej {First name}! https://shop.example/a'), links: [], tagIds: [] };
  await execute(
    pool(),
    sql`
      update message_version version set compiled = version.compiled || ${JSON.stringify(former)}::jsonb
      from send
      where version.section_id = ${sectionId} and send.section_id = ${sectionId} and send.id = ${sendId}
        and version.message_id = send.message_id and version.version = send.version`,
  );
  await turn();
  expect(await texts()).toEqual(['Hej Åsa! https://shop.example/a', 'Hej Bo! https://shop.example/a']);
});

it('says to people with a tag what is for them; a renamed tag stays, a hidden one stops it', async () => {
  const { sectionId, marketer, admin } = account;
  const refusal = async (text: SmsText) => {
    const result = await schedule(await draft(text));
    return result.ok ? null : result.refusal;
  };
  expect(await refusal(written('Hej{if Gold}!{end} STOP'))).toMatchObject({
    ...{ code: 'invalid', field: 'content' },
    message: 'Line 1: “{if Gold}” asks for “Gold”, and there is no such tag.',
  });
  expect(await refusal(written('{if VIP}Hej! STOP{end}'))).toMatchObject({
    ...{ code: 'invalid', field: 'content' },
    message: 'For some people it is empty: write something outside of the parts for some, or what others get.',
  });
  const text = written('{if VIP}Salon for {First name}{else}Hej{end}! STOP');
  const messageId = await draft(text);
  const preview = async (profileId: ProfileId | null) =>
    valueOf(await previewSms(marketer, { sectionId, text, settings: {}, profileId })).text;
  expect([await preview(people[0]!), await preview(people[1]!), await preview(null)]).toEqual([
    ...['Salon for Åsa! STOP', 'Hej! STOP', 'Hej! STOP'],
  ]);
  const uses = await rows<{ id: number }>(
    pool(),
    sql`
      select used_id as id from use
      where section_id = ${sectionId} and user_kind = 'message' and user_id = ${messageId} and used_kind = 'tag'`,
  );
  expect(uses).toEqual([{ id: vip }]);
  valueOf(await updateTag(admin, { sectionId, tagId: vip, name: 'Gold', description: '', ownerNote: '' }));
  const sendId = await frozen(messageId);
  await turn();
  expect(await texts()).toEqual(['Salon for Åsa! STOP', 'Hej! STOP']);

  const waiting = await draft(text);
  const running = await frozen(await draft(text));
  valueOf(await hideTag(admin, { sectionId, tagId: vip }));
  expect(valueOf(await readMessage(marketer, { sectionId, messageId: waiting })).attention).toEqual([
    'The tag “Gold” has been hidden for good.',
  ]);
  expect(await schedule(waiting)).toMatchObject({ ok: false, refusal: { code: 'hidden', field: 'content' } });
  await turn();
  const states = await rows<{ id: SendId; status: string; kind: string | null }>(
    pool(),
    sql`
      select id, status, pause_kind as kind from send
      where section_id = ${sectionId} and id = any(${[sendId, running]}::int[]) order by id`,
  );
  expect(states).toEqual([
    { id: sendId, status: 'done', kind: null },
    { id: running, status: 'paused', kind: 'attention' },
  ]);
});
