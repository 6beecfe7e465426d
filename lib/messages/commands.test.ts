// Drafts: who may write what, two people at once, copies, and bringing back what was deleted.
import { beforeAll, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import { NOT_CHOSEN } from '@/lib/audience/schema';
import { createTopic, deleteTopic } from '@/lib/consents/topics';
import type { MessageId, SegmentId, TagId, TopicId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';
import { addMailbox } from '@/lib/sending/commands';
import { createTag } from '@/lib/tags/commands';
import { deleteSegment } from '@/lib/used-in/commands';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { hasTag, makeSegment } from '@/testing/segments';
import { createMessage, deleteMessage, duplicateMessage, saveMessage } from './commands';
import { readMessage, readMessageCounts, readMessages } from './reads';

let account: TestAccount;
let where: { sectionId: TestAccount['sectionId'] };
let topicId: TopicId;

beforeAll(async () => {
  account = await createTestAccount();
  where = { sectionId: account.sectionId };
  topicId = valueOf(await createTopic(account.admin, { ...where, name: 'News' })).id;
  valueOf(await addMailbox(account.admin, where));
});

const make = async (name: string) => valueOf(await createMessage(account.marketer, { ...where, name })).id;
const read = async (messageId: MessageId) => valueOf(await readMessage(account.marketer, { ...where, messageId }));
const tag = async (name: string): Promise<TagId> => valueOf(await createTag(account.admin, { ...where, name })).id;

/** Saves a draft as it is, with changes. */
async function save(messageId: MessageId, changes: object, as = account.marketer) {
  const { name, kind, topicIds, senderId, content, audience, settings, changedAt } = await read(messageId);
  const draft = { name, kind, topicIds, senderId, content, audience, settings, seen: changedAt.toISOString() };
  return saveMessage(as, { ...where, messageId, ...draft, ...changes });
}

const usesOf = (messageId: MessageId) =>
  rows<{ kind: string; id: number }>(
    pool(),
    sql`
      select used_kind as kind, used_id as id from use
      where section_id = ${account.sectionId} and user_kind = 'message' and user_id = ${messageId}
      order by used_kind, used_id`,
  );

describe('a draft', () => {
  it('begins with the only sender and the only topic, for everyone', async () => {
    const id = await make('Spring');
    expect(await read(id)).toMatchObject({
      name: 'Spring',
      topicIds: [topicId],
      senderId: expect.any(Number) as number,
      audience: NOT_CHOSEN,
      isDraft: true,
      send: null,
      attention: [],
    });
    expect(await createMessage(account.marketer, { ...where, name: ' spring ' })).toMatchObject({
      refusal: { code: 'name_taken' },
    });
  });

  it('is saved whole, and refuses to overwrite what somebody else has saved since', async () => {
    const id = await make('Summer');
    const seen = (await read(id)).changedAt.toISOString();
    const vip = await tag('VIP of Summer');
    const document = {
      subject: [{ type: 'text', text: 'Hello' }],
      blocks: [{ id: 'a', kind: 'divider', onlyFor: { tagId: vip, has: true } }],
    };
    const audience = {
      include: [
        { kind: 'tag', id: vip },
        { kind: 'tag', id: vip },
      ],
    };
    valueOf(await save(id, { content: { channel: 'email', document }, audience }));
    expect(await read(id)).toMatchObject({ audience: { include: [{ kind: 'tag', id: vip }] } });
    expect(await usesOf(id)).toEqual([
      { kind: 'tag', id: vip },
      { kind: 'topic', id: topicId },
    ]);
    expect(await save(id, { seen }, account.admin)).toMatchObject({ refusal: { code: 'conflict' } });
    expect(await save(id, { content: { channel: 'sms', text: 'Hi' } })).toMatchObject({ refusal: { code: 'invalid' } });
    expect(await save(id, { topicIds: [999_999] })).toMatchObject({ refusal: { field: 'topicIds' } });
    expect(await save(id, { senderId: 999_999 })).toMatchObject({ refusal: { field: 'senderId' } });
    expect(await save(id, { audience: { include: [{ kind: 'tag', id: 999_999 }] } })).toMatchObject({
      refusal: { field: 'audience' },
    });
  });

  it('of kind service is for Admins', async () => {
    const id = await make('Receipt');
    expect(await save(id, { kind: 'service' })).toMatchObject({ refusal: { code: 'not_allowed', field: 'kind' } });
    valueOf(await save(id, { kind: 'service' }, account.admin));
    // Who finds it so may go on writing, and copies an ordinary one.
    valueOf(await save(id, { name: 'The receipt' }));
    const copy = valueOf(await duplicateMessage(account.marketer, { ...where, messageId: id }));
    expect(await read(copy.id)).toMatchObject({ name: 'The receipt (copy)', kind: 'marketing' });
    const again = valueOf(await duplicateMessage(account.marketer, { ...where, messageId: copy.id }));
    expect(again.name).toBe('The receipt (copy 2)');
  });

  it('keeps its topic from being deleted, needs attention when its tag is hidden, and lets go of both when it is deleted', async () => {
    const other = valueOf(await createTopic(account.admin, { ...where, name: 'Offers' })).id;
    const vip = await tag('VIP of Autumn');
    const segmentId: SegmentId = await makeSegment(account.admin, account.sectionId, hasTag(vip), 'Fans of Autumn');
    const id = await make('Autumn');
    const include = [{ kind: 'segment', id: segmentId }];
    valueOf(await save(id, { topicIds: [other], audience: { include } }));
    expect(await deleteTopic(account.admin, { ...where, topicId: other })).toMatchObject({
      refusal: { code: 'in_use' },
    });
    expect(await deleteSegment(account.admin, { ...where, segmentId })).toMatchObject({ refusal: { code: 'in_use' } });
    await execute(
      pool(),
      sql`update tag set hidden_at = ${new Date()} where section_id = ${account.sectionId} and id = ${vip}`,
    );
    expect((await read(id)).attention).toEqual([expect.stringContaining('Fans of Autumn')]);

    valueOf(await deleteMessage(account.marketer, { ...where, messageId: id }));
    expect(await readMessage(account.marketer, { ...where, messageId: id })).toMatchObject({ ok: false });
    valueOf(await deleteSegment(account.admin, { ...where, segmentId }));
    valueOf(await deleteMessage(account.marketer, { ...where, messageId: id, deleted: false }));
    expect(await usesOf(id)).toEqual([{ kind: 'topic', id: other }]);
    expect(await read(id)).toMatchObject({ audience: { include } });
  });
});

describe('the list', () => {
  it('is read by the page, with words of the name, and never those of others', async () => {
    const stranger = await createTestAccount();
    for (const name of ['One of many', 'Two of many', 'Three of many']) await make(name);
    const page = (more: object) => readMessages(account.marketer, { ...where, search: 'MANY of', ...more });
    const first = valueOf(await page({ limit: 2 }));
    expect(first.map(({ name }) => name)).toEqual(['Three of many', 'Two of many']);
    const before = { at: first[1]!.changedAt, id: first[1]!.id };
    expect(valueOf(await page({ limit: 2, before })).map(({ name }) => name)).toEqual(['One of many']);
    expect(valueOf(await page({ filter: 'sent' }))).toEqual([]);
    const counts = valueOf(await readMessageCounts(account.marketer, where));
    expect(counts).toMatchObject({ open: 0, sent: 0, drafts: counts.all });
    expect(await readMessages(stranger.marketer, where)).toMatchObject({ refusal: { code: 'not_found' } });
  });
});
