// What a submission does that nobody has confirmed: anybody can enter somebody else's address.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import { createAttribute } from '@/lib/attributes/commands';
import { changeConsents } from '@/lib/consents/change';
import type { SubmissionId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import { suppress } from '@/lib/suppression/change';
import { setAttributeHidden } from '@/lib/used-in/attributes';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { TestForms } from '@/testing/forms';
import { acceptSubmission } from './accept';
import { confirmSubmission } from './confirm';
import { sendFormMails } from './send-mails';
import { confirmToken } from './token';
import { workSubmissions } from './work';
import { wakeMissed, wakeWork } from './work-job';

let account: TestAccount;
let forms: TestForms;

beforeAll(async () => {
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
  account = await createTestAccount();
  forms = await TestForms.open(account);
});

const work = () => workSubmissions(account.sectionId);
const confirm = async (id: SubmissionId) => {
  await work();
  await confirmSubmission(confirmToken({ sectionId: account.sectionId, submissionId: id }), new Date());
  await work();
};

/** A person with the tag `boots`. */
async function known(email: string): Promise<number> {
  const id = await forms.submit(await forms.form(), { email, like: ['boots'] });
  await work();
  return (await forms.submission(id)).profileId!;
}

const optOut = (profileId: number) =>
  transaction((tx) =>
    changeConsents(
      tx,
      { sectionId: account.sectionId, source: 'person', userId: null },
      sql`
        select ${profileId}::bigint as profile_id, ${forms.topicId}::int as topic_id, 'email'::text as channel,
          'opt-out'::text as type, ''::text as reason, ''::text as source, ''::text as wording, ''::text as proof`,
    ),
  );

describe('without a confirmation', () => {
  it('an opt-out stays, and is said; a confirmed submission lifts it', async () => {
    const profileId = await known('opted-out@example.com');
    await optOut(profileId);
    const answers = { email: 'opted-out@example.com', news: true };
    const id = await forms.submit(await forms.form(), answers);
    await work();
    expect(await forms.submission(id)).toMatchObject({
      state: 'done',
      error: expect.stringContaining('only a confirmation by email lifts') as string,
    });
    expect(await forms.consentsOf(profileId)).toEqual([{ type: 'opt-out', channel: 'email' }]);
    await confirm(await forms.submit(await forms.form({ optIn: { on: true } }), answers));
    expect(await forms.consentsOf(profileId)).toEqual([{ type: 'confirmed-opt-in', channel: 'email' }]);
  });

  it('no tag is taken off; a confirmed submission takes it off', async () => {
    const profileId = await known('has-boots@example.com');
    const { lead, boots } = forms.tags;
    const tags = { apply: [lead], remove: [boots] };
    const held = async () => (await forms.tagsOf(profileId)).map(({ tagId }) => tagId);
    await forms.submit(await forms.form({ tags }), { email: 'has-boots@example.com' });
    await work();
    expect(await held()).toContain(boots);
    await confirm(
      await forms.submit(await forms.form({ tags, optIn: { on: true } }), { email: 'has-boots@example.com' }),
    );
    expect(await held()).toEqual([lead]);
  });
});

it('who wants nothing any more is asked, and takes that back by confirming a consent, but not what others stopped', async () => {
  const stopped = async (evidence: string) => {
    const email = `${randomUUID().slice(0, 8)}@example.com`;
    await transaction((tx) =>
      suppress(
        tx,
        { sectionId: account.sectionId, userId: null },
        sql`select 'email' as channel, ${email}::text as address_key, 'manual' as reason, ${evidence}::text as evidence`,
      ),
    );
    return email;
  };
  const own = await stopped('preference page: nothing any more');
  const [quiet, others] = [await stopped('preference page: nothing any more'), await stopped('asked by phone')];
  const form = await forms.form({ optIn: { on: true } });
  for (const email of [own, quiet, others]) {
    const id = await forms.submit(form, { email, news: email !== quiet });
    await work();
    await sendFormMails(account.sectionId);
    expect(await forms.mailsTo(email)).toHaveLength(email === others ? 0 : 1);
    await confirm(id);
  }
  const left = await rows<{ key: string }>(
    pool(),
    sql`
      select address_key as key from suppression
      where section_id = ${account.sectionId} and lifted_at is null and address_key = any(${[own, quiet, others]}::text[])`,
  );
  expect(left.map(({ key }) => key).sort()).toEqual([quiet, others].sort());
});

it('what waited for an attribute is applied once it is shown again', async () => {
  const { sectionId } = account;
  const attribute = valueOf(await createAttribute(account.admin, { sectionId, name: 'Land', type: 'text' }));
  const question = {
    id: 'land',
    kind: 'input' as const,
    type: 'text' as const,
    label: 'Land',
    attributeId: attribute.id,
  };
  const [step] = forms.document().steps;
  const form = await forms.form({ steps: [{ ...step!, elements: [...step!.elements, question] }] });
  const hide = (hidden: boolean) => setAttributeHidden(account.admin, { sectionId, attributeId: attribute.id, hidden });
  valueOf(await hide(true));
  const id = await forms.submit(form, { email: 'waits@example.com', land: 'Norway' });
  await work();
  expect(await forms.submission(id)).toMatchObject({ state: 'waiting' });
  valueOf(await hide(false));
  await work();
  expect(await forms.submission(id)).toMatchObject({ state: 'done' });
});

it('the same answers of the same person are one submission for a while, on whatever page; not after spam, nor others', async () => {
  const form = await forms.form();
  const at = new Date();
  const send = (email: string, now: Date, { first = 'Ann', score = 0 } = {}) =>
    acceptSubmission({
      ...{ form, answers: { email, first }, once: Buffer.from(randomUUID()), referrer: '', score, signs: [] },
      ...{ now, repeatedSince: new Date(now.getTime() - 600_000) },
    });
  const first = await send('ann@example.com', at);
  expect(await send('ann@example.com', new Date(at.getTime() + 60_000))).toEqual({
    submissionId: first.submissionId,
    is: 'repeated',
  });
  for (const other of [
    await send('ann@example.com', at, { first: 'Anna' }),
    await send('bea@example.com', at, { score: 90 }),
    await send('bea@example.com', new Date(at.getTime() + 1_000)),
    await send('ann@example.com', new Date(at.getTime() + 601_000)),
  ])
    expect(other.is).toBe('accepted');
});

it('many at once are worked off by a job that is added after they are stored; one whose adding was lost is added again', async () => {
  const own = await createTestAccount();
  const theirs = await TestForms.open(own);
  const key = `forms:${own.sectionId}`;
  const jobs = () =>
    rows<{ key: string }>(pool(), sql`select key from graphile_worker.jobs where key = ${key} and locked_at is null`);
  const lose = () => rows(pool(), sql`select graphile_worker.remove_job(${key})`);
  const form = await theirs.form();
  await lose();
  const ids = await Promise.all(
    Array.from({ length: 30 }, (_, nth) => theirs.submit(form, { email: `rush${nth}@example.com` })),
  );
  // Nobody waits for it.
  await expect.poll(jobs).toHaveLength(1);
  // Comes after all that is still being added.
  await wakeWork(own.sectionId);
  await lose();
  await wakeMissed();
  expect(await jobs()).toEqual([]);
  await wakeMissed(new Date(Date.now() + 6_000));
  expect(await jobs()).toHaveLength(1);
  await workSubmissions(own.sectionId);
  for (const id of ids) expect(await theirs.submission(id)).toMatchObject({ state: 'done' });
  await lose();
  await wakeMissed(new Date(Date.now() + 6_000));
  expect(await jobs()).toEqual([]);
});
