// Public forms over HTTP: what is shown, what is taken, and that nothing that a visitor entered is lost.
import { randomUUID } from 'node:crypto';
import { solveChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import { CLIENT_ADDRESS_HEADER } from '@/lib/access/origin';
import { pool } from '@/lib/db/pool';
import { one, rows, sql } from '@/lib/db/sql';
import { formPath } from '@/lib/forms/address';
import { deleteForm, setFormOpen } from '@/lib/forms/commands';
import { formCounts } from '@/lib/forms/counts';
import { openForm, type OpenForm } from '@/lib/forms/open';
import { pageToken, trapOf } from '@/lib/forms/page-token';
import { confirmToken } from '@/lib/forms/token';
import { workSubmissions } from '@/lib/forms/work';
import { bodyRule } from '@/server/body-limits';
import { whileAway } from '@/testing/database-away';
import { createTestAccount } from '@/testing/fixtures';
import { TestForms, type Draft } from '@/testing/forms';
import { inOneMinute } from '@/testing/one-minute';
import { createApi, isApiPath } from './app';

let forms: TestForms;
let address = '10.0.0.1';
const errors: unknown[] = [];

beforeAll(async () => {
  forms = await TestForms.open(await createTestAccount());
});

beforeEach(() => {
  // Each test comes from a network of its own.
  address = `10.${Math.floor(Math.random() * 250)}.${Math.floor(Math.random() * 250)}.7`;
  errors.length = 0;
});

afterEach(async () => {
  await formCounts.written();
  expect(errors).toEqual([]);
});

const app = createApi({ secret: 'test', callsPerSecond: 100, onError: (error) => errors.push(error) });
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36';
const headers = () => ({ 'user-agent': BROWSER, host: 'localhost', [CLIENT_ADDRESS_HEADER]: address });

type Fields = [string, string][];

async function get(path: string, more: Record<string, string> = {}) {
  const response = await app.request(path, { headers: { ...headers(), ...more } });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

async function post(path: string, fields: Fields, more: Record<string, string> = {}) {
  const response = await app.request(path, {
    method: 'POST',
    headers: { ...headers(), 'content-type': 'application/x-www-form-urlencoded', ...more },
    body: String(new URLSearchParams(fields)),
  });
  return {
    status: response.status,
    headers: response.headers,
    location: response.headers.get('location'),
    text: await response.text(),
  };
}

const hiddenIn = (text: string, name: string): string =>
  new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1] ?? '';
/** A page that was opened a minute ago. */
const opened = (form: OpenForm, ago = 60_000): string => pageToken(form, new Date(Date.now() - ago));
const answers = (mail = `anna.${randomUUID()}@example.com`): Fields => [
  ['email', mail],
  ['first', 'Anna'],
  ['like', 'boots'],
  ['_s', 's1'],
  ['_j', 's'],
];
const submissions = (form: OpenForm) =>
  rows<{
    state: string;
    score: number;
    signs: string[];
    answers: Record<string, unknown>;
    version: number;
    referrer: string;
  }>( // prettier-ignore
    pool(),
    sql`
      select state, score, signs, answers, version, referrer from form_submission
      where section_id = ${form.sectionId} and form_id = ${form.formId} order by id`,
  );
const counted = (form: OpenForm) =>
  rows<{ kind: string; step: number; referrer: string; count: number }>(
    pool(),
    sql`
      select kind, step, referrer, count from form_count
      where section_id = ${form.sectionId} and form_id = ${form.formId} order by kind, step, referrer`,
  );

describe('the page', () => {
  it('is plain HTML below 15 kB, without cookies or anything of others, with a policy of its own', async () => {
    const form = await forms.form({ hosts: ['shop.example', '*.shop.example'] });
    expect(isApiPath(formPath(form))).toBe(true);
    const { status, headers: sent, text } = await get(formPath(form));
    expect(status).toBe(200);
    expect(Buffer.byteLength(text)).toBeLessThan(15_000);
    expect(sent.get('set-cookie')).toBeNull();
    const policy = sent.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'self' shop.example *.shop.example");
    expect(policy).not.toContain('unsafe');
    expect(sent.get('x-frame-options')).toBeNull();
    // A changed form is seen at once, and a changed script too.
    expect(sent.get('cache-control')).toBe('private, no-cache');
    expect(text).toMatch(/src="\/f\/form\.js\?v=[\w-]{10}"/);
    expect(text.match(/(?:src|href|action)="(?!\/f\/|data:,)/g)).toBeNull();
    expect(text).toContain(`action="${formPath(form)}"`);
  });

  it('can be embedded anywhere or nowhere, as the form says', async () => {
    const of = async (hosts: string[]) => (await get(formPath(await forms.form({ hosts })))).headers.get('content-security-policy')!; // prettier-ignore
    expect(await of(['*'])).toMatch(/frame-ancestors 'self' \*$/);
    expect(await of([])).toMatch(/frame-ancestors 'self'$/);
  });

  it('of a form that does not exist, is closed or was deleted says so', async () => {
    const form = await forms.form();
    for (const path of [
      '/f/1-aaaaaaaaaa',
      '/f/zzzzzz-aaaaaaaaaa',
      '/f/x',
      `${formPath(form)}x`,
      '/f/1-aaaaaaaaaa/done',
    ])
      expect((await get(path, { 'accept-language': 'sv' })).status).toBe(404);
    expect((await get('/f/1-aaaaaaaaaa', { 'accept-language': 'sv' })).text).toContain('Här finns inget formulär');
    const { sectionId, formId, code } = form;
    valueOf(await setFormOpen(forms.account.marketer, { sectionId, formId, open: false }));
    await openForm(sectionId, code, Date.now() + 3_600_000);
    expect(await get(formPath(form))).toMatchObject({ status: 410, text: expect.stringContaining('This form is closed') as string }); // prettier-ignore
    // In a page of others it stands there at once, and takes no focus.
    expect((await get(`${formPath(form)}?embed=1`)).text).not.toContain('data-again');
    expect((await post(formPath(form), [['_t', opened(form)], ...answers()])).status).toBe(410);
    valueOf(await deleteForm(forms.account.marketer, { sectionId, formId }));
    await openForm(sectionId, code, Date.now() + 7_200_000);
    expect((await get(formPath(form))).status).toBe(410);
    expect(await submissions(form)).toEqual([]);
  });

  it('has what its address says, as far as the form allows it, as text', async () => {
    const document = forms.document();
    document.steps[0]!.elements.push({ id: 'camp', kind: 'hidden', parameter: 'campaign', allowed: ['spring'] });
    document.steps[0]!.elements.push({ id: 'any', kind: 'hidden', parameter: 'from' });
    const form = await forms.form(document);
    const { text } = await get(`${formPath(form)}?campaign=spring&from=%22%3E%3Cscript%3E&email=x@example.com`);
    expect(hiddenIn(text, 'camp')).toBe('spring');
    expect(text).toContain('name="any" value="&quot;&gt;&lt;script&gt;"');
    expect(text).not.toContain('x@example.com');
    expect(hiddenIn((await get(`${formPath(form)}?campaign=winter`)).text, 'camp')).toBe('');
  });

  it('is counted by the site that led here, but not for programs, and nobody is followed', async () => {
    const form = await forms.form();
    await get(formPath(form), { referer: 'https://shop.example/boots?who=anna' });
    await get(formPath(form), { referer: 'https://shop.example/tents' });
    await get(formPath(form), { referer: 'http://localhost/f/x' });
    await get(formPath(form), { 'user-agent': 'Googlebot/2.1' });
    await get(formPath(form), { 'sec-purpose': 'prefetch' });
    await app.request(`${formPath(form)}/begun`, { method: 'POST', headers: headers(), body: 'shop.example' });
    await app.request(`${formPath(form)}/begun`, { method: 'POST', headers: headers(), body: '<script>' });
    await formCounts.written();
    expect(await counted(form)).toEqual([
      { kind: 'begun', step: 0, referrer: '', count: 1 },
      { kind: 'begun', step: 0, referrer: 'shop.example', count: 1 },
      { kind: 'seen', step: 0, referrer: '', count: 1 },
      { kind: 'seen', step: 0, referrer: 'shop.example', count: 2 },
    ]);
  });
});

describe('sending', () => {
  it('takes what was answered, and leads to a page that says so', async () => {
    const form = await forms.form();
    const mail = `${randomUUID()}@example.com`;
    const sent = await post(formPath(form), [['_t', opened(form)], ['_r', 'shop.example'], ...answers(mail), ['news', 'yes']]); // prettier-ignore
    expect(sent).toMatchObject({ status: 303, location: `${formPath(form)}/done` });
    expect((await get(sent.location!)).text).toContain('Thank you');
    expect(await submissions(form)).toEqual([
      {
        state: 'received',
        score: 0,
        signs: [],
        version: form.version,
        referrer: 'shop.example',
        answers: { email: mail, first: 'Anna', like: ['boots'], news: true },
      },
    ]);
  });

  it('shows the form again with what is wrong and all that was entered', async () => {
    const form = await forms.form();
    const token = opened(form);
    const { status, text } = await post(formPath(form), [['_t', token], ['email', 'anna@'], ['first', '<b>'], ['news', 'yes'], ['_s', 's1']]); // prettier-ignore
    expect(status).toBe(422);
    expect(text).toContain('value="anna@"');
    expect(text).toContain('value="&lt;b&gt;"');
    expect(text).toMatch(/name="news" value="yes" checked/);
    expect(hiddenIn(text, '_t')).toBe(token);
    expect(await submissions(form)).toEqual([]);
  });

  it('twice, at once, by back or by reload is one submission', async () => {
    const form = await forms.form();
    const fields: Fields = [['_t', opened(form)], ...answers()];
    const sent = await Promise.all([1, 2, 3].map(() => post(formPath(form), fields)));
    expect(sent.map(({ status }) => status)).toEqual([303, 303, 303]);
    expect(await submissions(form)).toHaveLength(1);
    await post(
      formPath(form),
      fields.map(([name, value]) => (name === 'first' ? [name, 'Anne'] : [name, value])),
    );
    expect(await submissions(form)).toHaveLength(2);
    // A form that somebody wrote themselves has no page of ours.
    const own = answers();
    await post(formPath(form), own);
    await post(formPath(form), own);
    expect(await submissions(form)).toHaveLength(3);
  });

  it('goes on with the version that somebody began with', async () => {
    const form = await forms.form();
    const token = opened(form);
    const document = forms.document();
    document.steps[0]!.elements[1] = { id: 'company', kind: 'input', type: 'text', label: 'Company', required: true };
    const next = await forms.change(form.formId, document);
    expect(next.version).toBe(form.version + 1);
    expect((await get(formPath(form))).text).toContain('Company');
    expect((await post(formPath(form), [['_t', token], ...answers()])).status).toBe(303);
    expect(await submissions(form)).toMatchObject([{ version: form.version, answers: { first: 'Anna' } }]);
    expect((await post(formPath(form), [['_t', opened(next)], ...answers()])).status).toBe(422);
  });

  it('from a page of yesterday, with a forged mark or with none is taken, and counts as a sign', async () => {
    const form = await forms.form();
    const other = await forms.form();
    const day = 25 * 3_600_000;
    await post(formPath(form), [['_t', opened(form, day)], ...answers()]);
    await post(formPath(form), [['_t', `${opened(form).slice(0, -4)}AAAA`], ...answers()]);
    await post(formPath(form), [['_t', opened(other)], ...answers()]);
    await post(formPath(form), answers());
    await post(formPath(form), [['_t', opened(form, 0)], ...answers()]);
    expect((await submissions(form)).map(({ state, signs }) => [state, signs])).toEqual([
      ['received', ['old']],
      ['received', ['forged']],
      ['received', ['forged']],
      ['received', ['no-page']],
      ['received', ['fast']],
    ]);
  });

  it('asks again with a fresh mark where the old one has expired', async () => {
    const form = await forms.form();
    const token = opened(form, 25 * 3_600_000);
    const { text } = await post(formPath(form), [
      ['_t', token],
      ['email', 'x'],
      ['first', 'kept'],
    ]);
    expect(text).toContain('value="kept"');
    expect(hiddenIn(text, '_t')).not.toBe(token);
  });

  it('leads to the address of the form, with answers that are encoded', async () => {
    const form = await forms.form({
      after: {
        kind: 'address',
        address: 'https://shop.example/thanks?x=1#top',
        parameters: [
          { name: 'name', elementId: 'first' },
          { name: 'like', elementId: 'like' },
          { name: 'none', elementId: 'news' },
          { name: 'gone', elementId: 'constructor' },
        ],
      },
    });
    const fields = answers().map(([name, value]): [string, string] => [name, name === 'first' ? 'A&b=#\r\nSet-Cookie: x' : value]); // prettier-ignore
    const { status, location } = await post(formPath(form), [['_t', opened(form)], ...fields]);
    expect(status).toBe(303);
    expect(location).toBe('https://shop.example/thanks?x=1&name=A%26b%3D%23+Set-Cookie%3A+x&like=boots&none=no#top');
    const framed = await post(formPath(form), [['_t', opened(form)], ['_f', 'f123'], ...answers()]);
    expect(framed.status).toBe(200);
    expect(framed.text).toContain('target="_top"');
  });

  it('leads to an address that any browser and server takes, however long the answers are', async () => {
    const form = await forms.form({
      after: {
        kind: 'address',
        address: 'https://shop.example/thanks',
        parameters: [
          { name: 'name', elementId: 'first' },
          { name: 'mail', elementId: 'email' },
        ],
      },
    });
    const long: Fields = [['_t', opened(form)], ['email', 'anna@example.com'], ['first', '長'.repeat(2_000)], ['_s', 's1']]; // prettier-ignore
    const { status, location } = await post(formPath(form), long);
    expect({ status, location }).toEqual({ status: 303, location: 'https://shop.example/thanks?mail=anna%40example.com' }); // prettier-ignore
  });

  it('says the same to somebody who is known and to somebody who is not', async () => {
    const form = await forms.form({ optIn: { on: true } });
    await forms.submit(await forms.form(), { email: 'known@example.com' });
    await workSubmissions(forms.sectionId);
    const [known, unknown] = [
      await post(formPath(form), [['_t', opened(form)], ...answers('known@example.com')]),
      await post(formPath(form), [['_t', opened(form)], ...answers()]),
    ];
    expect([known.status, known.location, known.text]).toEqual([unknown.status, unknown.location, unknown.text]);
  });

  it('says the same whether a confirmation is asked for by mail or it waits in quarantine', async () => {
    const form = await forms.form({ optIn: { on: true } });
    const good = await post(formPath(form), [['_t', opened(form)], ...answers()]);
    const bad = await post(formPath(form), [['_t', opened(form)], ...answers(), [trapOf(form), 'x']]);
    expect([good.status, bad.status, bad.location]).toEqual([303, 303, good.location]);
    expect((await get(good.location!)).text).toContain('We have sent an email');
    expect((await submissions(form)).map(({ state }) => state)).toEqual(['received', 'quarantined']);
  });
});

describe('steps', () => {
  const elements = (...ids: string[]) =>
    ids.map((id) => ({ id, kind: 'input' as const, type: 'text' as const, label: id, required: true }));
  const stepped = (): Promise<OpenForm> => {
    const steps: Draft['steps'] = [
      { id: 'one', elements: forms.document().steps[0]!.elements.slice(0, 1) },
      { id: 'two', title: 'More', elements: elements('b') },
      { id: 'three', elements: elements('c') },
    ];
    return forms.form({ steps });
  };

  it('come one after the other without a script, and back, with all answers', async () => {
    const form = await stepped();
    const path = formPath(form);
    const token = opened(form);
    const first = await post(path, [
      ['_t', token],
      ['_s', 'one'],
      ['email', 'a@example.com'],
      ['_go', 'next'],
    ]);
    expect(first).toMatchObject({ status: 200, text: expect.stringContaining('Step 2 of 3') as string });
    const wrong = await post(path, [['_t', token], ['_s', 'two'], ['email', 'a@example.com'], ['b', ''], ['_go', 'next']]); // prettier-ignore
    expect(wrong).toMatchObject({ status: 422, text: expect.stringContaining('Step 2 of 3') as string });
    const back = await post(path, [['_t', token], ['_s', 'two'], ['email', 'a@example.com'], ['b', 'half'], ['_go', 'back']]); // prettier-ignore
    expect(back).toMatchObject({ status: 200, text: expect.stringContaining('Step 1 of 3') as string });
    expect(hiddenIn(back.text, 'b')).toBe('half');
    const last = await post(path, [
      ['_t', token],
      ['_s', 'three'],
      ['email', 'a@example.com'],
      ['b', 'B'],
      ['c', 'C'],
    ]);
    expect(last.status).toBe(303);
    expect((await submissions(form))[0]!.answers).toEqual({ email: 'a@example.com', b: 'B', c: 'C' });
  });

  it('do not let anybody pass what is required before, and lead to it', async () => {
    const form = await stepped();
    const sent = await post(formPath(form), [
      ['_t', opened(form)],
      ['_s', 'three'],
      ['c', 'C'],
      ['email', 'x'],
    ]);
    expect(sent).toMatchObject({ status: 422, text: expect.stringContaining('Step 1 of 3') as string });
    expect(hiddenIn(sent.text, 'c')).toBe('C');
  });

  it('are counted once each', async () => {
    const form = await stepped();
    const path = formPath(form);
    const fields: Fields = [
      ['_t', opened(form)],
      ['_s', 'one'],
      ['email', 'a@example.com'],
    ];
    const first = await post(path, fields);
    const begun = hiddenIn(first.text, '_b');
    const back = await post(path, [['_t', opened(form)], ['_s', 'two'], ['email', 'a@example.com'], ['_b', begun], ['_go', 'back']]); // prettier-ignore
    await post(path, [...fields, ['_b', hiddenIn(back.text, '_b')]]);
    await formCounts.written();
    expect(await counted(form)).toEqual([
      { kind: 'begun', step: 0, referrer: '', count: 1 },
      { kind: 'seen', step: 1, referrer: '', count: 1 },
    ]);
  });
});

describe('spam', () => {
  it('goes into quarantine by several weak signs or a strong one, and the page is the same', async () => {
    const form = await forms.form();
    const bots: { fields: Fields; agent?: string }[] = [
      { fields: [[trapOf(form), 'x']] },
      { fields: [['first', 'Win now https://x.example/']] },
      { fields: [['_t', 'x']], agent: 'curl/8.5' },
    ];
    for (const { fields, agent = BROWSER } of bots) {
      const names = new Set(fields.map(([name]) => name));
      const rest = [['_t', opened(form, 0)] as [string, string], ...answers()].filter(([name]) => !names.has(name) && name !== '_j'); // prettier-ignore
      const sent = await post(formPath(form), [...rest, ...fields], { 'user-agent': agent });
      expect(sent).toMatchObject({ status: 303, location: `${formPath(form)}/done` });
    }
    expect((await submissions(form)).map(({ state }) => state)).toEqual(['quarantined', 'quarantined', 'quarantined']);
  });

  it('of a hundred from one network waits, and none is lost', async () => {
    const form = await forms.form();
    for (let index = 0; index < 60; index++)
      await post(formPath(form), [
        ['_t', opened(form, 0)],
        ['email', `bot${index}@example.com`],
        ['_s', 's1'],
      ]);
    const states = (await submissions(form)).map(({ state }) => state);
    expect(states).toHaveLength(60);
    expect(states.slice(25).every((state) => state === 'quarantined')).toBe(true);
  });

  it('of a hundred at the same moment counts for each of them', async () => {
    const form = await forms.form();
    const texts = 'Something that is long enough to be looked up among what others have written.';
    await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        post(formPath(form), [
          ['_t', opened(form, 0)],
          ['email', `bot${index}@example.com`],
          ['first', `${texts} ${index}`],
          ['_s', 's1'],
        ]),
      ),
    );
    const states = (await submissions(form)).map(({ state }) => state);
    expect(states).toHaveLength(100);
    expect(states.filter((state) => state === 'received').length).toBeLessThanOrEqual(25);
  });

  it('is asked for work where a browser can do it, and one piece of work is one submission', async () => {
    const form = await forms.form({ proof: 'always' });
    const path = formPath(form);
    expect((await get(path)).text).toContain('data-proof="before"');
    const fields: Fields = [['_t', opened(form)], ...answers().filter(([name]) => name !== '_j'), ['_j', 'p']];
    const asked = await post(path, fields);
    expect(asked).toMatchObject({ status: 200, text: expect.stringContaining('data-proof="now"') as string });
    expect(await submissions(form)).toEqual([]);
    const work = async () => {
      const response = await app.request(`${path}/proof`, { headers: headers() });
      const challenge = (await response.json()) as Parameters<typeof solveChallenge>[0]['challenge'];
      const solution = await solveChallenge({ challenge, deriveKey });
      return Buffer.from(JSON.stringify({ challenge, solution })).toString('base64');
    };
    const proof = await work();
    expect((await post(path, [...fields, ['_p', proof]])).status).toBe(303);
    expect(await submissions(form)).toMatchObject([{ state: 'received', score: 0 }]);
    // Back, and sent again: the browser works again, and it is one submission all the same.
    expect((await post(path, [...fields, ['_p', await work()]])).status).toBe(303);
    expect(await submissions(form)).toHaveLength(1);
    // Other answers with the same work are asked for more of it, and are not lost where the browser can do none.
    const other: Fields = [...fields.filter(([name]) => name !== 'first' && name !== '_j'), ['first', 'Other'], ['_p', proof]]; // prettier-ignore
    expect((await post(path, [...other, ['_j', 'p']])).text).toContain('data-proof="now"');
    expect((await post(path, [...other, ['_j', 's']])).status).toBe(303);
    expect(await submissions(form)).toMatchObject([{ score: 0 }, { signs: ['unproven'], answers: { first: 'Other' } }]);
    // Of another form, or damaged, it counts for nothing; who cannot do it is taken too.
    const elsewhere = await forms.form({ proof: 'always' });
    const foreign: Fields = [['_t', opened(elsewhere)], ...answers().filter(([name]) => name !== '_j')];
    expect((await post(formPath(elsewhere), [...foreign, ['_j', 'p'], ['_p', proof]])).text).toContain(
      'data-proof="now"',
    );
    expect((await post(formPath(elsewhere), [...foreign, ['_j', 's']])).status).toBe(303);
    expect(await submissions(elsewhere)).toMatchObject([{ state: 'received', signs: ['unproven'] }]);
  });

  it('that somebody sent in the name of a person does not keep that person out', async () => {
    const form = await forms.form();
    const own = answers('real@example.com').filter(([name]) => name !== '_s');
    await post(formPath(form), [...own, [trapOf(form), 'x']]);
    await post(formPath(form), own);
    await post(formPath(form), own);
    expect((await submissions(form)).map(({ state }) => state)).toEqual(['quarantined', 'received']);
  });

  it('beyond what any network sends is refused, with all that was entered', async () => {
    const form = await forms.form();
    const fields: Fields = [
      ['_t', opened(form)],
      ['email', 'not one'],
      ['first', 'kept'],
    ];
    const {
      status,
      text,
      headers: sent,
    } = await inOneMinute(async () => {
      for (let index = 0; index < 300; index++) await post(formPath(form), fields);
      return post(formPath(form), fields);
    });
    expect(status).toBe(429);
    expect(sent.get('retry-after')).toBe('60');
    expect(text).toContain('value="kept"');
  });
});

describe('whatever happens', () => {
  it('keeps what was entered while the database is away, and takes it afterwards', async () => {
    const form = await forms.form();
    const path = formPath(form);
    await get(path);
    const fields: Fields = [['_t', opened(form)], ...answers('waits@example.com'), ['news', 'yes']];
    await whileAway(async () => {
      expect((await get(path)).status).toBe(200);
      const { status, text, headers: sent } = await post(path, fields);
      expect(status).toBe(503);
      expect(sent.get('retry-after')).toBe('5');
      expect(text).toContain('data-again');
      expect(text).toContain('They are still here');
      expect(text).toContain('value="waits@example.com"');
      expect(text).toMatch(/value="boots" checked/);
      expect(text).toMatch(/name="news" value="yes" checked/);
      expect(hiddenIn(text, '_t')).toBe(fields[0]![1]);
      expect((await get('/f/1-bbbbbbbbbb')).status).toBe(503);
    });
    expect((await post(path, fields)).status).toBe(303);
    expect(await submissions(form)).toHaveLength(1);
    await formCounts.written();
  });

  it('is answered, however strange it is', async () => {
    const form = await forms.form();
    const path = formPath(form);
    const many = Array.from({ length: 10_000 }, (_, index): [string, string] => [`f${index}`, 'x']);
    expect((await post(path, [...many.slice(0, 6_000), ['_t', opened(form)], ...answers()])).status).toBe(303);
    for (const value of ['\u0000', '\u202Eevil', `' or 1=1 --`, '=cmd()', '🙂'.repeat(100)])
      expect((await post(path, [['_t', opened(form)], ...answers(), ['first', value]])).status).toBe(303);
    expect(
      (
        await post(path, [
          ['_t', opened(form)],
          ['email', 'a@example.com\r\nBcc: x@example.com'],
        ])
      ).status,
    ).toBe(422);
    const strange = await app.request(path, { method: 'POST', headers: headers(), body: new Uint8Array([255, 0, 37, 254]) }); // prettier-ignore
    expect(strange.status).toBe(422);
    const files = new FormData();
    for (const [name, value] of answers()) files.append(name, value);
    files.append('email', new Blob(['x']), 'x.txt');
    expect((await app.request(path, { method: 'POST', headers: headers(), body: files })).status).toBe(303);
    const stored = await submissions(form);
    expect(JSON.stringify(stored)).not.toContain('\\u0000');
    const { count } = await one<{ count: number }>(pool(), sql`select count(*)::int as count from form where section_id = ${form.sectionId}`); // prettier-ignore
    expect(count).toBeGreaterThan(0);
  });

  it('takes long answers of any script whole', async () => {
    const lines = (id: string) => ({ id, kind: 'input', type: 'lines', label: id }) as const;
    const form = await forms.form({
      steps: [
        {
          id: 's1',
          elements: [
            { id: 'email', kind: 'input', type: 'email', label: 'Email', required: true },
            ...[lines('one'), lines('two')],
          ],
        },
      ],
    });
    const fields: Fields = [['_t', opened(form)], ['email', 'long@example.com'], ['one', '長'.repeat(10_000)], ['two', '々'.repeat(10_000)]]; // prettier-ignore
    const body = String(new URLSearchParams(fields));
    expect(bodyRule(formPath(form), 0).maxBytes).toBeGreaterThan(body.length);
    const length = { 'content-length': String(body.length) };
    expect((await post(formPath(form), fields, length)).status).toBe(303);
    expect((await submissions(form))[0]?.answers).toMatchObject({ one: '長'.repeat(10_000) });
  });

  it('serves its scripts from its own place', async () => {
    for (const path of ['/f/form.js', '/f/solve.js', '/embed.js', '/embed.js?v=2']) {
      expect(isApiPath(path)).toBe(true);
      const { status, headers: sent, text } = await get(path);
      expect([status, sent.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8']);
      expect(text.length).toBeLessThan(6_000);
    }
  });
});

describe('the link in a mail that asks to confirm', () => {
  it('shows one button, and only the button confirms, once or twice', async () => {
    const form = await forms.form({ optIn: { on: true } });
    const id = await forms.submit(form, { email: 'anna@example.com' });
    await rows(pool(), sql`update form_submission set state = 'pending' where section_id = ${form.sectionId} and id = ${id}`); // prettier-ignore
    const path = `/f/c/${confirmToken({ sectionId: form.sectionId, submissionId: id })}`;
    expect(isApiPath(path)).toBe(true);
    const { status, headers: sent, text } = await get(path);
    expect(status).toBe(200);
    expect(text.match(/<button/g)).toHaveLength(1);
    expect(text).toContain('anna@example.com');
    expect(sent.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(sent.get('referrer-policy')).toBe('no-referrer');
    await app.request(path, { method: 'HEAD', headers: headers() });
    await get(`${path}?utm_source=mail`);
    expect((await forms.submission(id)).state).toBe('pending');
    expect((await post(`${path}%E2%80%8B`, [])).text).toContain('Confirmed');
    expect((await forms.submission(id)).state).toBe('received');
    expect((await post(path, [])).text).toContain('Confirmed');
    expect((await get(path)).text).not.toContain('<button');
  });

  it('says in the end what the form says after sending', async () => {
    const after = { kind: 'message' as const, title: 'See you there', text: 'Bring boots.' };
    const form = await forms.form({ optIn: { on: true }, after });
    const id = await forms.submit(form, { email: 'boots@example.com' });
    await rows(pool(), sql`update form_submission set state = 'pending' where section_id = ${form.sectionId} and id = ${id}`); // prettier-ignore
    const { text } = await post(`/f/c/${confirmToken({ sectionId: form.sectionId, submissionId: id })}`, []);
    expect(text).toContain('See you there');
    expect(text).toContain('Bring boots.');
  });

  it('says what has become of it when it is too late, damaged, or the person was erased', async () => {
    const form = await forms.form({ optIn: { on: true, validDays: 30 } });
    const late = await forms.submit(form, { email: 'late@example.com' }, { now: new Date(Date.now() - 31 * 86_400_000) }); // prettier-ignore
    const erased = await forms.submit(form, { email: 'erased@example.com' });
    await rows(pool(), sql`update form_submission set state = 'pending' where section_id = ${form.sectionId} and id = ${late}`); // prettier-ignore
    await rows(pool(), sql`update form_submission set address_key = null, answers = null where section_id = ${form.sectionId} and id = ${erased}`); // prettier-ignore
    const of = (submissionId: typeof late) => `/f/c/${confirmToken({ sectionId: form.sectionId, submissionId })}`;
    expect(await post(of(late), [])).toMatchObject({
      status: 410,
      text: expect.stringContaining('has expired') as string,
    });
    expect((await forms.submission(late)).state).toBe('pending');
    expect(await get(of(erased))).toMatchObject({
      status: 200,
      text: expect.stringContaining('nothing more') as string,
    });
    for (const path of [`${of(late).slice(0, -1)}!`, '/f/c/x', '/f/c/'])
      expect((await post(path, [])).status).toBe(404);
  });
});
