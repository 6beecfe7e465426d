// Pages as a browser requests them: the built application on the generated database, one request at a time.
import { noteUntagged } from '@/lib/tags/untagged';
import { spawnTagwell } from '@/testing/process';
import { SIGN_IN, type World } from './generate';
import { absolute, timed, type Line } from './measure';

const WARM_UP = 10;
const REQUESTS = 100;
const GOAL_MS = 200;

export async function measurePages(url: string, world: World): Promise<Line[]> {
  const server = await spawnTagwell({
    DATABASE_URL: url,
    TAGWELL_SECRET: 'the secret of the bench, 32 or more',
    TAGWELL_ROLE: 'web',
  });
  try {
    const cookie = await signIn(server.address);
    const measure = async (work: string, address: (number: number) => string) => {
      const ask = (number: number) => get(`${server.address}${address(number)}`, cookie);
      for (let number = 0; number < WARM_UP; number++) await ask(number);
      const times: number[] = [];
      for (let number = 0; number < REQUESTS; number++) times.push(await timed(() => ask(number)));
      return absolute(work, times, GOAL_MS);
    };
    // As the leading worker does every five minutes.
    await noteUntagged();
    const { slug, tagIds } = world.main;
    const two = (number: number) => [tagIds[number % 50]!, tagIds[(number * 7 + 3) % 50]!] as const;
    const profile = `${slug}/profiles/${world.busyProfileId}`;
    return [
      await measure('Tags page, 5,000 tags', () => `/${world.manyTags.slug}/tags`),
      await measure('a tag’s page', (number) => `/${slug}/tags/${tagIds[number % 50]!}`),
      await measure('what a tag goes together with', (number) => `/data/${slug}/tags/${tagIds[number % 50]!}/together`),
      await measure('its rows, all 5,000', () => `/data/${world.manyTags.slug}/tags/table`),
      await measure('profiles list, has two tags', (number) => `/${slug}/profiles?has=${two(number).join(',')}`),
      await measure(
        'profiles list, has one tag and not another',
        (number) => `/${slug}/profiles?has=${two(number)[0]}&not=${two(number)[1]}`,
      ),
      await measure('profiles list, no tag at all', () => `/${slug}/profiles?untagged=true`),
      await measure('360 view, 10,000 timeline items', () => `/${profile}`),
      await measure('its timeline, next page', () => `/data/${profile}/timeline`),
    ];
  } finally {
    await server.stop();
  }
}

export async function signIn(address: string): Promise<string> {
  const csrf = await fetch(`${address}/api/auth/csrf`);
  const { csrfToken } = (await csrf.json()) as { csrfToken: string };
  const cookies = csrf.headers.getSetCookie().map((cookie) => cookie.split(';')[0]!);
  const answer = await fetch(`${address}/api/auth/callback/credentials`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: cookies.join('; '), 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...SIGN_IN, csrfToken, json: 'true' }),
  });
  const session = answer.headers.getSetCookie().find((cookie) => cookie.includes('session-token'));
  if (!session) throw new Error(`Signing in failed: ${answer.status}`);
  return session.split(';')[0]!;
}

export async function get(address: string, cookie: string): Promise<void> {
  const answer = await fetch(address, { headers: { cookie }, redirect: 'manual' });
  await answer.arrayBuffer();
  if (answer.status !== 200) throw new Error(`${address} answered ${answer.status}`);
}
