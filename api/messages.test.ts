// Messages as clients read them, over HTTP, against the real process.
import { beforeAll, describe, expect, it } from 'vitest';
import { EVERYONE } from '@/lib/audience/schema';
import { recipientPage } from '@/lib/clients/messages';
import type { MessageId, ProfileId, SendId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql, type Sql } from '@/lib/db/sql';
import { hideTag } from '@/lib/tags/commands';
import { account, CRM, EMAIL, json, makeKey, section, tokenOf, withApi } from '@/testing/api';
import { deny, makePerson } from '@/testing/api-people';
import { createTestAccount, createTestTag } from '@/testing/fixtures';
import { makeRecipient, makeSend } from '@/testing/messages';
import { tagProfiles, valueOf } from '@/testing/segments';
import { TestSending } from '@/testing/sends';

withApi();

let sending: TestSending;
beforeAll(async () => {
  sending = await TestSending.open(account, null);
});

const messages = () => `/audience/sections/${section}/messages`;
const messageOf = async (sendId: SendId) =>
  (
    await one<{ id: MessageId }>(
      pool(),
      sql`select message_id as id from send where section_id = ${account.sectionId} and id = ${sendId}`,
    )
  ).id;
const recipients = (messageId: MessageId, sendId: SendId, keyspace = EMAIL) =>
  `/audience/keyspaces/${keyspace}/sections/${section}/messages/${messageId}/sends/${sendId}/recipients`;

type Page = { items: Record<string, unknown>[]; next: string | null };

it('the list is read in pages, by what has become of messages, and by name', async () => {
  const draft = await sending.message();
  await sending.people(2);
  const scheduled = await sending.message();
  await sending.schedule(scheduled);
  const sent = await messageOf(await makeSend(account, { name: 'Sent long ago', topicIds: [sending.topicId] }));
  const ids = async (query: string) =>
    (await json<Page>(`${messages()}${query}`)).items.map(({ message_id: id }) => Number(id));
  expect(await ids('?show=drafts')).toEqual([draft]);
  expect(await ids('?show=open')).toEqual([scheduled]);
  expect(await ids('?show=sent')).toEqual([sent]);
  expect(await ids('?name=long%20sent')).toEqual([sent]);
  const seen: number[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: Page = await json(`${messages()}?limit=1${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    seen.push(...page.items.map(({ message_id: id }) => Number(id)));
    cursor = page.next;
  }
  expect(seen.toSorted()).toEqual([draft, scheduled, sent].toSorted());
  await json(`${messages()}?cursor=x`, 400);
  // Of nothing that was ever there, or will be.
  await json(`${messages()}?cursor=2026-01-01T00:00:00.000Z~999999999999999`);
  await json(`${messages()}?cursor=2026-99-99T00:00:00.000Z~1`, 400);
  expect(await json(`${messages()}/${scheduled}`)).toMatchObject({
    status: 'scheduled',
    kind: 'marketing',
    subject: 'Hello',
    channel_discriminator: 'com.apsis1.channels.email',
    topics: [expect.stringMatching(/topic/) as string],
    needs_attention: false,
    values: null,
  });
  await json(`${messages()}/2147483647`, 404);
  await json(`${messages()}/nothing`, 404);
});

describe('of a message that was sent', () => {
  let messageId: MessageId;
  let sendId: SendId;
  const people: ProfileId[] = [];

  beforeAll(async () => {
    sendId = await makeSend(account, { topicIds: [sending.topicId], links: ['https://example.org/a'] });
    messageId = await messageOf(sendId);
    people.push(...(await sending.people(5)), await makePerson({ email: 'keyed@example.com', crm_id: 'C-77' }));
    const states = ['sent', 'sent', 'refused', 'skipped', 'unknown', 'sent'];
    for (const [index, id] of people.entries()) {
      const why = { refused: 'address', skipped: 'noConsent' }[states[index]!] ?? null;
      await makeRecipient(account.sectionId, sendId, id, { state: states[index]!, why });
    }
    await execute(
      pool(),
      sql`
        update recipient set opened_at = ${new Date()}, clicked_at = ${new Date()}, answer = '250 taken'
        where section_id = ${account.sectionId} and send_id = ${sendId} and profile_id = ${people[0]}`,
    );
  });

  it('sends have their recipients by state and reason', async () => {
    expect(await json(`${messages()}/${messageId}/sends`)).toMatchObject({
      items: [
        {
          send_id: String(sendId),
          status: 'done',
          recipients: { sent: 3, refused: 1, skipped: 1, unknown: 1, waiting: 0, bounced: 0, failed: 0, cancelled: 0 },
          reasons: [
            { state: 'refused', reason: 'address', recipients: 1 },
            { state: 'skipped', reason: 'noConsent', recipients: 1 },
          ],
        },
      ],
    });
  });

  it('the report is by state, reason, link, provider and hour', async () => {
    expect(await json(`${messages()}/${messageId}/report`)).toMatchObject({
      recipients: { sent: 3, refused: 1 },
      reasons: expect.arrayContaining([{ state: 'refused', reason: 'address', recipients: 1 }]) as unknown[],
      opened: 1,
      clicked: 1,
      unsubscribed: 0,
      links: [{ place: 'Link 1', url: 'https://example.org/a', people: 0, clicks: 0, clicks_of_machines: 0 }],
      providers: [{ provider: 'All others', sent: 3, refused: 1, bounced: 0, opened: 1, clicked: 1 }],
      hours: [{ hour: 1, opened: 1, clicked: 1, unsubscribed: 0 }],
    });
  });

  it('recipients are read in pages, each once, by state', async () => {
    const seen: unknown[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Page = await json(
        `${recipients(messageId, sendId)}?limit=2${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      seen.push(...page.items.map(({ profile_key: key }) => key));
      cursor = page.next;
    }
    expect(new Set(seen).size).toBe(6);
    expect(seen).toHaveLength(6);
    const { items } = await json<Page>(`${recipients(messageId, sendId)}?state=refused`);
    expect(items).toMatchObject([{ state: 'refused', reason: 'address' }]);
    expect((await json<Page>(`${recipients(messageId, sendId)}?state=failed`)).items).toEqual([]);
    expect(await json(`${recipients(messageId, sendId)}?state=waiting`)).toEqual({ items: [], next: null });
    await json(`${recipients(messageId, sendId)}?state=claimed`, 400);
    // Those without a key in the keyspace are left out.
    const byCrm = await json<Page>(recipients(messageId, sendId, CRM));
    expect(byCrm.items).toMatchObject([{ profile_key: 'C-77', address: 'keyed@example.com' }]);
  });

  it('a key sees addresses only if it may use their keyspace, and only messages of its sections', async () => {
    const crmOnly = await tokenOf(await makeKey({ keyspaces: [account.keyspaces.crm_id] }));
    const { items } = await json<Page>(recipients(messageId, sendId, CRM), 200, { as: crmOnly });
    expect(items).toMatchObject([{ profile_key: 'C-77', address: null, answer: null }]);
    await json(recipients(messageId, sendId), 404, { as: crmOnly });
    const as = await tokenOf(await makeKey({}, await createTestAccount()));
    for (const path of [messages(), `${messages()}/${messageId}`, `${messages()}/${messageId}/sends`]) {
      await json(path, 404, { as });
    }
    const reader = await tokenOf(await makeKey({ canWrite: false }));
    await json(`${messages()}/${messageId}/report`, 200, { as: reader });
    const other = await sending.message();
    await json(recipients(other, sendId), 404);
  });

  it('who was chosen by a tag is told only where the tag may be read', async () => {
    const tagId = await createTestTag(account.sectionId, 'Chosen by');
    await tagProfiles(account.sectionId, people.slice(0, 1), { apply: [tagId] });
    const chosen = await makeSend(account, { name: 'By tag', topicIds: [sending.topicId] });
    const id = await messageOf(chosen);
    await makeRecipient(account.sectionId, chosen, people[0]!);
    const setAudience = (audience: object) =>
      execute(
        pool(),
        sql`update send set audience = ${JSON.stringify({ ...EVERYONE, ...audience })}
            where section_id = ${account.sectionId} and id = ${chosen}`,
      );
    await setAudience({ include: [{ kind: 'tag', id: tagId }] });
    await json(recipients(id, chosen), 200);
    await deny(tagId, { read: true, write: false }, [account.keyspaces.email]);
    const { detail } = await json<{ detail: string }>(recipients(id, chosen), 403);
    expect(detail).toContain('The message “By tag” uses the tag “Chosen by”');
    await json(recipients(id, chosen, CRM), 200);
    for (const part of ['sends', 'report']) await json(`${messages()}/${id}/${part}`, 403);
    // Also through a message that went to those who got this one.
    const further = await makeSend(account, { name: 'Further', topicIds: [sending.topicId] });
    await execute(
      pool(),
      sql`update send set audience = ${JSON.stringify({ ...EVERYONE, include: [{ kind: 'message', id }] })}
          where section_id = ${account.sectionId} and id = ${further}`,
    );
    await json(recipients(await messageOf(further), further), 403);
    // Messages to everybody tell nothing.
    await json(recipients(messageId, sendId), 200);
    valueOf(await hideTag(account.admin, { sectionId: account.sectionId, tagId }));
    const hidden = await json<{ detail: string }>(recipients(id, chosen), 409);
    expect(hidden.detail).not.toContain('Chosen by');
  });

  it('each page is read from an index in its order, whatever the state', async () => {
    const { sectionId } = account;
    const many = await makeSend(account, { name: 'Many', topicIds: [sending.topicId] });
    await execute(
      pool(),
      sql`
        insert into recipient (section_id, send_id, profile_id, state, address_key)
        select ${sectionId}::int, ${many}::int, 1000000 + n, case when n % 2000 = 0 then 'refused' else 'sent' end, n::text
        from generate_series(1, 20000) n`,
    );
    await execute(pool(), sql`analyze recipient`);
    for (const state of [undefined, 'sent', 'bounced', 'refused', 'unknown', 'failed'] as const) {
      const page = { sendId: many, state, after: { profileId: 1_015_000, occurrence: 0 }, limit: 100 };
      const { plan, read } = await planOf(recipientPage(sectionId, page));
      expect({ state, plan }).toEqual({ state, plan: expect.not.stringMatching(/Seq Scan|Sort/) as string });
      expect({ state, isFew: read <= 400 }).toEqual({ state, isFew: true });
    }
  });
});

/** The plan of a statement, and how many rows it has looked at. */
async function planOf(statement: Sql): Promise<{ plan: string; read: number }> {
  const lines = await rows<{ 'QUERY PLAN': string }>(
    pool(),
    sql`explain (analyze, costs off, timing off) ${statement}`,
  );
  const plan = lines.map((line) => line['QUERY PLAN']).join('\n');
  const numbers = [...plan.matchAll(/rows=(\d+)|Rows Removed by Filter: (\d+)/g)].map(([, one, other]) =>
    Number(one ?? other),
  );
  return { plan, read: numbers.reduce((sum, each) => sum + each, 0) };
}
