// Values in the links of a mail, from the draft to the click: a link is its place and its template, and is filled for the person who follows it.
import { simpleParser } from 'mailparser';
import { beforeAll, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import { createAttribute, updateAttribute } from '@/lib/attributes/commands';
import type { AttributeId, ProfileId, SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { eraseProfile } from '@/lib/people/erase';
import { mergeTwoProfiles } from '@/lib/people/merge-two';
import { setAttributeHidden } from '@/lib/used-in/attributes';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { TestSending, type Document } from '@/testing/sends';
import { answers } from './answers';
import { sendMails } from './deliver';
import { prepareSend } from './freeze';
import { withGiven } from './given';
import { destinationOfLink } from './linked';
import { previewMail } from './preview';
import { readReport } from './report';
import { messageToken } from './token';
import { readMailPage } from './web-view';

let account: TestAccount;
let sending: TestSending;
let sectionId: SectionId;
let city: { id: AttributeId; code: string };
let joined: { id: AttributeId; code: string };
let spent: { id: AttributeId; code: string };
let document: Document;

beforeAll(async () => {
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
  account = await createTestAccount();
  sending = await TestSending.open(account, null);
  sectionId = sending.sectionId;
  const attribute = async (name: string, type: string) =>
    valueOf(await createAttribute(account.admin, { sectionId, name, type }));
  [city, joined, spent] = [
    await attribute('City', 'text'),
    await attribute('Joined', 'date'),
    await attribute('Spent', 'number'),
  ];
  document = {
    subject: [{ type: 'text', text: 'News' }],
    blocks: [
      {
        id: 'a',
        kind: 'button',
        label: [{ type: 'text', text: 'Near you' }],
        link: `https://shop.example/in/{{a${city.id}}}?since={{a${joined.id}}}&spent={{a${spent.id}}}#top`,
      },
    ],
  };
});

const set = (profileId: ProfileId, values: object) =>
  execute(
    pool(),
    sql`
      update profile set attributes = ${JSON.stringify(values)}::jsonb
      where section_id = ${sectionId} and id = ${profileId}`,
  );

/** The numbers of those who got a message, by person, and what came of it. */
async function sent(settings: Record<string, unknown>) {
  const messageId = await sending.message({ document, settings });
  const sendId = await sending.schedule(messageId);
  await prepareSend({ sectionId, sendId });
  await sendMails({ sectionId, senderId: sending.senderId, slot: 0 });
  const found = await rows<{ number: number; profileId: ProfileId }>(
    pool(),
    sql`
      select number, profile_id as "profileId" from recipient
      where section_id = ${sectionId} and send_id = ${sendId} and state = 'sent'`,
  );
  const numbers = new Map(found.map(({ number, profileId }) => [profileId, number]));
  return { messageId, numberOf: (profileId: ProfileId) => numbers.get(profileId)! };
}

it('are those of the person who follows it, at that moment; merged people have those of who remains, erased ones none', async () => {
  const [anna, bo, cilla] = (await sending.people(3)) as [ProfileId, ProfileId, ProfileId];
  await set(anna, { [city.code]: 'Åre/../x', [joined.code]: '2026-05-03', [spent.code]: 12345.5 });
  await set(bo, { [city.code]: '..' });
  await set(cilla, { [city.code]: 'Umeå.se' });
  // Nobody needs words instead of a value that they do not have.
  const utm = { source: 'news', medium: '', campaign: '' };
  const { messageId, numberOf } = await sent({ utm });
  const follow = (number: number) => destinationOfLink({ sectionId, number, link: 0 });
  const [a, b, c] = [numberOf(anna), numberOf(bo), numberOf(cilla)];
  expect(await Promise.all([a, b, c, a].map(follow))).toEqual([
    'https://shop.example/in/%C3%85re%2F..%2Fx?since=2026-05-03&spent=12345.5&utm_source=news#top',
    'https://shop.example/in/?since=&spent=&utm_source=news#top',
    'https://shop.example/in/Ume%C3%A5.se?since=&spent=&utm_source=news#top',
    'https://shop.example/in/%C3%85re%2F..%2Fx?since=2026-05-03&spent=12345.5&utm_source=news#top',
  ]);
  await set(bo, { [city.code]: 'Visby', [spent.code]: 7 });
  expect(await follow(b)).toBe('https://shop.example/in/Visby?since=&spent=7&utm_source=news#top');
  // A call of the API says something else for one mail.
  const given = { names: {}, attributes: { [city.id]: 'Lund' } };
  await execute(
    pool(),
    sql`update recipient set given = ${JSON.stringify(given)} where section_id = ${sectionId} and number = ${b}`,
  );
  expect(await follow(b)).toBe('https://shop.example/in/Lund?since=&spent=7&utm_source=news#top');

  // So soon after the mail, it is a machine.
  const agent = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36';
  for (const number of [b, c])
    answers.note({ sectionId, number, kind: 'clicked', link: 0, at: new Date(), agent, head: false });
  await answers.written();
  valueOf(
    await mergeTwoProfiles(account.admin, {
      sectionId,
      into: bo,
      from: anna,
      take: [],
      seen: { into: new Date(), from: new Date() },
    }),
  );
  for (const number of [a, b]) expect(await follow(number)).toContain('&spent=7&');
  valueOf(await eraseProfile(account.admin, { sectionId, profileId: bo }));
  for (const number of [a, b])
    expect(await follow(number)).toBe('https://shop.example/in/?since=&spent=&utm_source=news#top');

  // One line, with the names of today.
  valueOf(await updateAttribute(account.admin, { sectionId, attributeId: city.id, name: 'Ort', description: '' }));
  const { links } = valueOf(await readReport(account.marketer, { sectionId, messageId }));
  expect(links).toMatchObject([
    { place: 'Near you', address: 'https://shop.example/in/{{Ort}}?since={{Joined}}&spent={{Spent}}#top', machine: 2 },
  ]);
});

it('stand at once in the links of a mail that counts no clicks, of its page and of a preview', async () => {
  const [anna] = (await sending.people(1)) as [ProfileId];
  await set(anna, { [city.code]: 'a.b/c', [joined.code]: '2026-05-03' });
  const filled = 'https://shop.example/in/a.b%2Fc?since=2026-05-03&spent=#top';
  const preview = async (profileId: ProfileId | null) =>
    valueOf(await previewMail(account.marketer, { sectionId, document, profileId }));
  expect((await preview(anna)).text).toContain(`Near you: ${filled}`);
  expect((await preview(null)).text).toContain('Near you: https://shop.example/in/?since=&spent=#top');
  const { numberOf } = await sent({ trackOpens: false, trackClicks: false });
  const number = numberOf(anna);
  const { address } = await one<{ address: string }>(
    pool(),
    sql`select address from recipient where section_id = ${sectionId} and number = ${number}`,
  );
  const caught = await rows<{ raw: Buffer }>(
    pool(),
    sql`select raw from caught_mail where section_id = ${sectionId} order by id desc limit 10`,
  );
  const mail = caught.find(({ raw }) => raw.includes(`To: ${address}`));
  const read = await simpleParser(mail!.raw, { skipTextLinks: true });
  expect(read.text).toContain(`Near you: ${filled}`);
  const inHtml = `href="${filled.replaceAll('&', '&amp;')}"`;
  expect(read.html).toContain(inHtml);
  const page = await readMailPage(messageToken('view', { sectionId, number, link: 0 }));
  expect('value' in page && page.value).toContain(inHtml);
});

it('are those that a call of the API gives for its mail', () => {
  const person = { values: new Map(), tags: new Set<never>(), linkValues: new Map([[city.id, 'Umeå']]) };
  const given = withGiven(person, { names: {}, attributes: { [city.id]: 'Lund' } });
  expect(given?.linkValues).toEqual(new Map([[city.id, 'Lund']]));
});

it('are used by the message: one that is hidden stops it', async () => {
  await sending.people(1);
  const messageId = await sending.message({ document });
  valueOf(await setAttributeHidden(account.admin, { sectionId, attributeId: spent.id, hidden: true }));
  await expect(sending.schedule(messageId)).rejects.toThrow('Spent');
});
