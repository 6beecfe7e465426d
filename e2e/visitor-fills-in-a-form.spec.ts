// Forms as their visitors have them: without a script, in pages of others that are hostile to them, and while the database is away.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import { closePool, pool } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import { formPath } from '@/lib/forms/address';
import type { OpenForm } from '@/lib/forms/open';
import { frameSnippet, htmlSnippet, scriptSnippet } from '@/lib/forms/snippets';
import { createTestAccount } from '@/testing/fixtures';
import { TestForms, type Draft } from '@/testing/forms';
import { expect, test } from './fixtures';
import { startTagwell } from './server';

let forms: TestForms;
let hosts: Server;
let host: string;
/** What the other website answers, by path. */
const pages = new Map<string, { body: string; policy?: string }>();

test.beforeAll(async () => {
  forms = await TestForms.open(await createTestAccount());
  hosts = createServer((request, response) => {
    const page = pages.get(new URL(request.url!, 'http://host').pathname);
    response.writeHead(page ? 200 : 404, {
      'content-type': 'text/html; charset=utf-8',
      ...(page?.policy && { 'content-security-policy': page.policy }),
    });
    response.end(page?.body);
  });
  await new Promise<void>((resolve) => hosts.listen(0, '127.0.0.1', resolve));
  host = `http://127.0.0.1:${(hosts.address() as AddressInfo).port}`;
});

test.afterAll(async () => {
  await new Promise((resolve) => hosts.close(resolve));
});

/** Stories are quicker than people, and their browser calls itself a program. */
const OF_STORIES = ['fast', 'program'];
const AGENT = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36';

const sharedOf = (form: OpenForm, origin: string, title: string) => ({ origin, path: formPath(form), title });
const readAnswers = async (form: OpenForm) =>
  (
    await rows<{ answers: Record<string, unknown>; state: string; signs: string[] }>(
      pool(),
      sql`
        select answers, state, signs from form_submission
        where section_id = ${form.sectionId} and form_id = ${form.formId} order by id`,
    )
  ).map(({ answers, state, signs }) => ({
    ...answers,
    state,
    signs: signs.filter((sign) => !OF_STORIES.includes(sign)),
  }));

/** The form's submissions, once the worker has worked them off. */
async function answersTo(form: OpenForm) {
  await expect.poll(async () => (await readAnswers(form)).filter(({ state }) => state === 'received')).toEqual([]);
  return readAnswers(form);
}

async function fillIn(form: Page | ReturnType<Page['frameLocator']>, mail: string): Promise<void> {
  await form.getByLabel('Email').fill(mail);
  await form.getByRole('button', { name: 'Send' }).click();
}

test('on a phone in the dark without a script: steps, a question that depends on another, errors, and back', async ({
  browser,
  baseURL,
}) => {
  const [first] = forms.document().steps;
  const form = await forms.form({
    look: { scheme: 'auto', accent: '#ffd500' },
    steps: [
      { id: 'who', title: 'You', elements: first!.elements.slice(0, 2) },
      {
        id: 'what',
        title: 'Your visit',
        elements: [
          { id: 'come', kind: 'input', type: 'yesno', label: 'Will you come?', required: true },
          {
            id: 'food',
            kind: 'input',
            type: 'choice',
            label: 'What do you eat?',
            required: true,
            choices: [{ value: 'All' }, { value: 'Vegan' }],
            shownIf: { elementId: 'come', values: ['yes'] },
          },
        ],
      },
    ],
  });
  const context = await browser.newContext({
    javaScriptEnabled: false,
    userAgent: AGENT,
    viewport: { width: 390, height: 844 },
    colorScheme: 'dark',
  });
  const page = await context.newPage();
  await page.goto(`${baseURL}${formPath(form)}`);
  await page.getByLabel('Email').fill('anna@');
  await page.getByLabel('First name').fill('Anna <3');
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(page.getByRole('alert')).toBeFocused();
  await expect(page.getByLabel('Email')).toHaveAccessibleDescription(/Enter an email address/);
  await expect(page.getByLabel('First name')).toHaveValue('Anna <3');
  await page.getByLabel('Email').fill('anna@example.com');
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(page.getByText('Step 2 of 2')).toBeVisible();
  await expect(page.getByRole('group', { name: 'What do you eat?' })).toBeHidden();
  await page.getByLabel('Yes').check();
  await expect(page.getByRole('group', { name: 'What do you eat?' })).toBeVisible();
  await page.getByRole('button', { name: 'Back' }).click();
  await expect(page.getByLabel('Email')).toHaveValue('anna@example.com');
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(page.getByLabel('Yes')).toBeChecked();
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.getByRole('alert')).toContainText('What do you eat?');
  await page.getByLabel('Vegan').check();
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.getByRole('heading', { name: 'Thank you' })).toBeVisible();
  // Back and once more is not a second one.
  await page.goBack();
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.getByRole('heading', { name: 'Thank you' })).toBeVisible();
  expect(await answersTo(form)).toEqual([
    { email: 'anna@example.com', first: 'Anna <3', come: true, food: 'Vegan', state: 'done', signs: ['no-script'] },
  ]);
  await context.close();
});

test('its pages have no accessibility violation, in either scheme, from right to left too', async ({
  page,
  baseURL,
  expectAccessible,
}) => {
  const looks: Partial<Draft>[] = [
    { look: { scheme: 'light', accent: '#ffd500' } },
    { look: { scheme: 'dark', accent: '#1d1d80', corners: 'square' }, language: 'ar' },
  ];
  for (const look of looks) {
    const form = await forms.form(look);
    await page.goto(`${baseURL}${formPath(form)}`);
    await expectAccessible();
    await page.locator('button').click();
    await expect(page.getByRole('alert')).toBeFocused();
    await expectAccessible();
    await page.locator('[name=email]').fill('anna@example.com');
    await page.locator('button').click();
    await page.waitForURL(/\/done$/);
    await expectAccessible();
  }
});

test('in a hostile page: two forms, styles that undo everything, a strict policy, the script twice, and forged messages', async ({
  page,
  baseURL,
}) => {
  const draft = forms.document();
  draft.steps[0]!.elements.push({ id: 'camp', kind: 'hidden', parameter: 'campaign', allowed: ['spring'] });
  const [one, two] = [await forms.form(draft), await forms.form({ proof: 'always' })];
  const snippets = [one, two].map((form, index) =>
    scriptSnippet(sharedOf(form, baseURL!, `Form ${index + 1}`), form.document),
  );
  pages.set('/hostile', {
    policy: `default-src 'none'; script-src ${baseURL} 'nonce-x'; frame-src ${baseURL}; style-src 'nonce-x'`,
    body: `<!doctype html><title>Shop</title><style nonce="x">* { all: unset !important } iframe { height: 3px !important; display: none !important }</style>
      <script nonce="x">Array.prototype.extra = 1; window.addEventListener('message', (event) => event.stopPropagation());</script>
      <h1>Shop</h1>${snippets.join('<p>between</p>')}`,
  });
  await page.goto(`${host}/hostile?campaign=spring&email=x@example.com`);
  const frames = [page.frameLocator('iframe[title="Form 1"]'), page.frameLocator('iframe[title="Form 2"]')];
  await expect(frames[0]!.getByLabel('Email')).toBeVisible();
  await expect(page.locator('iframe')).toHaveCount(2);
  await expect(page.getByRole('link', { name: 'Form 1' })).toBeHidden();
  const heightOf = () =>
    page
      .locator('iframe')
      .first()
      .evaluate((frame) => frame.clientHeight);
  await expect.poll(heightOf).toBeGreaterThan(300);
  const before = await heightOf();
  // From elsewhere, or of another name: no effect.
  await page.evaluate(() => {
    const frame = document.querySelector('iframe')!;
    const name = new URL(frame.src).searchParams.get('embed');
    window.postMessage({ tagwell: name, height: 9_999, go: 'https://evil.example/' }, '*');
    window.dispatchEvent(
      new MessageEvent('message', { data: { tagwell: name, height: 9_999 }, origin: 'https://evil.example' }),
    );
  });
  await frames[0]!.getByRole('button', { name: 'Send' }).click();
  await expect(frames[0]!.getByRole('alert')).toBeVisible();
  // It grows with what is wrong, and shrinks to what is left.
  await expect.poll(heightOf).toBeGreaterThan(before);
  expect(await heightOf()).toBeLessThan(2_000);
  await fillIn(frames[0]!, 'anna@example.com');
  await expect(frames[0]!.getByRole('heading', { name: 'Thank you' })).toBeVisible();
  await expect.poll(heightOf).toBeLessThan(250);
  // This one lets the browser work first, in a worker of its own origin.
  await fillIn(frames[1]!, 'berta@example.com');
  await expect(frames[1]!.getByRole('heading', { name: 'Thank you' })).toBeVisible();
  expect(await answersTo(one)).toMatchObject([{ email: 'anna@example.com', camp: 'spring', signs: [] }]);
  expect(await answersTo(two)).toMatchObject([{ email: 'berta@example.com', signs: [] }]);
  await expect(page).toHaveURL(/\/hostile/);
});

test('where frames or scripts are forbidden there is a link, and nobody waits', async ({ browser, baseURL }) => {
  const form = await forms.form();
  const body = `<!doctype html><title>Shop</title>${scriptSnippet(sharedOf(form, baseURL!, 'The form'), form.document)}`;
  pages.set('/no-frames', { policy: `default-src 'none'; script-src ${baseURL}`, body });
  pages.set('/no-scripts', { policy: `default-src 'none'`, body });
  const closed = await forms.form({ hosts: ['shop.example'] });
  pages.set('/not-allowed', {
    body: `<!doctype html><title>Shop</title>${scriptSnippet(sharedOf(closed, baseURL!, 'The form'), closed.document)}`,
  });
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.clock.install();
  for (const path of ['/no-frames', '/no-scripts', '/not-allowed']) {
    await page.goto(`${host}${path}`);
    await expect(page.getByRole('link', { name: 'The form' })).toBeVisible();
    // What the frame could not show is taken away, after a while.
    await page.clock.fastForward('01:00');
    await expect(page.locator('iframe')).toHaveCount(0);
  }
  await page.getByRole('link', { name: 'The form' }).click();
  await expect(page.getByLabel('Email')).toBeVisible();
  await context.close();
});

test('a frame goes on with the page around it, a plain frame by a link, and a form of the website’s own is taken', async ({
  page,
  browser,
  baseURL,
}) => {
  pages.set('/thanks', { body: '<!doctype html><title>Thanks</title><h1>Welcome</h1>' });
  const after: Draft['after'] = {
    kind: 'address',
    address: `${host}/thanks`,
    parameters: [{ name: 'who', elementId: 'first' }],
  };
  const form = await forms.form({ after });
  pages.set('/around', {
    body: `<!doctype html><title>Shop</title>${scriptSnippet(sharedOf(form, baseURL!, 'The form'), form.document)}`,
  });
  await page.goto(`${host}/around`);
  const frame = page.frameLocator('iframe');
  await frame.getByLabel('First name').fill('Å & B');
  await fillIn(frame, 'anna@example.com');
  await expect(page).toHaveURL(`${host}/thanks?who=%C3%85+%26+B`);
  const context = await browser.newContext({ javaScriptEnabled: false, userAgent: AGENT });
  const plain = await context.newPage();
  pages.set('/plain', {
    body: `<!doctype html><title>Shop</title>${frameSnippet(sharedOf(form, baseURL!, 'The form'))}`,
  });
  await plain.goto(`${host}/plain`);
  await fillIn(plain.frameLocator('iframe'), 'berta@example.com');
  await plain.frameLocator('iframe').getByRole('link', { name: 'Continue' }).click();
  await expect(plain).toHaveURL(`${host}/thanks`);
  pages.set('/own', {
    body: `<!doctype html><title>Shop</title>${htmlSnippet(sharedOf(form, baseURL!, 'x'), form.document)}`,
  });
  await plain.goto(`${host}/own`);
  await fillIn(plain, 'carl@example.com');
  await expect(plain).toHaveURL(`${host}/thanks`);
  await context.close();
  expect(await answersTo(form)).toMatchObject([
    { email: 'anna@example.com', state: 'done' },
    { email: 'berta@example.com', state: 'done' },
    { email: 'carl@example.com', state: 'done', signs: ['no-page', 'no-script'] },
  ]);
});

test('while the network or the database is away, what was entered stays in the page, which sends it by itself when it is back', async ({
  browser,
}) => {
  const own = await startTagwell('forms-away.log', { TAGWELL_ROLE: 'api' });
  const shared = process.env.DATABASE_URL;
  const onOwn = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    await closePool();
    process.env.DATABASE_URL = own.databaseUrl;
    try {
      return await work();
    } finally {
      await closePool();
      process.env.DATABASE_URL = shared;
    }
  };
  try {
    const form = await onOwn(async () => (await TestForms.open(await createTestAccount())).form());
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${own.address}${formPath(form)}`);
    await page.getByLabel('First name').fill('Å “B”');
    await page.getByLabel('Boots').check();
    await context.setOffline(true);
    await fillIn(page, 'anna@example.com');
    await expect(page.getByRole('alert')).toContainText('They are still here');
    await own.stopDatabase();
    await context.setOffline(false);
    await expect(page.locator('form[data-again]')).toBeVisible();
    await expect(page.getByText('They are still here')).toBeVisible();
    await expect(page.getByLabel('First name')).toHaveValue('Å “B”');
    await expect(page.getByLabel('Boots')).toBeChecked();
    await own.startDatabase();
    await expect(page.getByRole('heading', { name: 'Thank you' })).toBeVisible();
    expect(await onOwn(() => readAnswers(form))).toMatchObject([
      { email: 'anna@example.com', first: 'Å “B”', like: ['boots'] },
    ]);
    await context.close();
  } finally {
    await own.stop();
  }
});
