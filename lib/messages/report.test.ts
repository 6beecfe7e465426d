// The report of a message: figures from the recipients' own rows, and its file.
import { beforeAll, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import { createTopic } from '@/lib/consents/topics';
import type { MessageId, SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';
import { createProfile } from '@/lib/profiles/commands';
import { createTestAccount, createTestSection, type TestAccount } from '@/testing/fixtures';
import { makeRecipient, makeSend } from '@/testing/messages';
import { answers } from './answers';
import { readRecipients, readRecipientsFile, readReport } from './report';

let account: TestAccount;
let sectionId: SectionId;
let messageId: MessageId;
const PERSON = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36';

beforeAll(async () => {
  account = await createTestAccount();
  sectionId = account.sectionId;
  const { id: topicId } = valueOf(await createTopic(account.admin, { sectionId, name: 'News' }));
  const links = ['https://shop.example/a', 'https://shop.example/b'];
  const sendId = await makeSend(account, { topicIds: [topicId], links });
  messageId = (
    await one<{ id: MessageId }>(
      pool(),
      sql`select message_id as id from send where section_id = ${sectionId} and id = ${sendId}`,
    )
  ).id;
  const states = ['sent', 'sent', 'sent', 'refused', 'skipped', 'waiting', 'unknown'];
  const numbers: number[] = [];
  for (const [nth, state] of states.entries()) {
    const keys = [{ keyspaceId: account.keyspaces.email, key: `person${nth}@example.com` }];
    const { id } = valueOf(await createProfile(account.marketer, { sectionId, keys, attributes: {} }));
    numbers.push(await makeRecipient(sectionId, sendId, id, { state, why: state === 'skipped' ? 'left' : null }));
  }
  await execute(
    pool(),
    sql`
      update recipient set answer = '=HYPERLINK("https://evil.example")', lane = 1
      where section_id = ${sectionId} and number = ${numbers[3]}`,
  );
  const click = (nth: number, link: number, agent = PERSON) =>
    answers.note({ sectionId, number: numbers[nth]!, kind: 'clicked', link, at: new Date(), agent, head: false });
  click(0, 0);
  click(0, 0);
  click(1, 0);
  click(1, 1);
  click(2, 0, 'SafeLinksBot/1.0');
  click(6, 1, 'SafeLinksBot/1.0');
  await answers.written();
});

it('counts people by state and reason, link, provider and hour, and tells machines apart', async () => {
  const report = valueOf(await readReport(account.marketer, { sectionId, messageId }));
  // Something followed a link of a mail whose fate was not known: it had arrived.
  expect(report.totals).toMatchObject({ recipients: 7, sent: 4, refused: 1, unknown: 0, skipped: 1, waiting: 1 });
  expect(report.totals).toMatchObject({ opened: 2, clicked: 2, machineClicked: 2, left: 0 });
  expect(report.links).toMatchObject([
    { place: 'Link 1', address: 'https://shop.example/a', clicked: 2, clicks: 3, machine: 1 },
    { place: 'Link 2', address: 'https://shop.example/b', clicked: 1, clicks: 1, machine: 1 },
  ]);
  expect(report.reasons).toContainEqual({ state: 'skipped', why: 'left', people: 1 });
  expect(report.providers).toContainEqual({
    provider: 'Gmail',
    sent: 0,
    refused: 1,
    bounced: 0,
    opened: 0,
    clicked: 0,
  });
  expect(report.hours).toEqual([{ hour: 1, opened: 2, clicked: 2, left: 0 }]);
});

it('lists the recipients of a state page by page, and no other section’s', async () => {
  const page = async (more: object) =>
    valueOf(await readRecipients(account.marketer, { sectionId, messageId, ...more }));
  const first = await page({ filter: 'sent', limit: 3 });
  expect(first.map(({ address }) => address)).toEqual([0, 1, 2].map((nth) => `person${nth}@example.com`));
  expect((await page({ filter: 'sent', limit: 3, after: first[2]!.number })).map(({ address }) => address)).toEqual([
    'person6@example.com',
  ]);
  const other = await createTestSection(account.accountId, 'Other');
  expect(await readReport(account.owner, { sectionId: other, messageId })).toMatchObject({
    refusal: { code: 'not_found' },
  });
});

it('writes its file so that no cell is a formula', async () => {
  const { lines } = valueOf(await readRecipientsFile(account.marketer, { sectionId, messageId, filter: 'refused' }));
  let text = '';
  for await (const line of lines) text += line;
  expect(text).toContain('person3@example.com');
  expect(text).toContain(`'=HYPERLINK`);
  expect(text).not.toMatch(/(^|[",;])=HYPERLINK/m);
});
