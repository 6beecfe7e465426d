// Read routes for unusual input.
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { readRoute } from './read-route';
import { GET as findProfiles } from '@/app/data/[section]/profiles/find/route';
import { GET as readTags } from '@/app/data/[section]/tags/route';
import type { UserActor } from '@/lib/access/actor';
import { DISK_FULL, NOT_RESPONDING } from '@/lib/db/condition';
import { UNSTORABLE } from '@/lib/access/refusal';
import type { SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
import { createTestAccount, createTestTag } from '@/testing/fixtures';

const session = vi.hoisted(() => ({ viewer: undefined as UserActor | undefined }));
vi.mock('./viewer', () => ({ findViewer: () => Promise.resolve(session.viewer) }));

let sectionId: SectionId;
let slug: string;
beforeAll(async () => {
  const account = await createTestAccount();
  session.viewer = account.marketer;
  ({ sectionId } = account);
  ({ slug } = await one<{ slug: string }>(pool(), sql`select slug from section where id = ${sectionId}`));
});

type Route = typeof readTags;
const ask = (route: Route, query: string) =>
  route(new Request(`http://localhost/?${query}`), { params: Promise.resolve({ section: slug }) });

describe('a read route', () => {
  it('answers a query', async () => {
    const id = await createTestTag(sectionId, 'VIP');
    const answer = await ask(readTags, '');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ tags: [{ id, name: 'VIP' }], total: 1 });
  });

  it.each([
    ['the name of a tag', readTags, 'name=%00'],
    ['a search for profiles', findProfiles, 'q=a%00b'],
  ])('refuses text with a NUL in it: %s', async (_what, route, query) => {
    const answer = await ask(route, query);
    expect([answer.status, await answer.json()]).toEqual([400, { message: UNSTORABLE }]);
  });

  it('refuses HEAD, which would keep a download open', async () => {
    const request = new Request('http://localhost/', { method: 'HEAD' });
    const answer = await readTags(request, { params: Promise.resolve({ section: slug }) });
    expect(answer.status).toBe(405);
  });
});

describe('a read route while the database is unavailable', () => {
  const failing = (error: Error) =>
    readRoute(() => Promise.reject(error))(new Request('http://localhost/'), {
      params: Promise.resolve({ section: slug }),
    });

  it.each([
    ['the disk is full', Object.assign(new Error('could not extend file'), { code: '53100' }), DISK_FULL],
    ['it was restarted', new Error('Client has encountered a connection error and is not queryable'), NOT_RESPONDING],
    ['it is gone', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), NOT_RESPONDING],
  ])('says so: %s', async (_what, error, words) => {
    const answer = await failing(error);
    expect([answer.status, await answer.json()]).toEqual([503, { message: words }]);
  });

  it('does not hide other errors', async () => {
    await expect(failing(new Error('a bug'))).rejects.toThrow('a bug');
  });
});
