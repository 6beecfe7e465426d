// What a visitor enters reaches others only as text, and people get one of everything.
import { beforeAll, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import { createTopic } from '@/lib/consents/topics';
import { pool } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import { previewMail } from '@/lib/messages/preview';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { TestForms } from '@/testing/forms';
import { readAnswers } from './answers';
import { sendFormMails } from './send-mails';
import { workSubmissions } from './work';

let account: TestAccount;
let forms: TestForms;
beforeAll(async () => {
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
  account = await createTestAccount();
  forms = await TestForms.open(account);
});

const mailsTo = (address: string) =>
  rows<{ raw: string }>(
    pool(),
    sql`
      select convert_from(raw, 'UTF8') as raw from caught_mail
      where section_id = ${account.sectionId} and to_address = ${address}`,
  );

const LINK = '<a href="https://evil.example/">Win</a>';

it('a name with a link is no link in a message', async () => {
  const form = await forms.form();
  const { answers, problems } = readAnswers(
    form.document,
    new URLSearchParams({ email: 'link@example.com', first: LINK }),
  );
  expect(problems).toEqual([]);
  const id = await forms.submit(form, answers);
  await workSubmissions(account.sectionId);
  const { profileId } = await forms.submission(id);
  const variable = { type: 'variable' as const, attributeId: forms.attributes.first, fallback: 'friend' };
  const document = {
    subject: [{ type: 'text' as const, text: 'Hello' }],
    blocks: [{ id: 'a', kind: 'heading' as const, line: [variable] }],
  };
  const { sectionId } = account;
  const { html } = valueOf(
    await previewMail(account.marketer, {
      ...{ sectionId, profileId },
      document,
    }),
  );
  expect(html).toContain('&lt;a href=');
  expect(html).not.toContain('<a href="https://evil');
  // Mail programs make links of what looks like one.
  expect(html).not.toContain('evil.example');
});

it('the mail that asks to confirm is one for all topics, with one button and no word of the visitor', async () => {
  const more = valueOf(await createTopic(account.admin, { sectionId: account.sectionId, name: 'Offers' })).id;
  const { steps } = forms.document();
  const topics = [forms.topicId, more].map((topicId) => ({ topicId, channel: 'email' as const }));
  const form = await forms.form({
    optIn: { on: true },
    steps: [
      {
        id: 's1',
        elements: [...steps[0]!.elements.slice(0, 2), { id: 'both', kind: 'consent', label: 'Both', topics }],
      },
    ],
  });
  await forms.submit(form, { email: 'stranger@example.com', first: LINK, both: true });
  await workSubmissions(account.sectionId);
  await sendFormMails(account.sectionId);
  const mails = await mailsTo('stranger@example.com');
  expect(mails).toHaveLength(1);
  const raw = mails[0]!.raw.replaceAll('=\r\n', '');
  expect(raw).not.toMatch(/evil|Win/);
  expect(raw.match(/display:inline-block/g)).toHaveLength(1);
});

it('an address is one person however it is written', async () => {
  const form = await forms.form();
  for (const email of [
    'A.B@Spelled.example',
    '\u00a0a.b@spelled.example',
    'a.b@spelled.example ',
    'mailto:a.b@spelled.example',
  ]) {
    const { answers } = readAnswers(form.document, new URLSearchParams({ email }));
    await forms.submit(form, answers);
  }
  await workSubmissions(account.sectionId);
  const people = await rows<{ id: number; submissions: number }>(
    pool(),
    sql`
      select profile_id as id, count(*)::int as submissions from form_submission
      where section_id = ${account.sectionId} and form_id = ${form.formId}
      group by profile_id`,
  );
  expect(people).toEqual([{ id: expect.any(Number) as number, submissions: 4 }]);
});
