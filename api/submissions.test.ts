// Forms as clients read and submit them, over HTTP, against the real process.
import { beforeAll, describe, expect, it } from 'vitest';
import type { SubmissionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
import { deleteForm, setFormOpen } from '@/lib/forms/commands';
import { confirmSubmission } from '@/lib/forms/confirm';
import type { OpenForm } from '@/lib/forms/open';
import { confirmToken } from '@/lib/forms/token';
import { workSubmissions } from '@/lib/forms/work';
import { hideTag } from '@/lib/tags/commands';
import { bodyRule } from '@/server/body-limits';
import { account, call, json, keyOf, makeKey, problemOf, section, tokenOf, withApi } from '@/testing/api';
import { deny } from '@/testing/api-people';
import { createTestAccount, createTestTag } from '@/testing/fixtures';
import { TestForms } from '@/testing/forms';
import { valueOf } from '@/testing/segments';

withApi();

let forms: TestForms;
let form: OpenForm;
beforeAll(async () => {
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
  forms = await TestForms.open(account);
  form = await forms.form();
});

const path = (of?: { formId: number }, more = '') =>
  `/audience/sections/${section}/forms${of ? `/${of.formId}` : ''}${more}`;
const submissions = (of: { formId: number } = form, more = '') => path(of, `/submissions${more}`);
const work = () => workSubmissions(account.sectionId);

type Page<Item = Record<string, unknown>> = { items: Item[]; next: string | null };
type Accepted = { submission_id: string; state: string };

const submit = (body: unknown, more: object = {}, of = form) =>
  json<Accepted>(submissions(of), 202, { method: 'POST', body, ...more });
const refused = async (body: unknown, of = form, headers: Record<string, string> = {}) =>
  problemOf(
    await call(submissions(of), {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    }),
  );
const read = (id: string, of = form) => json<Record<string, unknown>>(submissions(of, `/${id}`));
const countOf = async (of = form) =>
  (
    await one<{ number: number }>(
      pool(),
      sql`
        select count(*)::int as number from form_submission
        where section_id = ${account.sectionId} and form_id = ${of.formId}`,
    )
  ).number;

describe('forms', () => {
  it('are listed in pages with how many submissions they have, and read with their questions', async () => {
    const other = await forms.form({ language: 'sv', optIn: { on: true } });
    await forms.submit(other, { email: keyOf('listed') });
    await forms.submit(other, { email: keyOf('listed') }, { score: 90 });
    const seen: Record<string, unknown>[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Page = await json(`${path()}?limit=1${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      seen.push(...page.items);
      cursor = page.next;
    }
    expect(seen.map(({ form_id: id }) => Number(id))).toEqual([other.formId, form.formId]);
    // Whatever a cursor says.
    expect(await json(`${path()}?cursor=2020-01-01T00:00:00.000Z~99999999999`)).toEqual({ items: [], next: null });
    expect(seen[0]).toMatchObject({
      code: other.code,
      name: other.name,
      state: 'open',
      version: 1,
      url: expect.stringMatching(new RegExp(`^http.*/f/[0-9a-z]+-${other.code}$`)) as string,
      needs_attention: false,
      submissions: { received: 1, quarantined: 1, done: 0 },
    });
    expect((await json<Page>(`${path()}?name=${encodeURIComponent(form.name)}`)).items).toHaveLength(1);
    await json(`${path()}?cursor=x`, 400);
    expect(await json(path(other))).toMatchObject({
      language: 'sv',
      double_opt_in: true,
      questions: [
        { question_id: 'email', type: 'email', label: 'Email', required: true, choices: [], shown_if: null },
        { question_id: 'first', type: 'text' },
        {
          question_id: 'like',
          type: 'several',
          choices: [
            { value: 'boots', label: 'Boots' },
            { value: 'tents', label: 'tents' },
          ],
        },
        { question_id: 'news', type: 'consent', label: 'Yes, send me news' },
      ],
    });
    await json(path({ formId: 2_147_483_647 }), 404);
    await json(`${path()}/nothing`, 404);
  });

  it('that use something hidden say so without its name', async () => {
    const tagId = await createTestTag(account.sectionId, 'To be hidden');
    const hidden = await forms.form({ tags: { apply: [tagId] } });
    valueOf(await hideTag(account.admin, { sectionId: account.sectionId, tagId }));
    const body = await json<Record<string, unknown>>(path(hidden));
    expect(body).toMatchObject({ needs_attention: true, state: 'open' });
    // It goes on taking submissions.
    const { submission_id: id } = await submit({ answers: { email: keyOf('waits') } }, {}, hidden);
    await work();
    expect(await read(id, hidden)).toMatchObject({ state: 'waiting', profile_key: null });
  });
});

describe('submitting', () => {
  it('takes the way of the page: a person with values, tags and consent; what becomes of it can be read', async () => {
    const email = keyOf('By.Api');
    const answer = await call(submissions(), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: { answers: { email, first: '  Ann  ', like: ['boots', 'boots'], news: true } },
    });
    expect(answer.status).toBe(202);
    const { submission_id: id, state } = (await answer.json()) as Accepted;
    expect(state).toBe('received');
    expect(answer.headers.get('location')).toBe(submissions(form, `/${id}`));
    await work();
    const done = await read(id);
    expect(done).toMatchObject({
      state: 'done',
      version: 1,
      answers: { email: email.toLowerCase(), first: 'Ann', like: ['boots'], news: true },
      profile_key: expect.any(String) as string,
    });
    const { tags } = await one<{ tags: number[] }>(
      pool(),
      sql`
        select array_agg(held.tag_id order by held.tag_id) as tags
        from form_submission submission
        join profile_tag held on held.section_id = ${account.sectionId} and held.profile_id = submission.profile_id
        where submission.section_id = ${account.sectionId} and submission.id = ${id}::bigint`,
    );
    expect(tags).toEqual([forms.tags.lead, forms.tags.boots].toSorted((a, b) => a - b));
    // The profile's key leads to the profile.
    const key = encodeURIComponent(done.profile_key as string);
    const exported = 'com.apsis1.keyspaces.export';
    expect(
      Object.keys(await json<object>(`/audience/keyspaces/${exported}/profiles/${key}/sections/${section}/tags`)),
    ).toHaveLength(2);
  });

  it('is not weighed for spam, but asks for a confirmation where the form does', async () => {
    const careful = await forms.form({ optIn: { on: true }, proof: 'always' });
    const { submission_id: id } = await submit({ answers: { email: keyOf('bot') } }, {}, careful);
    await work();
    expect(await read(id, careful)).toMatchObject({ state: 'pending', confirmed_at: null, profile_key: null });
    const named = { sectionId: account.sectionId, submissionId: Number(id) as SubmissionId };
    await confirmSubmission(confirmToken(named), new Date());
    await work();
    expect(await read(id, careful)).toMatchObject({ state: 'done', confirmed_at: expect.any(String) as string });
  });

  it('says all that is wrong, by question, in the words of the page', async () => {
    const problem = await refused({ answers: { email: 'not an address', like: ['boots', 'ships'] } });
    expect(problem).toMatchObject({ status: 400, pointer: 'answers.email' });
    expect((problem as unknown as { errors: unknown }).errors).toEqual([
      { pointer: 'answers.email', detail: expect.stringMatching(/^Email: /) as string },
      { pointer: 'answers.like', detail: expect.stringMatching(/^What do you like\?: /) as string },
    ]);
    const swedish = await forms.form({ language: 'sv' });
    const [own, page] = [
      await refused({ answers: {} }, swedish),
      await (
        await call(`/f/${account.sectionId.toString(36)}-${swedish.code}`, {
          method: 'POST',
          body: 'first=Ann',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        })
      ).text(),
    ];
    expect(page).toContain(own.detail);
  });

  it('refuses questions that the form does not have, wrong types and ten thousand fields', async () => {
    const before = await countOf();
    for (const [answers, pointer] of [
      [{ email: keyOf('x'), other: 'x' }, 'answers.other'],
      [{ email: keyOf('x'), constructor: 'x' }, 'answers.constructor'],
      [{ email: 5 }, 'answers.email'],
      [{ email: [keyOf('x')] }, 'answers.email'],
      [{ email: keyOf('x'), like: 'boots' }, 'answers.like'],
      [{ email: keyOf('x'), news: 'yes' }, 'answers.news'],
      [{ email: keyOf('x'), first: { a: 1 } }, 'answers.first'],
      [{ email: keyOf('x'), first: null }, 'answers.first'],
      [{ email: keyOf('x'), first: 'NUL \u0000' }, 'answers.first'],
      [{ email: 'a@example.com\r\nBcc: b@example.com' }, 'answers.email'],
    ] as const) {
      expect(await refused({ answers })).toMatchObject({ status: 400, pointer });
    }
    for (const [fields, status] of [
      [5_000, 400],
      [10_000, 400],
      [30_000, 413],
    ] as const) {
      const many = Object.fromEntries(Array.from({ length: fields }, (_, index) => [`field${index}`, 'x']));
      expect(await refused({ answers: { ...many, email: keyOf('x') } })).toMatchObject({ status });
    }
    const versions = [9, 2 ** 40].map((version) => ({ answers: {}, version }));
    for (const body of [{}, { answers: [] }, { answers: 'email' }, [], ...versions])
      expect(await refused(body)).toMatchObject({ status: 400 });
    expect(await countOf()).toBe(before);
  });

  it('takes answers as long as those of the page', async () => {
    const lines = (id: string) => ({ id, kind: 'input', type: 'lines', label: id }) as const;
    const { steps } = forms.document();
    const ids = ['one', 'two', 'three', 'four'];
    const long = await forms.form({ steps: [{ ...steps[0]!, elements: [...steps[0]!.elements, ...ids.map(lines)] }] });
    const answers = Object.fromEntries(ids.map((id) => [id, '長'.repeat(10_000)]));
    const { submission_id: id } = await submit({ answers: { email: keyOf('long'), ...answers } }, {}, long);
    expect(await read(id, long)).toMatchObject({ answers });
    expect(bodyRule(submissions(long), 0)).toEqual(bodyRule('/f/1-a', 0));
  });

  it('reads numbers as numbers, whatever the language of the form, and texts as they are', async () => {
    const { steps } = forms.document();
    const numbers = await forms.form({
      language: 'de',
      steps: [
        {
          ...steps[0]!,
          elements: [...steps[0]!.elements, { id: 'n', kind: 'input', type: 'number', label: 'Height' }],
        },
      ],
    });
    const first = '=HYPERLINK("x") \'); drop table form; -- <b>\u202eאב</b>';
    for (const n of [1.125, -0.5, 1000, 1e21]) {
      const { submission_id: id } = await submit({ answers: { email: keyOf('n'), n, first } }, {}, numbers);
      const { answers } = (await read(id, numbers)) as { answers: { n: number; first: string } };
      expect(answers.n).toBe(n);
      expect(answers.first).toContain('drop table form; -- <b>');
    }
  });

  it('is one submission for an Idempotency-Key, however many come at once', async () => {
    const body = { answers: { email: keyOf('replayed') } };
    const before = await countOf();
    const more = { headers: { 'idempotency-key': 'order 5' } };
    const ids = await Promise.all(Array.from({ length: 5 }, () => submit(body, more)));
    expect(new Set(ids.map(({ submission_id: id }) => id)).size).toBe(1);
    expect(await countOf()).toBe(before + 1);
    expect(await refused({ answers: { email: keyOf('another') } }, form, more.headers)).toMatchObject({ status: 409 });
    // Without a key, or with another one, it is another submission.
    await submit(body);
    await submit(body, { headers: { 'idempotency-key': 'order 6' } });
    expect(await countOf()).toBe(before + 3);
  });

  it('keeps to the version that was filled in', async () => {
    const changed = await forms.form();
    const { steps } = forms.document();
    await forms.change(
      changed.formId,
      forms.document({ steps: [{ id: 's1', elements: steps[0]!.elements.slice(0, 1) }] }),
    );
    const answers = { email: keyOf('old'), first: 'Ann' };
    expect(await refused({ answers }, changed)).toMatchObject({ pointer: 'answers.first' });
    const { submission_id: id } = await submit({ answers, version: 1 }, {}, changed);
    expect(await read(id, changed)).toMatchObject({ version: 1, answers });
  });

  it('is refused where nothing is taken: a closed form, a draft, a deleted one', async () => {
    const closing = await forms.form();
    const where = { sectionId: account.sectionId, formId: closing.formId };
    valueOf(await setFormOpen(account.marketer, { ...where, open: false }));
    const body = { answers: { email: keyOf('late') } };
    expect(await refused(body, closing)).toMatchObject({ status: 409, detail: 'This form is closed.' });
    expect(await json(path(closing))).toMatchObject({ state: 'closed' });
    valueOf(await deleteForm(account.marketer, where));
    expect(await refused(body, closing)).toMatchObject({ status: 404 });
    await json(path(closing), 404);
    await json(submissions(closing), 404);
  });
});

describe('submissions', () => {
  it('are read in pages, the oldest first, by state and since a time, each once while others come', async () => {
    const list = await forms.form();
    const start = Date.now() - 60_000;
    const ids: number[] = [];
    for (let index = 0; index < 5; index++) {
      // Two of the same moment.
      const now = new Date(start + Math.floor(index / 2) * 1_000);
      ids.push(await forms.submit(list, { email: keyOf('paged') }, { now }));
    }
    await forms.submit(list, { email: keyOf('spam') }, { score: 90, now: new Date(start) });
    const seen: number[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Page = await json(`${submissions(list)}?limit=2${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      seen.push(...page.items.map(({ submission_id: id }) => Number(id)));
      cursor = page.next;
      if (seen.length === 2) ids.push(await forms.submit(list, { email: keyOf('later') }));
    }
    expect(seen).toEqual(ids);
    const of = async (query: string) => (await json<Page>(`${submissions(list)}${query}`)).items.length;
    expect(await of('?state=quarantined')).toBe(1);
    expect(await of('?state=done')).toBe(0);
    expect(await of(`?since=${new Date(start + 2_000).toISOString()}`)).toBe(2);
    for (const query of ['?state=lost', '?since=yesterday', '?cursor=x', '?limit=0'])
      await json(`${submissions(list)}${query}`, 400);
    await json(submissions(list, '/1'), 404);
    await json(submissions(list, '/x'), 404);
  });
});

describe('rights', () => {
  const body = { answers: { email: 'rights@example.com' } };
  const post = (as: string, status: number, of = form) =>
    json<Record<string, unknown>>(submissions(of), status, { method: 'POST', body, as });

  it('of keys: forms of their sections, writing, and the keyspaces that the form asks for', async () => {
    const stranger = await tokenOf(await makeKey({}, await createTestAccount()));
    for (const where of [path(), path(form), submissions(), submissions(form, '/1')])
      await json(where, 404, { as: stranger });
    await post(stranger, 404);
    const reader = await tokenOf(await makeKey({ canWrite: false }));
    await json(submissions(), 200, { as: reader });
    await post(reader, 403);
    const crmOnly = await tokenOf(await makeKey({ keyspaces: [account.keyspaces.crm_id] }));
    await json(path(form), 200, { as: crmOnly });
    await json(submissions(), 403, { as: crmOnly });
    await json(submissions(form, '/1'), 403, { as: crmOnly });
    expect((await post(crmOnly, 403)).detail).toContain('Email');
    // Without the keyspace Export, people have no key.
    const emailOnly = await tokenOf(await makeKey({ keyspaces: [account.keyspaces.email] }));
    await submit(body);
    await work();
    const page = await json<Page>(submissions(), 200, { as: emailOnly });
    expect(page.items.every(({ profile_key: key }) => key === null)).toBe(true);
    await post(emailOnly, 202);
  });

  it('of another section: its forms are not there, by their number either', async () => {
    const other = await createTestAccount();
    const theirs = await (await TestForms.open(other)).form();
    await json(path(theirs), 404);
    await json(submissions(theirs), 404);
    expect(await refused(body, theirs)).toMatchObject({ status: 404 });
  });

  it('of keyspaces: a tag that may not be written through that of the form’s key is not applied by a call', async () => {
    const [tagId, other] = [
      await createTestTag(account.sectionId, 'Guarded'),
      await createTestTag(account.sectionId, 'Free'),
    ];
    await deny(tagId, { read: false }, [account.keyspaces.email]);
    await deny(other, { read: false }, [account.keyspaces.crm_id]);
    const { steps } = forms.document();
    const choices = [
      { value: 'guarded', tagIds: [tagId] },
      { value: 'free', tagIds: [other] },
    ];
    const tagging = await forms.form({
      steps: [
        {
          id: 's1',
          elements: [steps[0]!.elements[0]!, { id: 'like', kind: 'input', type: 'several', label: 'Like', choices }],
        },
      ],
    });
    expect(await refused({ answers: { ...body.answers, like: ['guarded'] } }, tagging)).toMatchObject({ status: 403 });
    // Of what the answers give, not of what others would; and through that keyspace.
    await submit({ answers: { ...body.answers, like: ['free'] } }, {}, tagging);
  });
});
