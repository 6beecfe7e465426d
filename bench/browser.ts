// The built application in a real browser, on a section with 5,000 tags and one with all profiles: from a key press to what it paints,
// how far pages jump while they load, and requests that the browser cancels on a page that nobody touches.
import { chromium, type Browser, type BrowserContext, type Page } from '@playwright/test';
import config from '../playwright.config';
import { spawnTagwell } from '@/testing/process';
import type { World } from './generate';
import { absolute, percentile, type Line } from './measure';
import { signIn } from './pages';

const PAINT_MS = 100;
const SHIFT_MAX = 0.05;
const QUIET_MS = 3_000;
/** The first is not counted: the browser compiles the scripts, and the server loads its routes. */
const ROUNDS = 4;

export async function measureBrowser(url: string, world: World): Promise<Line[]> {
  const server = await spawnTagwell({
    DATABASE_URL: url,
    TAGWELL_SECRET: 'the secret of the bench, 32 or more',
    TAGWELL_ROLE: 'web',
  });
  let browser: Browser | undefined;
  try {
    browser = await chromium.launch(config.use!.launchOptions);
    const cookie = await signIn(server.address);
    const [name, value] = cookie.split('=', 2) as [string, string];
    const context = await browser.newContext({ baseURL: server.address, viewport: { width: 1440, height: 900 } });
    await context.addCookies([{ name, value, url: server.address }]);
    // tsx compiles functions to ones that ask for their name, also those that run in the page.
    await context.addInitScript('globalThis.__name = (named) => named');
    return [...(await measureKeys(context, world)), ...(await measurePagesAtRest(context, world))];
  } finally {
    await browser?.close();
    await server.stop();
  }
}

/**
 * What has to be painted: the list of the picker for this text, which may come from the server; the rows of the table for it; or
 * `key`: only the key, in the first frame after it.
 */
type Painted = 'picker' | 'table' | 'key';

/** Text to type, letter by letter, with one wrong letter; `open`: gets the page to where it is typed. */
type Typing = { work: string; text: string; open: (page: Page) => Promise<void>; painted: Painted };

async function measureKeys(context: BrowserContext, { manyTags, main, busyProfileId }: World): Promise<Line[]> {
  const many = `/${manyTags.slug}`;
  const combobox = (page: Page) => page.getByRole('combobox').first();
  const typings: Typing[] = [
    {
      work: 'a key in a tag filter, until its answer is painted, 5,000 tags',
      text: 'tag bemch 49',
      painted: 'picker',
      open: async (page) => {
        await page.goto(`${many}/profiles`);
        await page.getByRole('button', { name: 'Tags', exact: true }).click();
        await combobox(page).waitFor();
      },
    },
    {
      work: 'a key in the segment builder, until its answer is painted, 5,000 tags',
      text: 'tag bemch 49',
      painted: 'picker',
      open: async (page) => {
        await page.goto(`${many}/segments/new`);
        await page.getByRole('button', { name: 'Add a condition' }).first().click();
        await combobox(page).waitFor();
      },
    },
    {
      work: 'a key in the search of the Tags page, until its answer is painted, 5,000 tags',
      text: 'tag bemch 49',
      painted: 'table',
      open: async (page) => {
        await page.goto(`${many}/tags`);
        await page.waitForLoadState('networkidle');
        await page.getByRole('searchbox', { name: 'Search tags' }).click();
      },
    },
    {
      work: 'a key in the search of profiles',
      text: 'anna lind',
      painted: 'key',
      open: async (page) => {
        await page.goto(`/${main.slug}/profiles`);
        await page.waitForLoadState('networkidle');
        await page.getByRole('searchbox', { name: 'Search profiles' }).click();
      },
    },
    {
      work: 'a key in the tags of a profile with 10,000 timeline items',
      text: 'bench 4',
      painted: 'picker',
      open: async (page) => {
        await page.goto(`/${main.slug}/profiles/${busyProfileId}`);
        await page.waitForLoadState('networkidle');
        await page.getByRole('button', { name: /Add or remove/ }).click();
        await combobox(page).waitFor();
      },
    },
  ];
  const lines: Line[] = [];
  for (const { work, text, open, painted } of typings) {
    const page = await context.newPage();
    const times: number[] = [];
    /** What the same key costs where there is nothing to do, in turns with the others: how busy the machine is. */
    const plain: number[] = [];
    const empty = await context.newPage();
    await empty.goto('data:text/html,<input autofocus>');
    for (let number = 0; number < ROUNDS; number++) {
      await page.bringToFront();
      await open(page);
      const round: number[] = [];
      for (const letter of text) round.push(await timeOfKey(page, letter, painted));
      if (number === 0) continue;
      times.push(...round);
      await empty.bringToFront();
      for (const letter of text) plain.push(await timeOfKey(empty, letter, 'key'));
    }
    await Promise.all([page.close(), empty.close()]);
    const limit = { what: 'a key in an empty page', value: percentile(plain, 0.95) };
    const line = absolute(work, times, PAINT_MS);
    lines.push({ ...line, limit, ratio: line.value / limit.value });
  }
  return lines;
}

/** Milliseconds from a key press, as the browser received it, to the first frame in which its answer is painted. */
async function timeOfKey(page: Page, letter: string, painted: Painted): Promise<number> {
  const measured = page.evaluate(
    (painted) =>
      new Promise<number>((resolve) => {
        const isPainted = {
          picker: () =>
            !/Searching|Loading/.test(
              document.querySelector('[role=combobox]')?.parentElement?.textContent ?? 'Loading',
            ),
          table: () => document.querySelector('[aria-busy=true]') === null,
          key: () => true,
        }[painted];
        const begin = ({ timeStamp }: Event) => {
          const look = () => {
            if (isPainted()) setTimeout(() => resolve(performance.now() - timeStamp));
            else requestAnimationFrame(look);
          };
          requestAnimationFrame(look);
        };
        document.addEventListener('keydown', begin, { once: true, capture: true });
      }),
    painted,
  );
  await page.evaluate(() => undefined);
  await page.keyboard.press(letter === ' ' ? 'Space' : letter);
  return measured;
}

async function measurePagesAtRest(context: BrowserContext, { manyTags, main, busyProfileId }: World): Promise<Line[]> {
  const paths = [
    `${main.slug}/profiles`,
    `${main.slug}/profiles/${busyProfileId}`,
    `${main.slug}/tags/${main.tagIds[0]}`,
    `${manyTags.slug}/tags`,
    `${manyTags.slug}/segments/new`,
    `${main.slug}/segments/overlap`,
  ];
  const shifts: number[] = [];
  const cancelled: number[] = [];
  for (const path of paths) {
    const page = await context.newPage();
    let aborted = 0;
    page.on('requestfailed', (request) => {
      if (request.failure()?.errorText === 'net::ERR_ABORTED') aborted += 1;
    });
    await page.addInitScript(() => {
      const seen = window as unknown as { shift: number };
      seen.shift = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) seen.shift += (entry as PerformanceEntry & { value: number }).value;
      }).observe({ type: 'layout-shift', buffered: true });
    });
    await page.goto(`/${path}`);
    await page.waitForLoadState('networkidle');
    // What a page does by itself a little later counts too.
    await page.waitForTimeout(QUIET_MS);
    shifts.push(await page.evaluate(() => (window as unknown as { shift: number }).shift));
    cancelled.push(aborted);
    await page.close();
  }
  return [
    worst('layout shift while a page loads, the worst of six', shifts, SHIFT_MAX),
    worst('requests cancelled on a page that nobody touches, the worst of six', cancelled, 0),
  ];
}

function worst(work: string, values: readonly number[], most: number): Line {
  const value = Math.max(...values);
  return {
    work,
    limit: null,
    value,
    unit: '',
    ratio: null,
    goal: `at most ${most}`,
    met: value <= most,
    rounds: values.map((each) => ({ value: each })),
  };
}
