// Submissions that come at the same moment share an insert. Each gets the answer that it would get alone.
import { createHash, randomUUID } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import { unavailableReason } from '@/lib/db/condition';
import { pool } from '@/lib/db/pool';
import { one, rows, sql } from '@/lib/db/sql';
import { whileAway } from '@/testing/database-away';
import { createTestAccount } from '@/testing/fixtures';
import { TestForms } from '@/testing/forms';
import { hold, untilWaiting } from '@/testing/races';
import { acceptSubmission, ProofUsedError, repeatsOf, type Sent } from './accept';
import type { OpenForm } from './open';

let forms: TestForms;
beforeAll(async () => {
  forms = await TestForms.open(await createTestAccount());
});

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();

const sent = (form: OpenForm, email: string, more: Partial<Sent> = {}): Sent => ({
  ...{ form, answers: { email, first: 'Ann' }, once: hashOf(randomUUID()), referrer: '', score: 0, signs: [] },
  ...{ now: new Date(), repeatedSince: new Date(Date.now() - 600_000), ...more },
});

const many = (form: OpenForm, count: number): Sent[] =>
  Array.from({ length: count }, (_, nth) => sent(form, `${nth}.${randomUUID()}@example.com`));

/** How many transactions have stored the form's submissions, and how many there are. */
const stored = ({ sectionId, formId }: OpenForm): Promise<{ transactions: number; submissions: number }> =>
  one(
    pool(),
    sql`
      select count(distinct xmin::text)::int as transactions, count(*)::int as submissions from form_submission
      where section_id = ${sectionId} and form_id = ${formId}`,
  );

it('submissions that come together are stored together, as they would be alone', async () => {
  const [form, other] = [await forms.form(), await forms.form()];
  const signs = ['many-in-all', 'program'];
  const taken = await Promise.all([
    ...[...many(form, 60), ...many(other, 60)].map(acceptSubmission),
    acceptSubmission(
      sent(form, 'spam@example.com', {
        ...{ score: 90, signs, via: 'html', referrer: 'shop.example', proof: hashOf('proof') },
        answers: { email: 'spam@example.com', first: '"x", \\ {y}', like: ['boots', 'tents'], news: true },
      }),
    ),
  ]);
  expect(taken.every(({ is }) => is === 'accepted')).toBe(true);
  expect(new Set(taken.map(({ submissionId }) => submissionId)).size).toBe(121);
  // The first one does not wait for others.
  expect((await stored(form)).submissions).toBe(61);
  expect((await stored(form)).transactions).toBeLessThan(5);
  const spam = await rows(
    pool(),
    sql`
      select state, answers, address_key as address, via, referrer, score, signs, proof, version, next_at as next
      from form_submission where section_id = ${form.sectionId} and id = ${taken.at(-1)!.submissionId}`,
  );
  expect(spam).toEqual([
    {
      ...{ state: 'quarantined', address: 'spam@example.com', via: 'html', referrer: 'shop.example', score: 90, signs },
      ...{ proof: hashOf('proof'), version: 1, next: null },
      answers: { email: 'spam@example.com', first: '"x", \\ {y}', like: ['boots', 'tents'], news: true },
    },
  ]);
});

it('one that cannot be stored fails alone', async () => {
  const form = await forms.form();
  const bad = sent(form, 'bad@example.com', { answers: { email: 'bad@example.com', first: 'a\u0000b' } });
  const all = await Promise.allSettled([...many(form, 5), bad, ...many(form, 5)].map(acceptSubmission));
  expect(all.map(({ status }) => status)).toEqual([
    ...Array.from({ length: 5 }, () => 'fulfilled'),
    'rejected',
    ...Array.from({ length: 5 }, () => 'fulfilled'),
  ]);
  expect((await stored(form)).submissions).toBe(10);
});

it('a double click is one submission, and so are the same answers from two pages, and work that is shown twice', async () => {
  const form = await forms.form();
  const clicked = sent(form, 'click@example.com');
  const again = sent(form, 'again@example.com');
  const worked = sent(form, 'worked@example.com', { proof: hashOf('worked') });
  const [first, second, ...rest] = await Promise.allSettled(
    [
      ...[clicked, clicked, again, { ...again, once: hashOf('another page') }],
      ...[worked, sent(form, 'other@example.com', { proof: hashOf('worked') })],
      ...many(form, 5),
    ].map(acceptSubmission),
  );
  const value = { submissionId: (first as PromiseFulfilledResult<{ submissionId: number }>).value.submissionId };
  expect(second).toMatchObject({ value: { ...value, is: 'repeated' } });
  expect(rest).toMatchObject([
    { value: { is: 'accepted' } },
    { value: { is: 'repeated' } },
    { value: { is: 'accepted' } },
    { status: 'rejected', reason: expect.any(ProofUsedError) as Error },
    ...Array.from({ length: 5 }, () => ({ value: { is: 'accepted' } })),
  ]);
  expect((await stored(form)).submissions).toBe(8);
});

it('those of two sections are two statements', async () => {
  const elsewhere = await TestForms.open(await createTestAccount());
  const [here, there] = [await forms.form(), await elsewhere.form()];
  const mixed = many(here, 20).flatMap((one, nth) => [one, many(there, 20)[nth]!]);
  await Promise.all(mixed.map(acceptSubmission));
  expect([await stored(here), await stored(there)]).toMatchObject([{ submissions: 20 }, { submissions: 20 }]);
  const shared = await rows(
    pool(),
    sql`
      select xmin::text from form_submission where section_id = ${here.sectionId} and form_id = ${here.formId}
      intersect
      select xmin::text from form_submission where section_id = ${there.sectionId} and form_id = ${there.formId}`,
  );
  expect(shared).toEqual([]);
});

it('one that waits for another process holds up no other', async () => {
  const form = await forms.form();
  const held = sent(form, 'held@example.com');
  const { sectionId, formId } = form;
  const elsewhere = await hold((tx) =>
    rows(
      tx,
      sql`
        insert into form_submission (section_id, form_id, version, once, state, at)
        values (${sectionId}, ${formId}, 1, ${held.once}, 'quarantined', ${held.now})`,
    ),
  );
  const waiting = acceptSubmission(held);
  const others = Promise.all(many(form, 10).map(acceptSubmission));
  await untilWaiting();
  expect((await others).every(({ is }) => is === 'accepted')).toBe(true);
  await elsewhere.commit();
  expect((await waiting).is).toBe('repeated');
  expect((await stored(form)).submissions).toBe(11);
});

it('while the database is away each is told, and none is stored twice afterwards', async () => {
  const form = await forms.form();
  const all = many(form, 10);
  const failed = await whileAway(() => Promise.allSettled(all.map(acceptSubmission)));
  for (const each of failed) {
    expect(each.status).toBe('rejected');
    expect(unavailableReason((each as PromiseRejectedResult).reason)).not.toBeNull();
  }
  await Promise.all([...all, ...all].map(acceptSubmission));
  expect((await stored(form)).submissions).toBe(10);
});

it('the same texts are counted for each that asks', async () => {
  const form = await forms.form();
  const at = (nth: number) => new Date(Date.now() - nth * 1_000);
  const first = (text: string) => ({ first: `${text}, in a text that is long enough to count` });
  const send = (text: string, nth: number) =>
    acceptSubmission(sent(form, `${randomUUID()}@example.com`, { answers: first(text), now: at(nth) }));
  await Promise.all([...[1, 2, 3, 100].map((nth) => send('a', nth)), ...[1, 2].map((nth) => send('b', nth))]);
  expect(
    await Promise.all([
      ...['a', 'b', 'c'].map((text) => repeatsOf(form, first(text), at(50))),
      repeatsOf(form, first('a'), at(200)),
      repeatsOf(form, { first: 'a' }, at(200)),
    ]),
  ).toEqual([3, 2, 0, 4, 0]);
});
