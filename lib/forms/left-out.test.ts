// Forms by which people choose what they get: what they leave out ends, once they have confirmed.
import { beforeAll, expect, it } from 'vitest';
import { pool } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import { valueOf } from '@/lib/access/refusal';
import { createTopic } from '@/lib/consents/topics';
import type { TopicId } from '@/lib/db/ids';
import { createTestAccount, createTestTag, type TestAccount } from '@/testing/fixtures';
import { TestForms, type Draft } from '@/testing/forms';
import { confirmSubmission } from './confirm';
import { confirmToken } from './token';
import { workSubmissions } from './work';

let account: TestAccount;
let forms: TestForms;
let offers: TopicId;

beforeAll(async () => {
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
  account = await createTestAccount();
  forms = await TestForms.open(account);
  offers = valueOf(await createTopic(account.admin, { sectionId: account.sectionId, name: 'Offers' })).id;
});

it('ends topics and takes tags of answers away, of what was shown; who was never asked has left nothing', async () => {
  const { sectionId } = account;
  const [tents, quiet] = [await createTestTag(sectionId, 'Tents'), await createTestTag(sectionId, 'Quiet')];
  const [step] = forms.document().steps;
  const input = { kind: 'input' as const };
  const draft: Partial<Draft> = {
    replaces: true,
    optIn: { on: true },
    steps: [
      {
        ...step!,
        elements: [
          ...step!.elements.filter(({ id }) => id !== 'like'),
          {
            ...{ ...input, id: 'like', type: 'several', label: 'What do you like?' },
            choices: [
              { value: 'boots', tagIds: [forms.tags.boots] },
              { value: 'tents', tagIds: [tents] },
              { value: 'nothing' },
            ],
          },
          { id: 'offers', kind: 'consent', label: 'Offers', topics: [{ topicId: offers, channel: 'email' }] },
          {
            ...{ ...input, id: 'never', type: 'yesno', label: 'Never shown', tagIds: [quiet] },
            shownIf: { elementId: 'like', values: ['nothing'] },
          },
        ],
      },
    ],
  };
  const form = await forms.form(draft);
  const email = 'chooses@example.com';
  const submit = async (answers: Record<string, string[] | boolean>, confirms = true) => {
    const id = await forms.submit(form, { email, ...answers });
    await workSubmissions(sectionId);
    if (confirms) await confirmSubmission(confirmToken({ sectionId, submissionId: id }), new Date());
    await workSubmissions(sectionId);
    return (await forms.submission(id)).profileId;
  };
  const tagsOf = async (profileId: number | null) =>
    (await forms.tagsOf(profileId)).map(({ tagId }) => tagId).sort((one, other) => one - other);
  const consentsOf = (profileId: number | null) =>
    rows<{ topicId: number; type: string }>(
      pool(),
      sql`
        select topic_id as "topicId", type from consent
        where section_id = ${sectionId} and profile_id = ${profileId} order by topic_id`,
    );

  const profileId = await submit({ like: ['boots', 'tents'], news: true });
  const both = [forms.tags.lead, forms.tags.boots, tents].sort((one, other) => one - other);
  expect(await tagsOf(profileId)).toEqual(both);
  // Offers was left out, and never agreed to.
  expect(await consentsOf(profileId)).toEqual([{ topicId: forms.topicId, type: 'confirmed-opt-in' }]);

  await submit({}, false);
  expect(await tagsOf(profileId)).toEqual(both);
  expect(await consentsOf(profileId)).toEqual([{ topicId: forms.topicId, type: 'confirmed-opt-in' }]);

  await submit({ like: ['tents'], offers: true, news: false });
  expect(await tagsOf(profileId)).toEqual([forms.tags.lead, tents].sort((one, other) => one - other));
  expect(await consentsOf(profileId)).toEqual([
    { topicId: forms.topicId, type: 'opt-out' },
    { topicId: offers, type: 'confirmed-opt-in' },
  ]);
});
