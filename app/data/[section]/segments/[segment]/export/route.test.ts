// An export of a segment by a person is recorded in the audit log, once, when it starts.
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { UserActor } from '@/lib/access/actor';
import type { SectionId, SegmentId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { one, rows, sql } from '@/lib/db/sql';
import { hideTag } from '@/lib/tags/commands';
import { createTestAccount, createTestProfiles, createTestTag, type TestAccount } from '@/testing/fixtures';
import { hasTag, makeSegment, tagProfiles, valueOf } from '@/testing/segments';
import { GET } from './route';

const session = vi.hoisted(() => ({ viewer: undefined as UserActor | undefined }));
vi.mock('@/app/viewer', () => ({ findViewer: () => Promise.resolve(session.viewer) }));

let account: TestAccount;
let sectionId: SectionId;
let slug: string;
beforeAll(async () => {
  account = await createTestAccount();
  session.viewer = account.marketer;
  ({ sectionId } = account);
  ({ slug } = await one<{ slug: string }>(pool(), sql`select slug from section where id = ${sectionId}`));
});

const download = (segment: SegmentId | number, query = '') =>
  GET(new Request(`http://localhost/?${query}`), {
    params: Promise.resolve({ section: slug, segment: String(segment) }),
  });

const noted = () =>
  rows<object>(
    pool(),
    sql`select section_id as "sectionId", actor_name as "actorName", subject, summary, ip from audit_entry
        where account_id = ${account.accountId} and command = 'segments.export' order by id`,
  );

describe('the export of a segment', () => {
  it('is recorded once per download, and not if it is refused', async () => {
    const tagId = await createTestTag(sectionId, 'VIP');
    await tagProfiles(sectionId, await createTestProfiles(sectionId, 3), { apply: [tagId] });
    const segment = await makeSegment(account.marketer, sectionId, hasTag(tagId), 'VIPs');

    const answer = await download(segment, 'column=tags');
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('Tags\r\nVIP\r\nVIP\r\nVIP\r\n');
    const entry = {
      sectionId,
      actorName: 'Test user',
      subject: `segment:${segment}`,
      summary: 'Exported the segment “VIPs”',
      ip: '127.0.0.1',
    };
    expect(await noted()).toEqual([entry]);
    await (await download(segment)).text();
    expect(await noted()).toEqual([entry, entry]);

    expect((await download(segment, 'column=nonsense')).status).toBe(404);
    expect((await download(999_999)).status).toBe(404);
    valueOf(await hideTag(account.owner, { sectionId, tagId }));
    expect((await download(segment)).status).toBe(400);
    expect(await noted()).toHaveLength(2);
  });
});
