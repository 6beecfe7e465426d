// Test groups: who may be in them, who of them gets a test, and what it says to each.
import { beforeEach, expect, it } from 'vitest';
import type { AttributeId, ProfileId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { eraseProfile } from '@/lib/people/erase';
import { mergeTwoProfiles } from '@/lib/people/merge-two';
import { NO_SETTINGS } from '@/lib/sending/schema';
import { addSuppressions } from '@/lib/suppression/commands';
import { createTestAccount, createTestProfiles, type TestAccount } from '@/testing/fixtures';
import { valueOf } from '@/testing/segments';
import { HELLO, TestSending } from '@/testing/sends';
import { setApprovalRule } from './approval';
import { deleteTestGroup, readTestGroups, saveTestGroup } from './test-groups';
import { createMessage } from './commands';
import { sendTest } from './test-mail';
import { sendSmsTest } from './test-sms';

let account: TestAccount;
let sending: TestSending;

beforeEach(async () => {
  process.env.TAGWELL_URL = 'https://tagwell.example.org';
  account = await createTestAccount();
  sending = await TestSending.open(account, null);
});

const save = (members: readonly number[], more: object = {}) =>
  saveTestGroup(account.marketer, { sectionId: sending.sectionId, groupId: null, name: 'Team', members, ...more });
const groups = async () => valueOf(await readTestGroups(account.marketer, { sectionId: sending.sectionId }));

const keyOf = async (id: ProfileId) =>
  (
    await one<{ key: string }>(
      pool(),
      sql`select key from profile_key where section_id = ${sending.sectionId} and profile_id = ${id}`,
    )
  ).key;

const emailOf = async (id: ProfileId) =>
  (
    await one<{ key: string }>(
      pool(),
      sql`
        select key from profile_key
        where section_id = ${sending.sectionId} and profile_id = ${id} and keyspace_id = ${account.keyspaces.email}`,
    )
  ).key;

it('is made, changed and deleted by whoever writes messages, with people of the section', async () => {
  const [one1, two] = (await sending.people(2)) as [ProfileId, ProfileId];
  const { id } = valueOf(await save([one1, one1, two]));
  expect(await groups()).toMatchObject([{ id, name: 'Team', members: [{ id: one1 }, { id: two }] }]);
  expect(await save([one1], { name: ' team' })).toMatchObject({ refusal: { code: 'name_taken' } });
  expect(await save([], { name: 'Empty' })).toMatchObject({ refusal: { code: 'invalid' } });
  expect(await save([999_999_999], { name: 'Nobody' })).toMatchObject({ refusal: { field: 'members' } });
  const many = await createTestProfiles(sending.sectionId, 21);
  expect(await save(many, { name: 'Many' })).toMatchObject({
    refusal: { message: 'A test group has at most 20 people.' },
  });
  valueOf(await save([two], { groupId: id, name: 'Two' }));
  expect(await groups()).toMatchObject([{ name: 'Two', members: [{ id: two }] }]);
  const stranger = await createTestAccount();
  const input = { sectionId: sending.sectionId, groupId: id };
  expect(await deleteTestGroup(stranger.marketer, input)).toMatchObject({ refusal: { code: 'not_found' } });
  valueOf(await deleteTestGroup(account.marketer, input));
  expect(await groups()).toEqual([]);
  expect(await save([two], { groupId: id })).toMatchObject({ refusal: { code: 'not_found' } });
});

it('each member gets it written for them; who has not agreed gets none, unless they work here', async () => {
  const [agreed, not, suppressed, colleague] = (await sending.people(4)) as [
    ProfileId,
    ProfileId,
    ProfileId,
    ProfileId,
  ];
  const [addressless] = (await createTestProfiles(sending.sectionId, 1)) as [ProfileId];
  await sending.consent([not, colleague], 'opt-out');
  await execute(
    pool(),
    sql`
      update profile_key set key = ${account.admin.email}
      where section_id = ${sending.sectionId} and profile_id = ${colleague}`,
  );
  const reasons = { channel: 'email', addresses: [await keyOf(suppressed)], reason: 'manual' };
  valueOf(await addSuppressions(account.admin, { sectionId: sending.sectionId, groups: [reasons] }));
  await execute(
    pool(),
    sql`
      update profile set attributes = ('{"firstname": "Person ' || id || '"}')::jsonb
      where section_id = ${sending.sectionId}`,
  );
  const { attributeId } = await one<{ attributeId: AttributeId }>(
    pool(),
    sql`select id as "attributeId" from attribute where section_id = ${sending.sectionId} and code = 'firstname'`,
  );
  const subject = [{ type: 'variable' as const, attributeId, fallback: 'you' }];
  const messageId = await sending.message({ document: { ...HELLO, subject } });
  const { id: groupId } = valueOf(await save([agreed, not, suppressed, colleague, addressless]));
  const test = { sectionId: sending.sectionId, messageId, groupId };
  const { outcomes, leftOut } = valueOf(await sendTest(account.marketer, test));
  expect(outcomes.map(({ to }) => to).sort()).toEqual([account.admin.email, await keyOf(agreed)].sort());
  expect(leftOut.map(({ id, why }) => [id, why])).toEqual(
    [[not, 'noConsent'] as const, [suppressed, 'suppressed'] as const, [addressless, 'noAddress'] as const].toSorted(
      ([one1], [two]) => one1 - two,
    ),
  );
  const caught = await rows<{ subject: string }>(
    pool(),
    sql`select subject from caught_mail where section_id = ${sending.sectionId}`,
  );
  expect(caught.map((mail) => mail.subject).sort()).toEqual([`Person ${agreed}`, `Person ${colleague}`].sort());
  expect(await sendTest(account.marketer, { sectionId: sending.sectionId, messageId })).toMatchObject({
    refusal: { field: 'to' },
  });
  expect(await sendTest(account.marketer, { ...test, groupId: 999_999 })).toMatchObject({
    refusal: { field: 'groupId' },
  });
});

it('members who are merged or erased', async () => {
  const [stays, goes, erased] = (await sending.people(3)) as [ProfileId, ProfileId, ProfileId];
  valueOf(await save([goes, erased]));
  valueOf(await eraseProfile(account.admin, { sectionId: sending.sectionId, profileId: erased }));
  const at = async (id: ProfileId) =>
    (
      await one<{ at: Date }>(
        pool(),
        sql`select updated_at as at from profile where section_id = ${sending.sectionId} and id = ${id}`,
      )
    ).at;
  const seen = { into: await at(stays), from: await at(goes) };
  valueOf(
    await mergeTwoProfiles(account.admin, { sectionId: sending.sectionId, into: stays, from: goes, take: [], seen }),
  );
  expect(await groups()).toMatchObject([{ members: [{ id: stays }] }]);
});

it('where messages need approval, reaches customers only if an Admin has saved the group', async () => {
  const { sectionId } = sending;
  const [customer, colleague] = (await sending.people(2)) as [ProfileId, ProfileId];
  await execute(
    pool(),
    sql`
      update app_user set email = ${await keyOf(colleague)}
      where account_id = ${account.accountId} and role = 'user'`,
  );
  const { id: groupId } = valueOf(await save([customer, colleague]));
  const messageId = await sending.message();
  const test = async () => valueOf(await sendTest(account.marketer, { sectionId, messageId, groupId }));
  expect((await test()).outcomes).toHaveLength(2);
  valueOf(await setApprovalRule(account.admin, { sectionId, approval: 'anyone' }));
  const limited = await test();
  expect(limited.outcomes.map(({ to }) => to)).toEqual([await keyOf(colleague)]);
  expect(limited.leftOut).toMatchObject([{ id: customer, why: 'approval' }]);
  const group = { sectionId, groupId, name: 'Team', members: [customer, colleague] };
  valueOf(await saveTestGroup(account.admin, group));
  expect((await test()).leftOut).toEqual([]);
  // Whoever changes it afterwards takes it back.
  valueOf(await saveTestGroup(account.marketer, group));
  expect((await test()).leftOut).toMatchObject([{ id: customer, why: 'approval' }]);
});

it('where messages need approval, an SMS goes to a number that is typed only if a colleague has it', async () => {
  const { sectionId } = sending;
  const { id: senderId } = await one<{ id: number }>(
    pool(),
    sql`
      insert into sender (section_id, kind, name, from_address, from_name, settings)
      values (${sectionId}, 'mailbox', 'Mailbox of SMS', 'news@example.org', 'Fjord', ${JSON.stringify(NO_SETTINGS)}) returning id`,
  );
  const { id: messageId } = valueOf(await createMessage(account.marketer, { sectionId, name: 'SMS', channel: 'sms' }));
  await execute(
    pool(),
    sql`
      update message set content = '{"channel":"sms","text":[{"type":"text","text":"Hello"}]}', sender_id = ${senderId}
      where section_id = ${sectionId} and id = ${messageId}`,
  );
  const test = (to: string) => sendSmsTest(account.marketer, { sectionId, messageId, to: [to] });
  valueOf(await test('+46701234567'));
  valueOf(await setApprovalRule(account.admin, { sectionId, approval: 'admins' }));
  const refused = { refusal: { field: 'to.0', message: expect.stringContaining('need approval') as string } };
  expect(await test('+46701234567')).toMatchObject(refused);
  const [colleague] = (await sending.people(1)) as [ProfileId];
  await execute(
    pool(),
    sql`
      insert into profile_key (section_id, keyspace_id, key, profile_id)
      values (${sectionId}, ${account.keyspaces.mobile}, '46701234567', ${colleague})`,
  );
  expect(await test('+46701234567')).toMatchObject(refused);
  await execute(
    pool(),
    sql`
      update app_user set email = ${await emailOf(colleague)}
      where account_id = ${account.accountId} and role = 'user'`,
  );
  expect(valueOf(await test('+46701234567')).outcomes).toHaveLength(1);
});
