// The preference page of a person: what it shows, what its form changes, and what no request without its link may do.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import { changeConsents } from '@/lib/consents/change';
import { createTopic } from '@/lib/consents/topics';
import type { ProfileId, SectionId, TopicId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';
import { eraseProfile } from '@/lib/people/erase';
import { mergeTwoProfiles } from '@/lib/people/merge-two';
import { preferenceToken } from '@/lib/preferences/link';
import { createProfile } from '@/lib/profiles/commands';
import { getProfile } from '@/lib/profiles/queries';
import { createTestAccount, createTestSection, type TestAccount } from '@/testing/fixtures';
import { inOneMinute } from '@/testing/one-minute';
import { setTopicHidden } from '@/lib/used-in/topics';
import { createApi, isApiPath } from './app';

let account: TestAccount;
let sectionId: SectionId;
let news: TopicId;
let offers: TopicId;
let profileId: ProfileId;
let token: string;

const makeTopic = async (name: string, more: object = {}) =>
  valueOf(await createTopic(account.admin, { sectionId, name, ...more })).id;

beforeAll(async () => {
  account = await createTestAccount();
  sectionId = account.sectionId;
  [news, offers] = [
    await makeTopic('News', { folder: 'Sweden', description: 'Four a year' }),
    await makeTopic('<script>alert(1)</script> “Offers” & more', { description: '<img src=x onerror=alert(2)>' }),
  ];
});

beforeEach(async () => {
  profileId = await create();
  token = preferenceToken({ sectionId, profileId });
});

async function create(mobile?: string): Promise<ProfileId> {
  const email = `anna.${Math.random().toString(36).slice(2, 8)}@example.com`;
  const keys = [
    { keyspaceId: account.keyspaces.email, key: email },
    ...(mobile ? [{ keyspaceId: account.keyspaces.mobile, key: mobile }] : []),
  ];
  return valueOf(await createProfile(account.marketer, { sectionId, keys, attributes: {} })).id;
}

const api = () =>
  createApi({
    secret: 'test',
    callsPerSecond: 100,
    onError: (error) => {
      throw error;
    },
  });
let app = api();

const get = async (of = token, method = 'GET') => {
  const response = await app.request(`/p/${of}`, { method });
  return { status: response.status, headers: response.headers, text: await response.text() };
};
const formIn = (text: string) => /name="form" value="([\w-]+)"/.exec(text)?.[1] ?? '';

const post = async (
  fields: [string, string][],
  { of = token, headers }: { of?: string; headers?: Record<string, string> } = {},
) => {
  const response = await app.request(`/p/${of}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: String(new URLSearchParams(fields)),
  });
  return { status: response.status, text: await response.text() };
};

const consents = (of = profileId) =>
  rows<{ topic: TopicId; channel: string; type: string; source: string }>(
    pool(),
    sql`select topic_id as topic, channel, type, source from consent
        where section_id = ${sectionId} and profile_id = ${of} order by topic_id, channel`,
  );
const optIn = (topicId: TopicId, type = 'opt-in', channel = 'email') =>
  transaction((tx) =>
    changeConsents(
      tx,
      { sectionId, source: 'user', userId: account.admin.userId },
      sql`select ${profileId}::bigint as profile_id, ${topicId}::int as topic_id, ${channel}::text as channel,
          ${type}::text as type, '' as reason, '' as source, '' as wording, '' as proof`,
    ),
  );

describe('the page', () => {
  it('shows the topics by folder with the present state, and changes nothing', async () => {
    await optIn(news);
    const { status, headers, text } = await get();
    expect(status).toBe(200);
    expect(text).toContain('a•••@example.com');
    expect(text).toMatch(/<h2 dir="auto">Sweden<\/h2>/);
    expect(text).toMatch(new RegExp(`value="${news}:email"\\s+checked`));
    expect(text).not.toMatch(new RegExp(`value="${offers}:email"\\s+checked`));
    // Without a mobile number there is nothing to choose for SMS.
    expect(text).not.toContain(`${news}:sms`);
    expect(headers.get('set-cookie')).toBeNull();
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('same-origin');
    expect(headers.get('content-security-policy')).toMatch(
      /default-src 'none'.*form-action 'self'.*frame-ancestors 'none'/,
    );
    await get(token, 'HEAD');
    await get(`${token}?get=${offers}:email&form=x`);
    expect(await consents()).toMatchObject([{ topic: news, type: 'opt-in' }]);
  });

  it('writes names as text, whatever is in them, and loads nothing', async () => {
    const { text } = await get();
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(text).not.toMatch(/<script|<img|https?:|onerror=alert\(2\)>/);
    expect(text.replaceAll('&lt;img src=x onerror=alert(2)&gt;', '')).not.toContain('onerror');
  });

  it('has the logo of the section’s mails above, if it was uploaded here', async () => {
    const look = (source: string) =>
      execute(
        pool(),
        sql`
          insert into brand (section_id, look, footer, changed_at)
          values (${account.sectionId}, ${JSON.stringify({ logo: { source, alt: 'Shop “A”', width: 120, link: null } })}, '', now())
          on conflict (section_id) do update set look = excluded.look`,
      );
    const own = `/i/${account.sectionId}/00000000-0000-4000-8000-000000000000`;
    await look(own);
    expect((await get()).text).toContain(`<img class="logo" src="${own}" alt="Shop “A”" width="120"`);
    await look('https://elsewhere.example/logo.png');
    expect((await get()).text).not.toMatch(/<img|https?:/);
    await execute(pool(), sql`delete from brand where section_id = ${account.sectionId}`);
  });

  it('leaves hidden topics out, and shows SMS to people with a number', async () => {
    const hidden = await makeTopic('Old');
    valueOf(await setTopicHidden(account.admin, { sectionId, topicId: hidden, hidden: true }));
    const withMobile = await create('+46701112233');
    const { text } = await get(preferenceToken({ sectionId, profileId: withMobile }));
    expect(text).not.toContain(`"${hidden}:`);
    expect(text).toContain(`"${news}:sms"`);
    expect(text).toContain('•••2233');
  });
});

describe('its form', () => {
  it('opts in to what is ticked and out of what is not, with the words that were shown', async () => {
    await optIn(news, 'confirmed-opt-in');
    const { text } = await get();
    const saved = await post([
      ['form', formIn(text)],
      ['get', `${offers}:email`],
    ]);
    expect(saved).toMatchObject({ status: 200 });
    expect(saved.text).toContain('role="status"');
    expect(await consents()).toEqual([
      { topic: news, channel: 'email', type: 'opt-out', source: 'preference page' },
      { topic: offers, channel: 'email', type: 'opt-in', source: 'preference page' },
    ]);
    const [last] = await rows(
      pool(),
      sql`select wording, source, user_id from consent_change
          where section_id = ${sectionId} and profile_id = ${profileId} and topic_id = ${news} order by id desc limit 1`,
    );
    expect(last).toEqual({ wording: 'News\nFour a year', source: 30, user_id: null });
  });

  it('says nothing about what a person was never asked and does not tick', async () => {
    const { text } = await get();
    await post([['form', formIn(text)]]);
    expect(await consents()).toEqual([]);
  });

  it('ends everything with one button, and lets in again who asks for it', async () => {
    await optIn(news);
    const hidden = await makeTopic(`Hidden ${Math.random()}`);
    await optIn(hidden);
    valueOf(await setTopicHidden(account.admin, { sectionId, topicId: hidden, hidden: true }));
    const first = await post([
      ['form', formIn((await get()).text)],
      ['all', 'nothing'],
    ]);
    expect(first.text).toContain('nothing reaches you');
    expect((await consents()).map(({ topic, type }) => [topic, type])).toEqual([
      [news, 'opt-out'],
      [offers, 'opt-out'],
      [hidden, 'opt-out'],
    ]);
    const active = sql`
      select reason, evidence from suppression where section_id = ${sectionId} and lifted_at is null and address_key = (
        select key from profile_key where section_id = ${sectionId} and profile_id = ${profileId})`;
    expect(await rows(pool(), active)).toMatchObject([{ reason: 'manual' }]);
    await post([
      ['form', formIn(first.text)],
      ['get', `${news}:email`],
    ]);
    expect(await rows(pool(), active)).toEqual([]);
    expect(await consents()).toContainEqual(expect.objectContaining({ topic: news, type: 'opt-in' }));
  });

  it('does not lift what others have stopped', async () => {
    const address = await rows<{ key: string }>(
      pool(),
      sql`select key from profile_key where section_id = ${sectionId} and profile_id = ${profileId}`,
    );
    await rows(
      pool(),
      sql`insert into suppression (section_id, channel, address_key, reason, at)
          values (${sectionId}, 'email', ${address[0]!.key}, 'complaint', now()) returning id`,
    );
    const { text } = await get();
    expect(text).toContain('complained');
    const after = await post([
      ['form', formIn(text)],
      ['get', `${news}:email`],
    ]);
    expect(after.text).toContain('complained');
  });

  it('ignores topics of others and values that are none', async () => {
    const other = await createTestSection(account.accountId, `Other ${Math.random()}`);
    const foreign = valueOf(await createTopic(account.admin, { sectionId: other, name: 'Foreign' })).id;
    await post([
      ['form', formIn((await get()).text)],
      ['get', `${foreign}:email`],
      ['get', `${news}:fax`],
      ['get', '__proto__'],
    ]);
    expect(await consents()).toEqual([]);
  });
});

describe('what is refused', () => {
  it('a forged, cut, extended or other section’s token finds nothing', async () => {
    const other = await createTestSection(account.accountId, `Other ${Math.random()}`);
    const elsewhere = Buffer.from(token, 'base64url');
    elsewhere.writeUInt32BE(other, 1);
    const changed = Buffer.from(token, 'base64url');
    changed[12]! ^= 1;
    for (const forged of [
      elsewhere.toString('base64url'),
      changed.toString('base64url'),
      `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`,
    ]) {
      expect({ forged, status: (await get(forged)).status }).toEqual({ forged, status: 404 });
      expect((await post([['all', 'nothing']], { of: forged })).status).toBe(404);
    }
    expect([isApiPath(`/p/${token}`), isApiPath(`/p/${token}x`), isApiPath('/p/profiles'), isApiPath('/p')]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it('a form without its token, with that of another person, or from another site', async () => {
    await optIn(news);
    const other = await create();
    const theirs = formIn((await get(preferenceToken({ sectionId, profileId: other }))).text);
    for (const form of ['', 'x', theirs])
      expect(
        (
          await post([
            ['form', form],
            ['all', 'nothing'],
          ])
        ).status,
      ).toBe(409);
    const own = formIn((await get()).text);
    const crossSite = { headers: { 'sec-fetch-site': 'cross-site' } };
    expect(
      (
        await post(
          [
            ['form', own],
            ['all', 'nothing'],
          ],
          crossSite,
        )
      ).status,
    ).toBe(403);
    expect(await consents()).toMatchObject([{ topic: news, type: 'opt-in' }]);
  });

  it('what was sent before is not taken again once something has changed; the same twice is', async () => {
    const form = formIn((await get()).text);
    const fields: [string, string][] = [
      ['form', form],
      ['get', `${news}:email`],
    ];
    expect((await post(fields)).status).toBe(200);
    expect((await post(fields)).status).toBe(200);
    await optIn(news, 'opt-out');
    const replayed = await post(fields);
    expect(replayed.status).toBe(409);
    expect(replayed.text).toContain('role="alert"');
    expect(await consents()).toMatchObject([{ type: 'opt-out' }]);
  });

  it('more than so many a minute, by link', async () => {
    app = api();
    const statuses: number[] = [];
    await inOneMinute(async () => {
      for (let index = 0; index < 40; index++) statuses.push((await get()).status);
    });
    expect(statuses.slice(0, 30)).toEqual(Array(30).fill(200));
    expect(statuses.at(-1)).toBe(429);
    app = api();
  });
});

describe('a link', () => {
  it('holds after a change of the secret, as long as the former one is known', async () => {
    const { NEXTAUTH_SECRET: secret } = process.env;
    try {
      process.env.NEXTAUTH_SECRET = 'the first secret of this installation';
      const first = preferenceToken({ sectionId, profileId });
      process.env.NEXTAUTH_SECRET = 'the second secret of this installation';
      expect((await get(first)).status).toBe(404);
      process.env.TAGWELL_FORMER_SECRETS =
        'an even older one of this installation, the first secret of this installation';
      expect((await get(first)).status).toBe(200);
    } finally {
      process.env.NEXTAUTH_SECRET = secret;
      delete process.env.TAGWELL_FORMER_SECRETS;
    }
  });

  it('follows a merge, and says done when the person is erased', async () => {
    await optIn(news);
    const into = await create();
    const seen = {
      into: (await getProfile(pool(), sectionId, into))!.updatedAt,
      from: (await getProfile(pool(), sectionId, profileId))!.updatedAt,
    };
    valueOf(await mergeTwoProfiles(account.marketer, { sectionId, into, from: profileId, take: [], seen }));
    await post([
      ['form', formIn((await get()).text)],
      ['get', `${offers}:email`],
    ]);
    const kept = (await getProfile(pool(), sectionId, into)) ? into : profileId;
    expect(await consents(kept)).toMatchObject([
      { topic: news, type: 'opt-out' },
      { topic: offers, type: 'opt-in' },
    ]);
    valueOf(await eraseProfile(account.marketer, { sectionId, profileId: kept }));
    const done = await get();
    expect(done).toMatchObject({ status: 200 });
    expect(done.text).toContain('Nothing is stored about you');
    expect((await post([['all', 'nothing']])).text).toContain('Nothing is stored about you');
  });
});
