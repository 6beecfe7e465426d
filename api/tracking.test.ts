// The addresses in mails: nothing that is fetched changes what a person gets, and nothing that is made up leads anywhere.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import { changeConsents } from '@/lib/consents/change';
import { createTopic } from '@/lib/consents/topics';
import type { ProfileId, SectionId, SendId, TopicId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { answers } from '@/lib/messages/answers';
import { recipientLinks } from '@/lib/messages/links';
import { judge } from '@/lib/messages/machines';
import { messageToken } from '@/lib/messages/token';
import { eraseProfile } from '@/lib/people/erase';
import { mergeTwoProfiles } from '@/lib/people/merge-two';
import { createProfile } from '@/lib/profiles/commands';
import { apiHandler } from '@/server/api';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { makeSend, makeRecipient } from '@/testing/messages';
import { createApi, isApiPath } from './app';

let account: TestAccount;
let sectionId: SectionId;
let news: TopicId;
let offers: TopicId;
let sendId: SendId;
let profileId: ProfileId;
let number: number;

const ADDRESSES = [
  'https://shop.example/a?x=1&y=%20#top',
  'https://åäö.example/b',
  'https://shop.example/c',
  'mailto:a@example.com',
];
const PERSON = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36';
const SCANNER = 'Mozilla/5.0 (compatible; SafeLinksBot/2.0)';
const settings = { trackOpens: true, trackClicks: true, utm: null };

const topic = async (name: string) => valueOf(await createTopic(account.admin, { sectionId, name })).id;

beforeAll(async () => {
  account = await createTestAccount();
  sectionId = account.sectionId;
  news = await topic('News <b>');
  offers = await topic('Offers');
  sendId = await makeSend(account, { topicIds: [news], links: ADDRESSES, settings: { utm: null } });
});

beforeEach(async () => {
  profileId = await person();
  number = await makeRecipient(sectionId, sendId, profileId);
});

afterEach(() => answers.written());

async function person(): Promise<ProfileId> {
  const key = `anna.${Math.random().toString(36).slice(2, 8)}@example.com`;
  const keys = [{ keyspaceId: account.keyspaces.email, key }];
  const { id } = valueOf(await createProfile(account.marketer, { sectionId, keys, attributes: {} }));
  await transaction((tx) =>
    changeConsents(
      tx,
      { sectionId, source: 'user', userId: account.admin.userId },
      sql`
        select ${id}::bigint as profile_id, topic_id, 'email'::text as channel, 'opt-in'::text as type, ''::text as reason,
          ''::text as source, ''::text as wording, ''::text as proof
        from unnest(${[news, offers]}::int[]) topic_id`,
    ),
  );
  return id;
}

const app = createApi({
  secret: 'test',
  callsPerSecond: 100,
  onError: (error) => {
    throw error;
  },
});

const linksOf = (of = number) =>
  recipientLinks({ sectionId, number: of, links: ADDRESSES.map((address) => ({ address })), settings });
const pathOf = (address: string) => new URL(address).pathname;

const call = async (
  path: string,
  { method = 'GET', body, agent = PERSON }: { method?: string; body?: string; agent?: string } = {},
) => {
  expect(isApiPath(path)).toBe(true);
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  const response = await app.request(path, { method, body, headers: { 'user-agent': agent, ...(body && type) } });
  return { status: response.status, headers: response.headers, text: await response.text() };
};

const recipient = (of = number) =>
  one<
    Record<'opens' | 'machineOpens' | 'clicks' | 'machineClicks', number> &
      Record<'openedAt' | 'clickedAt' | 'leftAt', Date | null>
  >(
    pool(),
    sql`
      select opens, machine_opens as "machineOpens", clicks, machine_clicks as "machineClicks", opened_at as "openedAt",
        clicked_at as "clickedAt", left_at as "leftAt"
      from recipient where section_id = ${sectionId} and number = ${of}`,
  );
const consents = (of = profileId) =>
  rows<{ topic: TopicId; type: string }>(
    pool(),
    sql`select topic_id as topic, type from consent where section_id = ${sectionId} and profile_id = ${of} order by topic_id`,
  );
const both = () => [
  { topic: news, type: 'opt-in' },
  { topic: offers, type: 'opt-in' },
];
const onlyOffers = () => [
  { topic: news, type: 'opt-out' },
  { topic: offers, type: 'opt-in' },
];

describe('a link', () => {
  it('leads where the message says, is counted as a person’s, and says that the mail was opened', async () => {
    const [first, second] = linksOf().links;
    const answer = await call(pathOf(first!));
    expect(answer.status).toBe(302);
    expect(answer.headers.get('location')).toBe(ADDRESSES[0]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect((await call(pathOf(second!))).headers.get('location')).toBe('https://xn--4cab6c.example/b');
    await answers.written();
    expect(await recipient()).toMatchObject({
      clicks: 2,
      machineClicks: 0,
      opens: 0,
      openedAt: expect.any(Date) as Date,
    });
    // Replayed, it leads there again.
    expect((await call(pathOf(first!))).status).toBe(302);
  });

  it('is answered by the server itself: known ones at once, others with a page', async () => {
    const server = createServer(apiHandler()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      const ask = (path: string, method = 'GET') =>
        fetch(`http://127.0.0.1:${port}${path}`, { method, redirect: 'manual', headers: { 'user-agent': PERSON } });
      const { links, open } = linksOf();
      const click = await ask(`${pathOf(links[0]!)}?fbclid=1`);
      expect([click.status, click.headers.get('location')]).toEqual([302, ADDRESSES[0]]);
      expect((await ask(pathOf(links[0]!), 'HEAD')).status).toBe(302);
      const picture = await ask(pathOf(open!));
      expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/gif']);
      expect((await picture.arrayBuffer()).byteLength).toBe(42);
      const unknown = await ask(`/c/${'A'.repeat(32)}`);
      expect([unknown.status, await unknown.text()]).toEqual([404, expect.stringContaining('does not work')]);
      expect((await ask(pathOf(links[0]!), 'POST')).status).toBe(404);
      await answers.written();
      expect(await recipient()).toMatchObject({ clicks: 1, machineClicks: 1, opens: 1 });
    } finally {
      server.close();
    }
  });

  it('leads nowhere else: not by a parameter, a changed token, another link’s number, or an address that is no web page', async () => {
    const path = pathOf(linksOf().links[0]!);
    const evil = 'https://evil.example';
    const led = await call(`${path}?url=${evil}&u=${evil}`);
    expect(led.headers.get('location')).toBe(ADDRESSES[0]);
    const bad = [
      path.slice(0, -1),
      `${path.slice(0, -1)}${path.endsWith('A') ? 'B' : 'A'}`,
      `/c/${evil}`,
      `/c/${messageToken('open', { sectionId, number, link: 0 })}`,
      `/c/${messageToken('click', { sectionId, number, link: 3 })}`,
      `/c/${messageToken('click', { sectionId, number, link: 99 })}`,
      `/c/${messageToken('click', { sectionId, number: 999_999_999, link: 0 })}`,
      `/c/${messageToken('click', { sectionId: 999_999 as SectionId, number, link: 0 })}`,
      `/c/${messageToken('click', { sectionId, number: null, link: 0 })}`,
    ];
    for (const each of bad) {
      const answer = await call(each);
      expect([each, answer.status, answer.headers.get('location')]).toEqual([each, 404, null]);
      expect(answer.text).toContain('This link does not work');
    }
    for (const junk of ["'", '/track', '%27']) expect((await call(path + junk)).status).toBe(302);
  });

  it('is counted 200 times at most, whoever replays it', async () => {
    for (let time = 0; time < 230; time++)
      answers.note({ sectionId, number, kind: 'clicked', link: 0, at: new Date(), agent: PERSON, head: false });
    await answers.written();
    expect(await recipient()).toMatchObject({ clicks: 200 });
  });
});

describe('a machine', () => {
  it('that GETs and HEADs every address of a mail changes no consent and counts as nobody', async () => {
    const { links, unsubscribe, preferences, view, open } = linksOf();
    for (const method of ['HEAD', 'GET']) {
      for (const address of [...links.slice(0, 3), unsubscribe, preferences, view, open!]) {
        expect((await call(pathOf(address), { method })).status).toBeLessThan(400);
      }
    }
    await answers.written();
    expect(await consents()).toEqual(both());
    expect(await recipient()).toMatchObject({ opens: 0, clicks: 0, openedAt: null, clickedAt: null, leftAt: null });
    expect(await recipient()).toMatchObject({ machineClicks: 6, machineOpens: 2 });
  });

  it('that fetches ahead what somebody may open counts as nobody', async () => {
    const ahead = { 'user-agent': PERSON, 'sec-purpose': 'prefetch;prerender' };
    expect((await app.request(pathOf(linksOf().links[0]!), { headers: ahead })).status).toBe(302);
    await answers.written();
    expect(await recipient()).toMatchObject({ clicks: 0, machineClicks: 1, openedAt: null });
  });

  it('is known by a burst, by what it calls itself, and by its haste; a person by none of these', async () => {
    const at = Date.parse('2026-11-20T10:00:00Z');
    const noted = (kind: 'clicked' | 'opened', link: number | null, seconds: number, agent = PERSON, head = false) =>
      answers.note({ sectionId, number, kind, link, at: new Date(at + seconds * 1_000), agent, head });
    await execute(
      pool(),
      sql`update recipient set ended_at = ${new Date(at)} where section_id = ${sectionId} and number = ${number}`,
    );
    noted('clicked', 0, 1);
    noted('clicked', 0, 100, SCANNER);
    noted('clicked', 0, 200, PERSON, true);
    noted('opened', null, 300, 'Mozilla/5.0');
    noted(
      'opened',
      null,
      400,
      'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)',
    );
    await answers.written();
    const why = () =>
      rows<{ why: string | null }>(
        pool(),
        sql`select why from recipient_event where section_id = ${sectionId} and number = ${number} order by at, id`,
      ).then((found) => found.map((each) => each.why));
    expect(await why()).toEqual(['at_once', 'agent', 'head', 'apple', null]);
    expect(await recipient()).toMatchObject({
      opens: 1,
      machineOpens: 1,
      clicks: 0,
      machineClicks: 3,
      clickedAt: null,
    });

    // Two links look like a person; the third within seconds shows that it was none, also for the first two.
    noted('clicked', 0, 500);
    noted('clicked', 1, 502);
    await answers.written();
    expect(await recipient()).toMatchObject({ clicks: 2 });
    noted('clicked', 2, 504);
    await answers.written();
    expect(await recipient()).toMatchObject({ clicks: 0, machineClicks: 6, clickedAt: null });

    // The rule can be run again over what came.
    await execute(
      pool(),
      sql`update recipient_event set machine = false, why = null where section_id = ${sectionId} and number = ${number} and why <> 'head'`,
    );
    await judge(pool(), sectionId, sql`${[number]}::bigint[]`, new Date());
    expect(await why()).toEqual(['at_once', 'agent', 'head', 'apple', null, 'burst', 'burst', 'burst']);
  });
});

describe('unsubscribing', () => {
  it('takes a press of the button, once or twice, ends only what the message was about, and can be taken back', async () => {
    const path = pathOf(linksOf().unsubscribe);
    const page = await call(path);
    expect(page.text).toContain('News &lt;b&gt;');
    expect(page.text).toMatch(/a•••@example\.com/);
    expect(page.text).not.toContain('<script');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await consents()).toEqual(both());

    const done = await call(path, { method: 'POST', body: 'leave=1' });
    expect(done.text).toContain('You are unsubscribed');
    expect(await consents()).toEqual(onlyOffers());
    expect(await recipient()).toMatchObject({ leftAt: expect.any(Date) as Date });
    expect((await call(path, { method: 'POST', body: 'leave=1' })).text).toContain('You are unsubscribed');
    expect((await call(path)).text).toContain('unsubscribed already');
    const noted = await one<{ source: string; wording: string; proof: string; times: number }>(
      pool(),
      sql`
        select max(given_source) as source, max(wording) as wording, max(proof) as proof, count(*) as times from consent_change
        where section_id = ${sectionId} and profile_id = ${profileId} and after = 'opt-out'`,
    );
    expect(noted).toEqual({
      source: 'message “Message”',
      wording: 'News <b>',
      proof: 'unsubscribed on the page',
      times: 1,
    });

    const form = /name="form" value="([\w-]+)"/.exec(done.text)![1]!;
    await call(path, { method: 'POST', body: `again=1&form=${'x'.repeat(form.length)}` });
    expect(await consents()).toEqual(onlyOffers());
    expect((await call(path, { method: 'POST', body: `again=1&form=${form}` })).text).toContain('subscribed again');
    expect(await consents()).toEqual(both());
    expect(await recipient()).toMatchObject({ leftAt: null });
    // What was sent once cannot be sent again later.
    await call(path, { method: 'POST', body: 'leave=1' });
    await call(path, { method: 'POST', body: `again=1&form=${form}` });
    expect(await consents()).toEqual(onlyOffers());
  });

  it.each([
    ['a form', 'List-Unsubscribe=One-Click', 'application/x-www-form-urlencoded'],
    [
      'parts',
      '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
      'multipart/form-data; boundary=x',
    ],
  ])('takes one click of a mail program, sent as %s: 200, no page, cookie or redirect', async (_as, body, type) => {
    const path = pathOf(linksOf().unsubscribe);
    const response = await app.request(path, { method: 'POST', body, headers: { 'content-type': type } });
    expect([response.status, await response.text(), response.headers.get('set-cookie')]).toEqual([200, '', null]);
    expect(await consents()).toEqual(onlyOffers());
  });

  it('on the preference page that the message led to is in its report too', async () => {
    const to = await call(pathOf(linksOf().preferences));
    expect(to.status).toBe(302);
    const location = to.headers.get('location')!;
    const page = await call(location);
    const field = (name: string) => new RegExp(`name="${name}" value="([\\w-]+)"`).exec(page.text)?.[1] ?? '';
    const body = `form=${field('form')}&from=${field('from')}&get=${offers}:email`;
    expect((await call(location.split('?')[0]!, { method: 'POST', body })).text).toContain('Saved');
    expect(await consents()).toEqual(onlyOffers());
    expect(await recipient()).toMatchObject({ leftAt: expect.any(Date) as Date });
  });

  it('is about the profile that remains after a merge, and about nobody after an erasure', async () => {
    const other = await person();
    const [path, view] = [pathOf(linksOf().unsubscribe), pathOf(linksOf().view)];
    valueOf(
      await mergeTwoProfiles(account.admin, {
        sectionId,
        into: other,
        from: profileId,
        take: [],
        seen: { into: new Date(), from: new Date() },
      }),
    );
    await call(path, { method: 'POST', body: 'leave=1' });
    expect(await consents(other)).toEqual(onlyOffers());

    valueOf(await eraseProfile(account.admin, { sectionId, profileId: other }));
    for (const each of [path, view])
      expect(await call(each)).toMatchObject({
        status: 200,
        text: expect.stringContaining('Nothing is stored about you') as string,
      });
    expect((await call(path, { method: 'POST', body: 'List-Unsubscribe=One-Click' })).status).toBe(200);
    expect((await call(pathOf(linksOf().links[0]!))).status).toBe(302);
    await answers.written();
    const { left } = await one<{ left: number }>(
      pool(),
      sql`select count(*) as left from recipient_event where section_id = ${sectionId} and number = ${number} and agent <> ''`,
    );
    expect(left).toBe(0);
  });

  it('from a test is about nobody, and says so; a token that is not ours does nothing', async () => {
    const made = recipientLinks({ sectionId, number: null, links: [], settings });
    for (const address of [made.unsubscribe, made.preferences, made.view]) {
      expect((await call(pathOf(address))).text).toContain('This was a test');
    }
    const forged = await call(`/u/${'A'.repeat(32)}`, { method: 'POST', body: 'List-Unsubscribe=One-Click' });
    expect(forged.status).toBe(404);
  });

  it('looks at a body only with a token of ours, and in no time whatever it says', async () => {
    const body = `List-Unsubscribe${'\n'.repeat(90_000)}`;
    expect((await call(`/u/${'A'.repeat(32)}`, { method: 'POST', body })).status).toBe(404);
    // A pattern that went back and forth would take minutes.
    expect((await call(pathOf(linksOf().unsubscribe), { method: 'POST', body })).status).toBe(200);
  });
});

it('shows the mail as a page, without script and unable to run any', async () => {
  const page = await call(pathOf(linksOf().view));
  expect(page.status).toBe(200);
  expect(page.text).toContain('Hello');
  expect(page.text).toContain(linksOf().unsubscribe);
  expect(page.text).not.toContain('/o/');
  expect(page.headers.get('content-security-policy')).toContain('sandbox');
});
