// Each story has its own account with people of each role, is signed in as one of them, and fails on any complaint in
// the browser's console.
import {
  test as base,
  expect,
  type BrowserContext,
  type Locator,
  type Page,
  type Request,
  type Route,
} from '@playwright/test';
import axe from 'axe-core';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { encode } from 'next-auth/jwt';
import type { Role, UserActor } from '@/lib/access/actor';
import { createAccount, createSection, createUser } from '@/lib/accounts/create';
import { hashPassword } from '@/lib/accounts/passwords';
import { beginSession, findActor } from '@/lib/accounts/sessions';
import type { AccountId, ProfileId, SectionId, TagId, UserId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, sql, type Tx } from '@/lib/db/sql';
import { createProfiles, reserveProfileIds } from '@/lib/profiles/change';
import { changeTags, wantedFor } from '@/lib/tags/change';
import { nameKey } from '@/lib/naming/names';
import { hold } from '@/testing/races';
import config from '../playwright.config';
import { SECRET } from './server';

export const PASSWORD = 'a long enough password';

/** Hashed once for all stories, because it is deliberately slow. */
const passwordHashed = hashPassword(PASSWORD);

export type SectionRef = { id: SectionId; slug: string };

export type Account = {
  id: AccountId;
  section: SectionRef;
  other: SectionRef;
  email: (role: Role) => string;
};

type Fixtures = {
  account: Account;
  /** Signs the page's browser in by a cookie, as the form would. Opens nothing. */
  signIn: (role: Role, page?: Page) => Promise<void>;
  /**
   * Asserts that the page has no accessibility violation (WCAG 2.2 AA) that axe can find. `repeated`: a selector for
   * elements that are left out because they are built like their neighbours: scanning a thousand equal cells takes
   * seconds.
   */
  expectAccessible: (page?: Page, repeated?: string) => Promise<void>;
  /** Whether the story runs on a phone in dark mode. */
  onPhone: boolean;
  /** Whether the server may fail to answer, which React reports on the console. */
  pagesMayFail: boolean;
};

type WorkerFixtures = {
  /**
   * A browser profile on disk for all stories of a worker. Only such a profile caches compiled scripts, which halves
   * the processor time for loading a page; a context of `browser.newContext()` compiles them on each load.
   */
  profile: BrowserContext;
};

type Axe = typeof axe;

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const { locale, timezoneId, contextOptions } = config.use!;

export const test = base.extend<Fixtures, WorkerFixtures>({
  profile: [
    async ({ playwright, launchOptions }, use) => {
      const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwell-profile-'));
      const profile = await playwright.chromium.launchPersistentContext(folder, {
        ...launchOptions,
        ...contextOptions,
        locale,
        timezoneId,
        baseURL: process.env.E2E_BASE_URL,
      });
      await use(profile);
      await profile.close();
      fs.rmSync(folder, { recursive: true, force: true });
    },
    { scope: 'worker' },
  ],
  browser: [async ({ profile }, use) => use(profile.browser()!), { scope: 'worker' }],
  onPhone: [false, { option: true }],
  pagesMayFail: [false, { option: true }],
  context: async ({ profile, browser, onPhone }, use) => {
    if (onPhone) {
      const phone = { viewport: { width: 390, height: 844 }, hasTouch: true };
      const context = await browser.newContext({ ...phone, colorScheme: 'dark', baseURL: process.env.E2E_BASE_URL });
      await use(context);
      await context.close();
    } else {
      await use(profile);
      await leaveNothing(profile);
    }
  },
  // Playwright requires a destructuring pattern as the first argument, even an empty one.
  baseURL: async ({ browserName: _browserName }, use) => {
    await use(process.env.E2E_BASE_URL);
  },
  page: async ({ page, pagesMayFail }, use) => {
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('response', (response) => {
      if (response.status() === 500 && !pagesMayFail) complaints.push(`500 from ${response.url()}`);
    });
    await use(page);
    // The browser fetches the icons when it likes, also while a story has taken it offline.
    const own = ['Failed to load resource', 'icon from the Manifest'];
    const expected = [...own, ...(pagesMayFail ? ['react.dev/errors/441'] : [])];
    expect(complaints.filter((text) => !expected.some((part) => text.includes(part)))).toEqual([]);
  },
  account: async ({ browserName: _browserName }, use) => {
    await use(await makeAccount());
  },
  signIn: async ({ account, baseURL, page: own }, use) => {
    await use(async (role, page = own) => {
      const sessionId = await openSession(account, role);
      const value = await encode({ token: { sessionId }, secret: SECRET });
      await page.context().addCookies([{ name: 'next-auth.session-token', value, url: baseURL!, httpOnly: true }]);
    });
  },
  expectAccessible: async ({ page: own }, use) => {
    await use(async (page = own, repeated = undefined) => {
      // Checks the final page, not one that is still loading.
      await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
      // The title of a page that is named after what it shows is streamed after its content.
      await expect(page).toHaveTitle(/./);
      if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe.source);
      // react-aria's own announcer refers to elements that come and go. Frames with an origin of their own cannot be scanned, and the
      // browser complains about the attempt.
      const foreign = 'iframe[sandbox]:not([sandbox*="allow-same-origin"])';
      const exclude = ['[data-live-announcer]', foreign, ...(repeated ? [repeated] : [])].map((selector) => [selector]);
      const scan = () =>
        page.evaluate(
          async ({ tags, exclude }) => {
            const { axe } = window as unknown as { axe: Axe };
            const results = await axe.run({ exclude }, { runOnly: tags, resultTypes: ['violations'], preload: false });
            return results.violations.map(
              ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
            );
          },
          { tags: WCAG, exclude },
        );
      let violations = await scan();
      if (violations.some((text) => text.startsWith('document-title'))) {
        // During a navigation there is a moment without a title: wait for it, then scan again.
        await expect(page).toHaveTitle(/./);
        violations = await scan();
      }
      expect(violations).toEqual([]);
    });
  },
});

export { expect };

/** Closes the pages of a story and clears what it stored in the browser. */
async function leaveNothing(context: BrowserContext): Promise<void> {
  const [first, ...others] = context.pages();
  await Promise.all(others.map((page) => page.close()));
  await context.clearCookies();
  await context.clearPermissions();
  if (!first) return;
  const session = await context.newCDPSession(first);
  await session.send('Storage.clearDataForOrigin', {
    origin: process.env.E2E_BASE_URL!,
    storageTypes: 'local_storage',
  });
  await session.detach();
}

/** A session of the account's person with this role. */
async function openSession(account: Account, role: Role): Promise<string> {
  const user = await one<{ userId: UserId; sessionVersion: number }>(
    pool(),
    sql`select id as "userId", session_version as "sessionVersion" from app_user where email = ${account.email(role)}`,
  );
  return beginSession(pool(), user, { ip: null, userAgent: null });
}

/** Types into a list and presses Enter once what was found for the text is there: before that, Enter takes only a tag of exactly that name. */
export async function chooseByEnter(field: Locator, text: string): Promise<void> {
  await field.fill(text);
  await expect(field).toHaveAttribute('aria-activedescendant', /./);
  await field.press('Enter');
}

/** The person with this role, to run commands as. */
export async function personOf(account: Account, role: Role): Promise<UserActor> {
  const actor = await findActor(pool(), await openSession(account, role), { ip: null, userAgent: null });
  if (!actor) throw new Error(`There is no ${role}.`);
  return actor;
}

/** Ends all sessions of the person, as another of their browsers could. */
export async function endSessions(account: Account, role: Role): Promise<void> {
  await execute(
    pool(),
    sql`delete from user_session using app_user where app_user.id = user_id and email = ${account.email(role)}`,
  );
}

async function makeAccount(): Promise<Account> {
  const unique = randomUUID().slice(0, 8);
  const email = (role: Role) => `${role}.${unique}@example.com`;
  const passwordHash = await passwordHashed;
  return transaction(async (tx) => {
    const id = await createAccount(tx, `Company ${unique}`);
    const section = await createSection(tx, id, { name: 'Sweden' });
    const other = await createSection(tx, id, { name: 'Norway' });
    const names: Record<Role, string> = { owner: 'Olga Owner', admin: 'Adam Admin', user: 'Mia Marketer' };
    for (const role of ['owner', 'admin', 'user'] as const) {
      const sections = role === 'user' ? [section.id] : 'all';
      await createUser(tx, id, { email: email(role), name: names[role], role, passwordHash, sections });
    }
    return { id, section, other, email };
  });
}

/** Adds profiles 'Person 1 … n' with an email address each. */
export function addProfiles(account: Account, count: number, place = account.section): Promise<ProfileId[]> {
  return transaction((tx) => addProfilesOn(tx, { accountId: account.id, sectionId: place.id }, count));
}

/** The same on a separate connection. */
export async function addProfilesOn(
  tx: Tx,
  { accountId, sectionId }: { accountId: AccountId; sectionId: SectionId },
  count: number,
): Promise<ProfileId[]> {
  const ids = await reserveProfileIds(tx, count);
  await createProfiles(
    tx,
    { sectionId, source: 'user', userId: null },
    {
      profiles: sql`
        select id as profile_id, '{}'::jsonb as noted,
          jsonb_build_object(
            'firstname', 'Person', 'lastname', number::text, 'email', 'person' || number || '@example.com'
          ) as attributes
        from unnest(${ids}::bigint[]) with ordinality made (id, number)`,
      keys: sql`
        select wanted.profile_id, keyspace.id as keyspace_id, wanted.attributes ->> 'email' as key, 0 as slot
        from wanted join keyspace on keyspace.account_id = ${accountId} and keyspace.kind = 'email'`,
    },
    { history: false },
  );
  return ids;
}

/** Adds a tag, applied to the given profiles. */
export async function addTag(
  account: Account,
  name: string,
  profiles: ProfileId[] = [],
  place = account.section,
): Promise<TagId> {
  const { id } = await one<{ id: TagId }>(
    pool(),
    sql`
      insert into tag (section_id, discriminator, name, name_key)
      values (${place.id}, ${`usercreated.tags.e2e-${randomUUID().slice(0, 10)}`}, ${name}, ${nameKey(name)})
      returning id`,
  );
  await transaction((tx) =>
    changeTags(
      tx,
      { sectionId: place.id, source: 'user', userId: null },
      wantedFor(sql`select unnest(${profiles}::bigint[]) as profile_id`, { apply: [id], remove: [] }),
    ),
  );
  return id;
}

/** Makes work that writes a tag to the profile wait until `commit`. */
export const holdProfile = (account: Account, profileId: ProfileId) =>
  hold((tx) =>
    execute(tx, sql`select from profile where section_id = ${account.section.id} and id = ${profileId} for update`),
  );

/** Adds many tags at once. */
export async function addManyTags(account: Account, count: number): Promise<void> {
  await execute(
    pool(),
    sql`
      insert into tag (section_id, discriminator, name, name_key)
      select ${account.section.id}::int, 'usercreated.tags.many-' || ${randomUUID().slice(0, 8)} || number,
        'Campaign ' || number, 'campaign ' || number
      from generate_series(1, ${count}::int) number`,
  );
}

/** Adds an attribute, with values for the given profiles. */
export async function addAttribute(
  account: Account,
  { name, code, type }: { name: string; code: string; type: 'text' | 'number' | 'date' },
  values: ReadonlyMap<ProfileId, string | number>,
): Promise<void> {
  await execute(
    pool(),
    sql`
      insert into attribute (section_id, code, discriminator, name, name_key, type)
      values (${account.section.id}, ${code}, ${`usercreated.attributes.e2e-${randomUUID().slice(0, 10)}`}, ${name},
              ${nameKey(name)}, ${type}::attribute_type)`,
  );
  await execute(
    pool(),
    sql`
      update profile set attributes = attributes || jsonb_build_object(${code}::text, given.value)
      from (select key::bigint as id, value from jsonb_each(${JSON.stringify(Object.fromEntries(values))}::jsonb)) given
      where profile.section_id = ${account.section.id} and profile.id = given.id`,
  );
}

/** Adds an event of the given profiles, so many days ago. */
export async function addEvent(account: Account, name: string, did: ReadonlyMap<ProfileId, number>): Promise<void> {
  const { version } = await one<{ version: number }>(
    pool(),
    sql`
      with type as (
        insert into event_type (section_id, discriminator, name, name_key)
        values (${account.section.id}, ${`usercreated.events.e2e-${randomUUID().slice(0, 10)}`}, ${name}, ${nameKey(name)})
        returning id
      )
      insert into event_version (section_id, event_type_id, fields) select ${account.section.id}::int, id, '[]' from type
      returning id as version`,
  );
  await execute(
    pool(),
    sql`
      insert into profile_event (section_id, profile_id, version_id, at, data)
      select ${account.section.id}::int, key::bigint, ${version}::int, now() - make_interval(days => value::int), '{}'
      from jsonb_each_text(${JSON.stringify(Object.fromEntries(did))}::jsonb)`,
  );
}

/**
 * Holds back the requests that match, as a slow network does. `release` lets them go, and later ones pass; `held`: how many wait.
 */
export async function holdRequests(page: Page, matches: (request: Request) => boolean) {
  let held = 0;
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  const handler = async (route: Route) => {
    if (!matches(route.request())) return route.fallback();
    held += 1;
    await opened;
    // The page may have given up on it.
    await route.continue().catch(() => undefined);
  };
  await page.route('**/*', handler);
  return {
    held: () => held,
    release: async () => {
      open();
      await page.unroute('**/*', handler);
    },
  };
}

/** Waits until a page that has just been opened listens: before hydration, a press on a button that is no form's does nothing. */
export async function whenReady(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    Object.keys(document.querySelector('main') ?? {}).some((name) => name.startsWith('__reactProps')),
  );
  // Listeners are added by effects, which run after that.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
}

/** Presses a key on a page that has just been opened. */
export async function pressWhenReady(page: Page, key: string): Promise<void> {
  await whenReady(page);
  await page.keyboard.press(key);
}
