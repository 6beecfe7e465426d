// What becomes of submissions: people with their values, consents and tags, each once, and nobody lost.
import { beforeAll, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import { createTopic } from '@/lib/consents/topics';
import type { ProfileId, SubmissionId, TopicId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { eraseProfile } from '@/lib/people/erase';
import { readGlance } from '@/lib/people/glance';
import { mergeTwoProfiles } from '@/lib/people/merge-two';
import { profileTimeline } from '@/lib/people/timeline';
import { getProfile } from '@/lib/profiles/queries';
import { hideTag } from '@/lib/tags/commands';
import { createTestAccount, createTestTag, type TestAccount } from '@/testing/fixtures';
import { TestForms, type Draft } from '@/testing/forms';
import { expectInvariants } from '@/testing/invariants';
import { itOnOneServer } from '@/testing/one-server';
import { readAnswers } from './answers';
import { confirmSubmission } from './confirm';
import { removeOldSubmissions } from './retention';
import { sendFormMails } from './send-mails';
import { confirmToken } from './token';
import { workSubmissions } from './work';

let account: TestAccount;
let forms: TestForms;

beforeAll(async () => {
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
  account = await createTestAccount();
  forms = await TestForms.open(account);
});

const work = () => workSubmissions(account.sectionId);
const confirmLink = (id: SubmissionId) => confirmToken({ sectionId: account.sectionId, submissionId: id });

describe('a submission', () => {
  it('makes a person with values, tags with the form as their source, the consent with its proof, and a line in the timeline', async () => {
    const form = await forms.form();
    const id = await forms.submit(form, {
      email: 'Ann@Example.com',
      first: 'Ann',
      like: ['boots', 'tents'],
      news: true,
    });
    await work();
    const done = await forms.submission(id);
    expect(done).toMatchObject({ state: 'done', error: null });
    const profile = await getProfile(pool(), account.sectionId, done.profileId as ProfileId);
    expect(profile?.attributes).toMatchObject({ email: 'ann@example.com', firstname: 'Ann' });
    expect(await forms.tagsOf(done.profileId)).toEqual(
      [forms.tags.lead, forms.tags.boots].map((tagId) => ({ tagId, source: 4, origin: form.formId })),
    );
    expect(await forms.consentsOf(done.profileId)).toEqual([{ type: 'opt-in', channel: 'email' }]);
    const { wording, source, proof } = await one<{ wording: string; source: string; proof: string }>(
      pool(),
      sql`
        select wording, given_source as source, proof from consent_change
        where section_id = ${account.sectionId} and profile_id = ${done.profileId}`,
    );
    expect({ wording, source }).toEqual({ wording: 'Yes, send me news', source: `Form “${form.name}”` });
    expect(proof).toMatch(/^Version 1 of the form, submitted \d{4}-/);
    const timeline = await profileTimeline(pool(), account.sectionId, done.profileId as ProfileId, { only: 'forms' });
    expect(timeline.items).toMatchObject([
      {
        about: form.name,
        path: `forms/${form.formId}/submissions?open=${id}`,
        what: 'was submitted',
        details: [
          { name: 'Email', after: 'Ann@Example.com' },
          { name: 'First name', after: 'Ann' },
          { name: 'What do you like?', after: 'Boots, tents' },
          { name: 'Yes, send me news', after: 'Yes' },
        ],
      },
    ]);
    const profileId = done.profileId as ProfileId;
    const data = await profileTimeline(pool(), account.sectionId, profileId, { only: 'data' });
    expect(data.items.at(-1)).toMatchObject({ what: 'Profile created', from: `Form · ${form.name}` });
    const { lastSeen } = valueOf(await readGlance(account.marketer, { sectionId: account.sectionId, profileId }));
    expect(lastSeen).toEqual(timeline.items[0]!.at);
  });

  it('fills what is empty and keeps what is there; the same page sent twice is one', async () => {
    const form = await forms.form();
    const first = await forms.submit(form, { email: 'ben@example.com' });
    await work();
    const again = { email: 'ben@example.com', first: 'Ben' };
    const second = await forms.submit(form, again, { page: 'page' });
    expect(await forms.submit(form, again, { page: 'page' })).toBe(second);
    await work();
    const third = await forms.submit(form, { email: 'ben@example.com', first: 'Benjamin' });
    await work();
    const ids = await Promise.all([first, second, third].map(async (id) => (await forms.submission(id)).profileId));
    expect(new Set(ids).size).toBe(1);
    const profile = await getProfile(pool(), account.sectionId, ids[0] as ProfileId);
    expect(profile?.attributes).toMatchObject({ firstname: 'Ben' });
  });

  it('of the same person many times in one batch follows its order; two workers make no second person', async () => {
    const form = await forms.form();
    const sent: SubmissionId[] = [];
    for (const first of ['One', 'Two', 'Three'])
      sent.push(await forms.submit(form, { email: 'cid@example.com', first }));
    for (let nth = 0; nth < 30; nth++) sent.push(await forms.submit(form, { email: `many${nth}@example.com` }));
    await Promise.all([work(), work()]);
    const states = await Promise.all(sent.map((id) => forms.submission(id)));
    expect(states.every(({ state }) => state === 'done')).toBe(true);
    expect(new Set(states.map(({ profileId }) => profileId)).size).toBe(31);
    const profile = await getProfile(pool(), account.sectionId, states[0]!.profileId as ProfileId);
    expect(profile?.attributes).toMatchObject({ firstname: 'One' });
    await expectInvariants();
  });

  it('gives the tags of a yes, and of a no none', async () => {
    const form = await forms.form({
      tags: {},
      steps: [
        {
          id: 's1',
          elements: [
            { id: 'email', kind: 'input', type: 'email', label: 'Email', required: true },
            { id: 'call', kind: 'input', type: 'yesno', label: 'May we call?', tagIds: [forms.tags.lead] },
          ],
        },
      ],
    });
    const held = async (answer: string) => {
      const sent = new URLSearchParams({ email: `${answer}@example.com`, call: answer });
      const id = await forms.submit(form, readAnswers(form.document, sent).answers);
      await work();
      return (await forms.tagsOf((await forms.submission(id)).profileId)).map(({ tagId }) => tagId);
    };
    expect(await held('yes')).toEqual([forms.tags.lead]);
    expect(await held('no')).toEqual([]);
  });

  it('is confirmed while something is hidden, and applied when that is mended', async () => {
    const tagId = await createTestTag(account.sectionId, 'Hidden in between');
    const form = await forms.form({ optIn: { on: true }, tags: { apply: [tagId] } });
    valueOf(await hideTag(account.admin, { sectionId: account.sectionId, tagId }));
    const id = await forms.submit(form, { email: 'fixed@example.com', news: true });
    await work();
    await sendFormMails(account.sectionId);
    const [mail] = await forms.mailsTo('fixed@example.com');
    expect(mail!.text).not.toContain('Form ');
    await confirmSubmission(confirmLink(id), new Date());
    await work();
    expect(await forms.submission(id)).toMatchObject({ state: 'waiting', profileId: null });
    await forms.change(form.formId, forms.document({ optIn: { on: true } }));
    await work();
    const { state, profileId } = await forms.submission(id);
    expect(state).toBe('done');
    expect((await forms.tagsOf(profileId)).map((held) => held.tagId)).toEqual([forms.tags.lead]);
  });

  it('that is likely spam waits for a person', async () => {
    const form = await forms.form();
    const id = await forms.submit(form, { email: 'bot@example.com' }, { score: 80 });
    await work();
    expect(await forms.submission(id)).toMatchObject({ state: 'quarantined', profileId: null });
  });
});

describe('a tag that is hidden', () => {
  it('has submissions wait, nothing applied; the form goes on; what fixes it applies them all', async () => {
    const tag = await createTestTag(account.sectionId, 'Fair 2026');
    const form = await forms.form({ tags: { apply: [tag] } });
    valueOf(await hideTag(account.admin, { sectionId: account.sectionId, tagId: tag }));
    const ids = [
      await forms.submit(form, { email: 'dora@example.com', news: true }),
      await forms.submit(form, { email: 'eve@example.com' }),
    ];
    await work();
    for (const id of ids) expect(await forms.submission(id)).toMatchObject({ state: 'waiting', profileId: null });
    const later = await forms.change(form.formId, forms.document());
    expect(later.version).toBe(2);
    await work();
    for (const id of ids) {
      const { state, profileId } = await forms.submission(id);
      expect(state).toBe('done');
      expect(await forms.tagsOf(profileId)).toMatchObject([{ tagId: forms.tags.lead }]);
    }
  });
});

itOnOneServer(
  'a test cannot add a trigger there',
  'what waits is taken up by what is published meanwhile',
  async () => {
    const tag = await createTestTag(account.sectionId, 'Fair 2028');
    const form = await forms.form({ tags: { apply: [tag] } });
    valueOf(await hideTag(account.admin, { sectionId: account.sectionId, tagId: tag }));
    const id = await forms.submit(form, { email: 'lea@example.com' });
    await execute(
      pool(),
      sql`
      create function hold_waiting() returns trigger language plpgsql as $$
      begin if new.state = 'waiting' then perform pg_advisory_xact_lock(4711); end if; return new; end $$`,
    );
    await execute(
      pool(),
      sql`create trigger hold_waiting before update on form_submission for each row execute function hold_waiting()`,
    );
    const { working, publishing } = await transaction(async (tx) => {
      await execute(tx, sql`select pg_advisory_xact_lock(4711)`);
      const begun = { working: work(), publishing: forms.change(form.formId, forms.document()) };
      await new Promise((resolve) => setTimeout(resolve, 300));
      return begun;
    });
    await Promise.all([working, publishing]);
    await execute(pool(), sql`drop trigger hold_waiting on form_submission`);
    await work();
    expect(await forms.submission(id)).toMatchObject({ state: 'done' });
  },
);

it('a consent is recorded as it was shown, also where a later version fixed the form', async () => {
  const { sectionId } = account;
  const tag = await createTestTag(sectionId, 'Fair 2027');
  const shop = valueOf(await createTopic(account.admin, { sectionId, name: 'Shop' })).id;
  const topics = (...ids: TopicId[]) => ids.map((topicId) => ({ topicId, channel: 'email' as const }));
  const asking = (label: string, ...ids: TopicId[]): Draft => ({
    ...forms.document(),
    steps: [
      {
        id: 's1',
        elements: [
          { id: 'email', kind: 'input', type: 'email', label: 'Email', required: true },
          { id: 'news', kind: 'consent', label, topics: topics(...ids) },
        ],
      },
    ],
  });
  const gone = valueOf(await createTopic(account.admin, { sectionId, name: 'Gone' })).id;
  const form = await forms.form({ ...asking('News and gone ones', forms.topicId, gone), tags: { apply: [tag] } });
  const id = await forms.submit(form, { email: 'jon@example.com', news: true });
  valueOf(await hideTag(account.admin, { sectionId, tagId: tag }));
  await work();
  await forms.change(form.formId, { ...asking('News and offers of our partners', forms.topicId, shop), tags: {} });
  await work();
  const { state, profileId, error } = await forms.submission(id);
  expect(state).toBe('done');
  const recorded = await rows<{ topicId: number; wording: string; proof: string }>(
    pool(),
    sql`
      select topic_id as "topicId", wording, proof from consent_change
      where section_id = ${sectionId} and profile_id = ${profileId}`,
  );
  expect(recorded).toEqual([
    { topicId: forms.topicId, wording: 'News and gone ones', proof: expect.stringMatching(/^Version 1 of/) as string },
  ]);
  expect(error).toContain('no longer asks for');
});

describe('people who are erased or merged', () => {
  it('take their answers with them, also those that wait for a confirmation', async () => {
    const form = await forms.form();
    const done = await forms.submit(form, { email: 'hans@example.com', first: 'Hans' });
    const asking = await forms.form({ optIn: { on: true } });
    const pending = await forms.submit(asking, { email: 'hans@example.com' });
    await work();
    const { profileId } = await forms.submission(done);
    valueOf(await eraseProfile(account.admin, { sectionId: account.sectionId, profileId }));
    expect(await forms.submission(done)).toEqual({ state: 'done', profileId: null, error: null, answers: null });
    expect(await forms.submission(pending)).toMatchObject({ state: 'removed', answers: null });
    expect(await confirmSubmission(confirmLink(pending), new Date())).toMatchObject({ is: 'gone', address: null });
  });

  it('keep them when two become one', async () => {
    const form = await forms.form();
    const ids = [
      await forms.submit(form, { email: 'ida1@example.com' }),
      await forms.submit(form, { email: 'ida2@example.com' }),
    ];
    await work();
    const found = await Promise.all(
      ids.map(async (id) => {
        const { profileId } = await forms.submission(id);
        return (await getProfile(pool(), account.sectionId, profileId as ProfileId))!;
      }),
    );
    const [into, from] = found as [(typeof found)[number], (typeof found)[number]];
    const seen = { into: into.updatedAt, from: from.updatedAt };
    valueOf(
      await mergeTwoProfiles(account.admin, {
        sectionId: account.sectionId,
        into: into.id,
        from: from.id,
        take: [],
        seen,
      }),
    );
    for (const id of ids) expect(await forms.submission(id)).toMatchObject({ profileId: into.id });
  });
});

it('a form that thousands fill in holds up no other', async () => {
  const [busy, other] = [await forms.form(), await forms.form()];
  const ids: SubmissionId[] = [];
  for (let nth = 0; nth < 4; nth++) ids.push(await forms.submit(busy, { email: `busy${nth}@example.com` }));
  ids.push(await forms.submit(other, { email: 'other@example.com' }));
  let time = Date.now();
  await workSubmissions(account.sectionId, { atOnce: 2, now: () => new Date((time += 1_000)) });
  const worked = await rows<{ formId: number }>(
    pool(),
    sql`
      select form_id as "formId" from form_submission
      where section_id = ${account.sectionId} and id = any(${ids}::bigint[]) order by worked_at, id`,
  );
  const nameOf = ({ formId }: { formId: number }) => (formId === busy.formId ? 'busy' : 'other');
  expect(worked.map(nameOf)).toEqual(['busy', 'busy', 'other', 'busy', 'busy']);
});

it('what was never confirmed or looked at is forgotten in time, with its mails', async () => {
  const form = await forms.form({ optIn: { on: true } });
  const start = Date.now();
  const before = (days: number) => ({ now: new Date(start - days * 86_400_000) });
  const ids = [
    await forms.submit(form, { email: 'a@example.com' }, before(121)),
    await forms.submit(form, { email: 'b@example.com' }, before(100)),
    await forms.submit(form, { email: 'c@example.com' }, { score: 80, ...before(61) }),
    await forms.submit(form, { email: 'd@example.com' }, { score: 80, ...before(59) }),
  ];
  for (const days of [121, 100]) await workSubmissions(account.sectionId, { now: () => before(days).now });
  await removeOldSubmissions();
  const states = await Promise.all(ids.map((id) => forms.submission(id)));
  expect(states.map(({ state, answers }) => [state, answers !== null])).toEqual([
    ['removed', false],
    ['pending', true],
    ['removed', false],
    ['quarantined', true],
  ]);
  const left = await rows(
    pool(),
    sql`select from form_mail where section_id = ${account.sectionId} and submission_id = ${ids[0]}`,
  );
  expect(left).toEqual([]);
});

itOnOneServer(
  'a test cannot add a trigger there',
  'a submission that cannot be applied is tried again, fails with its reason, and holds up no other',
  async () => {
    const form = await forms.form();
    const bad = await forms.submit(form, { email: 'bad@example.com' });
    const good = await forms.submit(form, { email: 'good@example.com' });
    await execute(
      pool(),
      sql`
      create function refuse_bad() returns trigger language plpgsql as $$
      begin if new.key = 'bad@example.com' then raise exception 'planted'; end if; return new; end $$`,
    );
    await execute(
      pool(),
      sql`create trigger refuse_bad before insert on profile_key for each row execute function refuse_bad()`,
    );
    try {
      await work();
      expect(await forms.submission(good)).toMatchObject({ state: 'done' });
      expect(await forms.submission(bad)).toMatchObject({ state: 'received', error: 'planted' });
      for (let nth = 1; nth <= 5; nth++) {
        await workSubmissions(account.sectionId, { now: () => new Date(Date.now() + nth * 86_400_000) });
      }
      expect(await forms.submission(bad)).toMatchObject({ state: 'failed', error: 'planted' });
    } finally {
      await execute(pool(), sql`drop trigger refuse_bad on profile_key`);
    }
  },
);
