// What people decide about submissions, and how they take it back.
import { beforeEach, describe, expect, it } from 'vitest';
import type { FormId, SubmissionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { readTimeline } from '@/lib/people/reads';
import { createTestAccount, createTestProfiles, type TestAccount } from '@/testing/fixtures';
import { valueOf } from '@/lib/access/refusal';
import { createForm, publishForm } from './commands';
import { readSubmissionsFile } from './file';
import { decideSubmissions, undecideSubmissions } from './quarantine';
import { readSubmissions } from './reads';
import { documentFrom } from './templates';

let account: TestAccount;
let formId: FormId;

beforeEach(async () => {
  account = await createTestAccount();
  const document = documentFrom('empty', { attributes: [], topics: [] });
  const made = valueOf(await createForm(account.marketer, { sectionId: account.sectionId, name: 'Fair', document }));
  formId = made.id;
  const of = { sectionId: account.sectionId, formId };
  valueOf(await publishForm(account.marketer, { ...of, seen: made.changedAt }));
});

async function submit(state: string, email: string): Promise<SubmissionId> {
  const { id } = await one<{ id: SubmissionId }>(
    pool(),
    sql`
      insert into form_submission (section_id, form_id, version, once, state, answers, at)
      values (${account.sectionId}, ${formId}, 1, decode(md5(${email}), 'hex'), ${state},
              ${JSON.stringify({ email })}::jsonb, ${new Date()})
      returning id`,
  );
  return id;
}

const states = async () =>
  (
    await rows<{ state: string }>(
      pool(),
      sql`select state from form_submission where section_id = ${account.sectionId} order by id`,
    )
  ).map(({ state }) => state);

const inForm = () => ({ sectionId: account.sectionId, formId });

describe('what is in quarantine', () => {
  it('is released by choice, and comes back by undo until it has been applied', async () => {
    const [first] = [await submit('quarantined', 'a@example.com'), await submit('quarantined', 'b@example.com')];
    const user = account.marketer;
    const decided = valueOf(
      await decideSubmissions(user, { ...inForm(), from: 'quarantined', decision: 'release', submissionIds: [first] }),
    );
    expect(decided.count).toBe(1);
    expect(await states()).toEqual(['received', 'quarantined']);
    const undone = await undecideSubmissions(user, { ...inForm(), to: 'quarantined', decidedAt: decided.decidedAt });
    expect(valueOf(undone)).toMatchObject({ count: 1, kept: 0 });
    expect(await states()).toEqual(['quarantined', 'quarantined']);
  });

  it('is removed as a whole, without what is in other states; what has been applied meanwhile stays applied', async () => {
    await submit('quarantined', 'a@example.com');
    await submit('done', 'b@example.com');
    const user = account.marketer;
    const removed = valueOf(
      await decideSubmissions(user, { ...inForm(), from: 'quarantined', decision: 'remove', submissionIds: null }),
    );
    expect(await states()).toEqual(['removed', 'done']);
    await undecideSubmissions(user, { ...inForm(), to: 'quarantined', decidedAt: removed.decidedAt });
    const released = valueOf(
      await decideSubmissions(user, { ...inForm(), from: 'quarantined', decision: 'release', submissionIds: null }),
    );
    await execute(
      pool(),
      sql`update form_submission set state = 'done' where section_id = ${account.sectionId} and state = 'received'`,
    );
    const undone = await undecideSubmissions(user, { ...inForm(), to: 'quarantined', decidedAt: released.decidedAt });
    expect(valueOf(undone)).toMatchObject({ count: 0, kept: 1 });
    expect(await states()).toEqual(['done', 'done']);
  });
});

it('one that was applied is removed by choice and comes back; its answers are in no list, segment or timeline while it is removed', async () => {
  const profileId = (await createTestProfiles(account.sectionId, 1))[0]!;
  const id = await submit('done', 'a@example.com');
  await submit('done', 'b@example.com');
  await execute(
    pool(),
    sql`
      update form_submission set profile_id = ${profileId}, worked_at = at
      where section_id = ${account.sectionId} and id = ${id}`,
  );
  const user = account.marketer;
  const remove = { ...inForm(), from: 'done', decision: 'remove' };
  const seen = async () => {
    const of = { sectionId: account.sectionId, profileId, only: 'forms' };
    return valueOf(await readTimeline(user, of)).items.length;
  };
  for (const wrong of [{ submissionIds: null }, { decision: 'release', submissionIds: [id] }])
    expect(await decideSubmissions(user, { ...remove, ...wrong })).toMatchObject({ ok: false });
  expect(await seen()).toBe(1);
  const removed = valueOf(await decideSubmissions(user, { ...remove, submissionIds: [id] }));
  expect(await states()).toEqual(['removed', 'done']);
  expect(await seen()).toBe(0);
  const back = { ...inForm(), to: 'done', decidedAt: removed.decidedAt };
  expect(valueOf(await undecideSubmissions(user, back))).toMatchObject({ count: 1 });
  expect(await states()).toEqual(['done', 'done']);
  expect(await seen()).toBe(1);
  // What was never applied does not become so by taking back.
  const spam = await submit('quarantined', 'c@example.com');
  const decided = await decideSubmissions(user, { ...remove, from: 'quarantined', submissionIds: [spam] });
  const asDone = { ...back, decidedAt: valueOf(decided).decidedAt };
  expect(valueOf(await undecideSubmissions(user, asDone))).toMatchObject({ count: 0 });
});

it('submissions are found by their address, or by a part of an answer', async () => {
  const first = await submit('done', 'anna.svensson@example.com');
  const second = await submit('quarantined', 'bo@100%_sure.example');
  await execute(
    pool(),
    sql`
      update form_submission
      set address_key = answers ->> 'email', answers = answers || '{"likes": ["Red boots"], "yes": true}'
      where section_id = ${account.sectionId} and id = ${first}`,
  );
  const found = async (search: string, state: 'quarantined' | null = null) =>
    valueOf(await readSubmissions(account.marketer, { ...inForm(), formId: String(formId), search, state })).map(
      ({ id }) => id,
    );
  expect(await found(' Anna.Svensson@Example.com ')).toEqual([first]);
  expect(await found('svensson')).toEqual([first]);
  expect(await found('red BOOTS')).toEqual([first]);
  expect(await found('likes')).toEqual([]);
  expect(await found('%_sure', 'quarantined')).toEqual([second]);
  expect(await found('%_svensson')).toEqual([]);
});

it('the quarantine can be read by what speaks for spam, in pages', async () => {
  const scores = [60, 90, 50, 60, 75];
  const ids: number[] = [];
  for (const [nth, score] of scores.entries()) {
    const id = await submit('quarantined', `spam${nth}@example.com`);
    await execute(
      pool(),
      sql`
        update form_submission set score = ${score}, at = ${new Date(Date.now() - 60_000 + nth * 1_000)}
        where section_id = ${account.sectionId} and id = ${id}`,
    );
    ids.push(id);
  }
  const read = async (order?: 'most' | 'least') => {
    const places: number[] = [];
    let before: { at: Date; id: number; score: number } | undefined;
    for (;;) {
      const of = { ...inForm(), formId: String(formId), state: 'quarantined' as const, limit: 2 };
      const page = valueOf(await readSubmissions(account.marketer, { ...of, order, before }));
      places.push(...page.map(({ id }) => ids.indexOf(id)));
      before = page.at(-1);
      if (page.length < 2) return places;
    }
  };
  expect(await read()).toEqual([4, 3, 2, 1, 0]);
  expect(await read('most')).toEqual([1, 4, 3, 0, 2]);
  expect(await read('least')).toEqual([2, 3, 0, 4, 1]);
});

it('the file has what was entered, with formulas made harmless', async () => {
  await submit('done', '=cmd@example.com');
  const later = await submit('done', 'program@example.com');
  await execute(
    pool(),
    sql`
      update form_submission set via = 'api', at = at + interval '1 minute'
      where section_id = ${account.sectionId} and id = ${later}`,
  );
  const { lines } = valueOf(await readSubmissionsFile(account.marketer, inForm()));
  let text = '';
  for await (const line of lines) text += line;
  expect(text).toContain('Time,State,Confirmed,Version,Came,From,Profile,Email');
  expect(
    text
      .trim()
      .split('\n')
      .map((line) => line.split(',')[4]),
  ).toEqual(['Came', 'by the API', 'by the page of the form']);
  expect(text).toContain("'=cmd@example.com");
});
