// What comes late: submissions that are applied, or confirmed, long after they were sent.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import type { ProfileId, SubmissionId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { changeConsents } from '@/lib/consents/change';
import { createTopic } from '@/lib/consents/topics';
import { execute, maybeOne, one, sql } from '@/lib/db/sql';
import { suppress } from '@/lib/suppression/change';
import { getProfile } from '@/lib/profiles/queries';
import { hideTag } from '@/lib/tags/commands';
import { createTestAccount, createTestTag, type TestAccount } from '@/testing/fixtures';
import { TestForms } from '@/testing/forms';
import { setTopicHidden } from '@/lib/used-in/topics';
import { deleteForm } from './commands';
import { confirmSubmission, readConfirmation } from './confirm';
import { listSubmissions } from './queries';
import { decideSubmissions, undecideSubmissions } from './quarantine';
import { readNumbers, readWaitingInDeleted } from './reads';
import { removeOldSubmissions } from './retention';
import { sendFormMails } from './send-mails';
import { confirmToken } from './token';
import { addWorkJob } from './work-job';
import { workSubmissions } from './work';

const DAY_MS = 86_400_000;
let account: TestAccount;
let forms: TestForms;

beforeAll(async () => {
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
  account = await createTestAccount();
  forms = await TestForms.open(account);
});

const inDays = (days: number) => new Date(Date.now() + days * DAY_MS);
const work = (now = new Date()) => workSubmissions(account.sectionId, { now: () => now });
const send = (now = new Date()) => sendFormMails(account.sectionId, { now: () => now });
const linkOf = (id: SubmissionId) => confirmToken({ sectionId: account.sectionId, submissionId: id });
const release = async (formId: number, id: SubmissionId) =>
  valueOf(
    await decideSubmissions(account.marketer, {
      ...{ sectionId: account.sectionId, formId, from: 'quarantined', decision: 'release', submissionIds: [id] },
    }),
  );

async function known(email: string): Promise<ProfileId> {
  const id = await forms.submit(await forms.form(), { email });
  await work();
  return (await forms.submission(id)).profileId as ProfileId;
}

const optOut = (profileId: ProfileId, at = new Date()) =>
  transaction((tx) =>
    changeConsents(
      tx,
      { sectionId: account.sectionId, source: 'person', userId: null, at },
      sql`
        select ${profileId}::bigint as profile_id, ${forms.topicId}::int as topic_id, 'email' as channel,
          'opt-out' as type, '' as reason, '' as source, '' as wording, '' as proof`,
    ),
  );

describe('a consent that is applied late', () => {
  it('does not turn round an opt-out that came after it, from quarantine or after waiting', async () => {
    const [released, waited] = [await known('released@example.com'), await known('waited@example.com')];
    const hidden = await createTestTag(account.sectionId, 'Hidden soon');
    const form = await forms.form({ tags: { apply: [hidden] } });
    valueOf(await hideTag(account.admin, { sectionId: account.sectionId, tagId: hidden }));
    const sent = { now: inDays(-3) };
    const ids = [
      await forms.submit(form, { email: 'released@example.com', news: true }, { ...sent, score: 80 }),
      await forms.submit(form, { email: 'waited@example.com', news: true }, sent),
    ];
    await work();
    for (const profileId of [released, waited]) await optOut(profileId, inDays(-1));
    await release(form.formId, ids[0]!);
    await forms.change(form.formId, forms.document());
    await work(inDays(1));
    for (const [nth, profileId] of [released, waited].entries()) {
      expect(await forms.submission(ids[nth]!)).toMatchObject({
        state: 'done',
        error: expect.stringContaining('opted out') as string,
      });
      expect(await forms.consentsOf(profileId)).toEqual([{ type: 'opt-out', channel: 'email' }]);
    }
  });

  it('counts from the moment of its confirmation', async () => {
    const profileId = await known('again@example.com');
    const form = await forms.form({ optIn: { on: true } });
    const id = await forms.submit(form, { email: 'again@example.com', news: true }, { now: inDays(-3) });
    await work();
    await optOut(profileId, inDays(-1));
    await confirmSubmission(linkOf(id), new Date());
    await work();
    expect(await forms.consentsOf(profileId)).toEqual([{ type: 'confirmed-opt-in', channel: 'email' }]);
  });
});

describe('a link that confirms', () => {
  it('is valid from its mail on, and what it confirms is kept as long', async () => {
    const form = await forms.form({ optIn: { on: true, validDays: 90 } });
    const id = await forms.submit(form, { email: 'spam@example.com' }, { score: 80, now: inDays(-59) });
    await release(form.formId, id);
    await work(inDays(1));
    await removeOldSubmissions(inDays(89));
    expect(await readConfirmation(linkOf(id), inDays(89))).toMatchObject({ is: 'open' });
    expect(await readConfirmation(linkOf(id), inDays(92))).toMatchObject({ is: 'expired' });
    await removeOldSubmissions(inDays(122));
    expect(await forms.submission(id)).toMatchObject({ state: 'removed', answers: null });
  });

  it('is not sent any more when it is of no use', async () => {
    const form = await forms.form({ optIn: { on: true, validDays: 2, remindAfterDays: 3 } });
    await forms.submit(form, { email: 'brief@example.com' });
    await work();
    await send();
    await send(inDays(4));
    expect(await forms.mailsTo('brief@example.com')).toHaveLength(1);
  });
});

it('nobody is reminded who has sent the form again, and confirmed that', async () => {
  const form = await forms.form({ optIn: { on: true } });
  await forms.submit(form, { email: 'twice@example.com', first: 'One' });
  await work();
  const second = await forms.submit(form, { email: 'twice@example.com', first: 'Two' });
  await work();
  await send();
  await confirmSubmission(linkOf(second), new Date());
  await work();
  await send(inDays(4));
  expect(await forms.mailsTo('twice@example.com')).toHaveLength(2);
});

it('nobody who complained, or is suppressed by hand, is asked to confirm, nor reminded', async () => {
  const put = (address: string, reason: string) =>
    transaction((tx) =>
      suppress(
        tx,
        { sectionId: account.sectionId, userId: null },
        sql`select 'email' as channel, ${address}::text as address_key, ${reason}::text as reason, '' as evidence`,
      ),
    );
  const form = await forms.form({ optIn: { on: true } });
  await put('angry@example.com', 'complaint');
  await put('private@example.com', 'manual');
  await put('bounced@example.com', 'hard');
  for (const name of ['angry', 'private', 'bounced', 'later'])
    await forms.submit(form, { email: `${name}@example.com` });
  await work();
  await send();
  await put('later@example.com', 'complaint');
  await send(inDays(4));
  const mails = async (name: string) => (await forms.mailsTo(`${name}@example.com`)).length;
  expect([await mails('angry'), await mails('private'), await mails('bounced'), await mails('later')]).toEqual([
    0, 0, 2, 1,
  ]);
  const shown = await listSubmissions(pool(), account.sectionId, form.formId, { state: 'pending', limit: 10 });
  expect(shown.map(({ mail }) => mail)).toEqual(['sent', 'sent', 'suppressed', 'suppressed']);
});

it('what is released is applied in its time, whatever else is tried again later', async () => {
  const form = await forms.form();
  const id = await forms.submit(form, { email: 'soon@example.com' }, { score: 80 });
  await release(form.formId, id);
  await addWorkJob(pool(), account.sectionId, new Date(Date.now() + 4 * 3_600_000));
  const soon = await maybeOne(
    pool(),
    sql`
      select from graphile_worker.jobs
      where task_identifier = 'work_submissions' and key like ${`forms:${account.sectionId}:%`}
        and run_at < ${new Date(Date.now() + 25_000)}`,
  );
  expect(soon).toBeDefined();
});

it('a form that was fixed with another question for the address loses nobody', async () => {
  const tag = await createTestTag(account.sectionId, 'Gone soon');
  const form = await forms.form({ tags: { apply: [tag] } });
  valueOf(await hideTag(account.admin, { sectionId: account.sectionId, tagId: tag }));
  const id = await forms.submit(form, { email: 'rebuilt@example.com' });
  await work();
  const { steps } = forms.document();
  const elements = steps[0]!.elements.map((one) => (one.id === 'email' ? { ...one, id: 'mail' } : one));
  await forms.change(form.formId, forms.document({ steps: [{ id: 's1', elements }] }));
  await work();
  expect(await forms.submission(id)).toMatchObject({ state: 'done', error: null });
});

describe('a topic that is shown again', () => {
  it('takes up what waited for it', async () => {
    const topic = valueOf(await createTopic(account.admin, { sectionId: account.sectionId, name: 'Hidden for now' }));
    const base = forms.document();
    const elements = base.steps[0]!.elements.map((one) =>
      one.id === 'news' ? { ...one, topics: [{ topicId: topic.id, channel: 'email' as const }] } : one,
    );
    const form = await forms.form({ steps: [{ id: 's1', elements }] });
    const hide = async (hidden: boolean) =>
      valueOf(await setTopicHidden(account.admin, { sectionId: account.sectionId, topicId: topic.id, hidden }));
    await hide(true);
    const id = await forms.submit(form, { email: 'patient@example.com', news: true });
    await work();
    expect(await forms.submission(id)).toMatchObject({ state: 'waiting' });
    await hide(false);
    await work();
    const { state, profileId } = await forms.submission(id);
    expect(state).toBe('done');
    expect(await forms.consentsOf(profileId)).toEqual([{ type: 'opt-in', channel: 'email' }]);
  });
});

it('a key of a known person is not added by somebody who only knows their address', async () => {
  const { id: mobile } = await one<{ id: number }>(
    pool(),
    sql`select id from attribute where section_id = ${account.sectionId} and code = 'mobile'`,
  );
  const input = { kind: 'input' as const };
  const form = await forms.form({
    steps: [
      {
        id: 's1',
        elements: [
          { ...input, id: 'email', type: 'email', label: 'Email', required: true },
          { ...input, id: 'phone', type: 'mobile', label: 'Mobile', attributeId: mobile },
        ],
      },
    ],
  });
  await known('victim@example.com');
  const submit = async (email: string, phone: string) => {
    const id = await forms.submit(form, { email, phone });
    await work();
    const { profileId, error } = await forms.submission(id);
    const profile = await getProfile(pool(), account.sectionId, profileId as ProfileId);
    return { mobile: profile?.attributes.mobile, error };
  };
  expect(await submit('victim@example.com', '46701740605')).toEqual({
    mobile: undefined,
    error: expect.stringContaining('by a confirmation only') as string,
  });
  expect(await submit('new@example.com', '46701740605')).toEqual({ mobile: '46701740605', error: null });
  // Somebody who has it already gets no error.
  expect(await submit('new@example.com', '46701740605')).toEqual({ mobile: '46701740605', error: null });
});

it('what was released and has been worked off is not taken back', async () => {
  const form = await forms.form({ optIn: { on: true } });
  const id = await forms.submit(form, { email: 'taken@example.com' }, { score: 80 });
  const { decidedAt } = await release(form.formId, id);
  await work(inDays(1));
  await confirmSubmission(linkOf(id), new Date());
  const of = { sectionId: account.sectionId, formId: form.formId };
  expect(valueOf(await undecideSubmissions(account.marketer, { ...of, to: 'quarantined', decidedAt }))).toMatchObject({
    count: 0,
    kept: 1,
  });
  expect(await forms.submission(id)).toMatchObject({ state: 'received' });
});

it('numbers count what was never confirmed, and name only the first sites', async () => {
  const form = await forms.form({ optIn: { on: true } });
  const id = await forms.submit(form, { email: 'never@example.com' }, { now: inDays(-130) });
  await work(inDays(-130));
  await removeOldSubmissions();
  expect(await forms.submission(id)).toMatchObject({ state: 'removed' });
  await execute(
    pool(),
    sql`
      insert into form_count (section_id, form_id, day, referrer, kind, step, count)
      select ${account.sectionId}::int, ${form.formId}::int, ${inDays(-1)}::date,
        case when nth = 0 then '' else 'site' || nth || '.example' end, 'seen', 0, 1 + nth
      from generate_series(0, 60) nth`,
  );
  const { days } = valueOf(
    await readNumbers(account.marketer, { sectionId: account.sectionId, formId: String(form.formId), days: 365 }),
  );
  const sum = (rows: typeof days) => rows.reduce((total, { seen }) => total + seen, 0);
  expect(days.reduce((total, { submitted }) => total + submitted, 0)).toBe(1);
  expect(days).toHaveLength(1 + 1 + 50 + 1);
  expect(sum(days)).toBe((61 * 62) / 2);
  expect(sum(days.filter(({ referrer }) => referrer === null))).toBe((11 * 12) / 2 - 1);
});

it('numbers tell those who saw the page from what came by the API, by other pages, or out of the quarantine', async () => {
  const form = await forms.form();
  for (const via of ['page', 'page', 'html', 'api'] as const)
    await forms.submit(form, { email: `${randomUUID()}@example.com` }, { via });
  await release(form.formId, await forms.submit(form, { email: 'late@example.com' }, { score: 80 }));
  await forms.submit(form, { email: 'spam@example.com' }, { score: 80 });
  const of = { sectionId: account.sectionId, formId: String(form.formId) };
  const { days } = valueOf(await readNumbers(account.marketer, of));
  expect(days).toEqual([
    expect.objectContaining({ submitted: 5, bySeen: 2, quarantined: 1, seen: 0, begun: 0, confirmed: 0 }),
  ]);
});

it('what waits in a deleted form is counted, and applied once the form is restored and fixed', async () => {
  const tag = await createTestTag(account.sectionId, 'Gone with the form');
  const form = await forms.form({ optIn: { on: true }, tags: { apply: [tag] } });
  const id = await forms.submit(form, { email: 'deleted@example.com' });
  await work();
  const of = { sectionId: account.sectionId, formId: form.formId };
  valueOf(await deleteForm(account.marketer, of));
  valueOf(await hideTag(account.admin, { sectionId: account.sectionId, tagId: tag }));
  await confirmSubmission(linkOf(id), new Date());
  await work();
  expect(await forms.submission(id)).toMatchObject({ state: 'waiting' });
  const waiting = async () => valueOf(await readWaitingInDeleted(account.marketer, { sectionId: account.sectionId }));
  expect(await waiting()).toBe(1);
  valueOf(await deleteForm(account.marketer, { ...of, deleted: false }));
  expect(await waiting()).toBe(0);
  await forms.change(form.formId, forms.document({ optIn: { on: true } }));
  await work();
  expect(await forms.submission(id)).toMatchObject({ state: 'done' });
});

it('what another server’s clock calls due is looked at again, though nothing else is sent', async () => {
  const form = await forms.form();
  const at = new Date(Date.now() + 3_000);
  await forms.submit(form, { email: 'ahead@example.com' }, { now: at });
  await execute(pool(), sql`select graphile_worker.remove_job(${`forms:${account.sectionId}`})`);
  await work();
  const job = await maybeOne<{ at: Date }>(
    pool(),
    sql`
      select run_at as at from graphile_worker.jobs
      where task_identifier = 'work_submissions' and key = ${`forms:${account.sectionId}:${at.getTime()}`}`,
  );
  expect(job?.at).toEqual(at);
});
