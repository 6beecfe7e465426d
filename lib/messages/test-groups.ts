// Test groups: named lists of people of the section, who get tests of messages. Each gets the test as it is written for them.
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { refuse } from '@/lib/access/refusal';
import type { Channel } from '@/lib/consents/schema';
import { ProfileIdSchema, TestGroupIdSchema, type AccountId, type ProfileId, type SectionId } from '@/lib/db/ids';
import type { Models } from '@/lib/db/prisma';
import { execute, one, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { requireFreeName } from '@/lib/naming/free-name';
import { nameKey, NameSchema } from '@/lib/naming/names';
import { namesOfProfiles } from '@/lib/profiles/queries';
import { addressOf, hasConsent, isSuppressed, type Message } from '@/lib/suppression/may-receive';
import { approvalRule } from './approval';
import { MEMBERS_MAX, type TestGroup, type TestMember, type TestMemberWhy } from './test-groups-schema';

const GROUPS_MAX = 50;

const GONE = 'This test group does not exist any more.';

/** The test groups of a section by name, with the names of their members. */
export const readTestGroups = query({
  name: 'messages.list-test-groups',
  scope: 'section',
  allow: 'everyone',
  input: InSection,
  run: async ({ db }, { sectionId }): Promise<TestGroup[]> => {
    const groups = await rows<Omit<TestGroup, 'members'> & { memberIds: ProfileId[] }>(
      db,
      sql`
        select id, name, coalesce((
          select json_agg(member.profile_id order by member.profile_id) from test_group_member member
          where member.section_id = ${sectionId} and member.group_id = test_group.id
        ), '[]') as "memberIds"
        from test_group where section_id = ${sectionId}
        order by name_key, id`,
    );
    const named = await namesOfProfiles(db, sectionId, [...new Set(groups.flatMap(({ memberIds }) => memberIds))]);
    const names = new Map(named.map(({ id, name }) => [id, name]));
    return groups.map(({ memberIds, ...group }) => ({
      ...group,
      members: memberIds.map((id) => ({ id, name: names.get(id) ?? `Profile ${id}` })),
    }));
  },
});

const MembersSchema = z
  .array(ProfileIdSchema)
  .min(1, 'Add somebody.')
  .max(MEMBERS_MAX, `A test group has at most ${MEMBERS_MAX} people.`)
  .transform((ids) => [...new Set(ids)]);

/** Makes a test group (`groupId: null`), or changes its name and members: `{ id }`. */
export const saveTestGroup = command({
  name: 'messages.save-test-group',
  scope: 'section',
  allow: 'everyone',
  input: InSection.extend({ groupId: TestGroupIdSchema.nullable(), name: NameSchema, members: MembersSchema }),
  run: async ({ tx, prisma, actor }, { sectionId, groupId, name, members }) => {
    await requireFreeName(
      { thing: 'a test group', name, ...(groupId !== null && { except: groupId }) },
      groupNamed(prisma, sectionId),
    );
    const { known } = await one<{ known: number }>(
      tx,
      sql`
        select count(*)::int as known from profile
        where section_id = ${sectionId} and id = any(${members}::bigint[])`,
    );
    if (known < members.length) {
      refuse('invalid', 'One of these people does not exist any more. Take them out.', { field: 'members' });
    }
    const data = { name, nameKey: nameKey(name), changedBy: actorUserId(actor), changedAt: new Date() };
    let id = groupId;
    if (id === null) {
      const count = await prisma.testGroup.count({ where: { sectionId } });
      if (count >= GROUPS_MAX) refuse('conflict', `A section has at most ${GROUPS_MAX} test groups. Delete one first.`);
      ({ id } = await prisma.testGroup.create({ data: { sectionId, ...data }, select: { id: true } }));
    } else {
      const { count } = await prisma.testGroup.updateMany({ where: { sectionId, id }, data });
      if (count === 0) refuse('not_found', GONE);
      await execute(tx, sql`delete from test_group_member where section_id = ${sectionId} and group_id = ${id}`);
    }
    await execute(
      tx,
      sql`
        insert into test_group_member (section_id, group_id, profile_id)
        select ${sectionId}::int, ${id}::int, member.id from unnest(${members}::bigint[]) as member (id)`,
    );
    return { id };
  },
  audit: ({ groupId, name, members }, { id }) => ({
    summary: `${groupId === null ? 'Created' : 'Changed'} the test group “${name}” (${members.length} ${members.length === 1 ? 'person' : 'people'})`,
    subject: `test-group:${id}`,
  }),
});

/** Deletes a test group. Nobody's profile changes. */
export const deleteTestGroup = command({
  name: 'messages.delete-test-group',
  scope: 'section',
  allow: 'everyone',
  input: InSection.extend({ groupId: TestGroupIdSchema }),
  run: async ({ prisma }, { sectionId, groupId }) => {
    const found = await prisma.testGroup.findFirst({ where: { sectionId, id: groupId }, select: { name: true } });
    if (!found) return refuse('not_found', GONE);
    await prisma.testGroup.delete({ where: { sectionId_id: { sectionId, id: groupId } }, select: { id: true } });
    return found;
  },
  audit: ({ groupId }, { name }) => ({
    summary: `Deleted the test group “${name}”`,
    subject: `test-group:${groupId}`,
  }),
});

const groupNamed = (prisma: Models, sectionId: SectionId) => (key: string) =>
  prisma.testGroup.findFirst({ where: { sectionId, nameKey: key }, select: { id: true, name: true } });

/** A condition: somebody is a user of the account, by an email address of theirs. */
export const worksHere = (
  { sectionId, accountId }: { sectionId: SectionId; accountId: AccountId },
  profileId: Sql,
): Sql => sql`exists (
  select from profile_key own
  join keyspace on keyspace.id = own.keyspace_id and keyspace.kind = 'email'
  join app_user
    on app_user.account_id = ${accountId} and app_user.deactivated_at is null and lower(app_user.email) = lower(own.key)
  where own.section_id = ${sectionId} and own.profile_id = ${profileId}
)`;

type Asked = { sectionId: SectionId; accountId: AccountId; channel: Channel } & Pick<Message, 'kind' | 'topics'>;

/**
 * The members of a test group with their addresses, and why somebody gets no test: a test to somebody who does not work here is a message
 * like any other, so it asks for their consent; and where messages need approval, it goes to them only if an Admin has saved the group. Refuses with `not_found` if there is no such group.
 */
export async function membersForTest(
  db: Db,
  groupId: z.output<typeof TestGroupIdSchema>,
  { sectionId, accountId, channel, kind, topics }: Asked,
): Promise<TestMember[]> {
  const message = { sectionId, channel, topics, kind };
  const needsApproval = (await approvalRule(db, sectionId)) !== 'none';
  const found = await rows<{ id: ProfileId; address: string | null; why: TestMemberWhy | null }>(
    db,
    sql`
      with member as materialized (
        select member.profile_id as id, ${addressOf(sectionId, channel, sql`member.profile_id`)} as address
        from test_group_member member
        where member.section_id = ${sectionId} and member.group_id = ${groupId}
      ),
      known as materialized (
        select member.id, member.address, ${worksHere({ sectionId, accountId }, sql`member.id`)} as works_here, exists (
          select from test_group
          join app_user on app_user.id = test_group.changed_by
          where test_group.section_id = ${sectionId} and test_group.id = ${groupId} and app_user.role in ('owner', 'admin')
        ) as by_admin
        from member
      )
      select known.id, known.address,
        case
          when known.address is null then 'noAddress'
          when ${isSuppressed({ ...message, kind: 'service' }, sql`known.address`)} then 'suppressed'
          when known.works_here then null
          ${needsApproval ? sql`when not known.by_admin then 'approval'` : sql``}
          when ${isSuppressed(message, sql`known.address`)} then 'suppressed'
          ${kind === 'marketing' ? sql`when not ${hasConsent(message, sql`known.id`)} then 'noConsent'` : sql``}
        end as why
      from known
      order by known.id`,
  );
  if (found.length === 0) {
    const group = await rows(db, sql`select from test_group where section_id = ${sectionId} and id = ${groupId}`);
    return group.length === 0
      ? refuse('not_found', GONE, { field: 'groupId' })
      : refuse('invalid', 'There is nobody in this test group any more. Add somebody.', { field: 'groupId' });
  }
  const named = await namesOfProfiles(
    db,
    sectionId,
    found.map(({ id }) => id),
  );
  const names = new Map(named.map(({ id, name }) => [id, name]));
  return found.map((member) => ({ ...member, name: names.get(member.id) ?? `Profile ${member.id}` }));
}
