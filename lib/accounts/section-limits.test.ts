// Access to sections limits everything of the account too: an Admin of one section changes, ends and reads nothing that belongs to
// people, invitations, API keys or profiles of another. Every account-wide command and query is in the table below.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ClientActor, Role, UserActor } from '@/lib/access/actor';
import type { Result } from '@/lib/access/refusal';
import { recordAudit } from '@/lib/audit/record';
import type { ApiKeyId, ProfileId, SectionId, UserId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { createProfile } from '@/lib/profiles/commands';
import { createSegment } from '@/lib/segments/commands';
import { createTestAccount, createTestSection, createTestTag, type TestAccount } from '@/testing/fixtures';
import { productDeclarations, type Declaration } from '@/testing/declarations';
import { hasTag, rulesOf } from '@/testing/segments';
import { acceptInvitation } from './accept';
import { createApiKey, revokeApiKey } from './api-keys';
import { createUser } from './create';
import { createPasswordLink, inviteUser, revokeInvitation } from './invitations';
import { findOpenLink } from './links';
import { readAdministrators, readApiKeys, readAudit, readOpenLinks, readUsers } from './reads';
import { changeUser, setUserActive, unlinkIdentity } from './users';

const from = { ip: '10.0.0.1', userAgent: 'test' };
let declarations: Declaration[];
let account: TestAccount;
let mine: SectionId;
let theirs: SectionId;
/** An Admin of `mine` only. */
let limited: UserActor;
/** A User of `theirs` only, one of both, one of all. */
const people = {} as Record<'other' | 'both' | 'all' | 'own', UserId>;
let invitation: { id: number; email: string; token: string };
let passwordLink: { id: number; token: string };
let apiKey: number;
let ownKey: number;
let client: ClientActor;
let segment: string;
let profile: ProfileId;
/** Keys of a profile of the other section. */
const THEIR_KEY = 'only@theirs.example';
const OTHER_KEY = 'C-4711';

const KEY = { name: 'Shop', keyspaces: 'all', canWrite: true, expiresAt: null };

const newEmail = () => `${randomUUID().slice(0, 8)}@example.com`;

async function newPerson(sections: 'all' | SectionId[], role: Role = 'user', name = 'Somebody'): Promise<UserId> {
  return transaction((tx) =>
    createUser(tx, account.accountId, { email: newEmail(), name, role, passwordHash: null, sections }),
  );
}

async function value<Output>(result: Promise<Result<Output>>): Promise<Output> {
  const answer = await result;
  if (!answer.ok) throw new Error(answer.refusal.message);
  return answer.value;
}

/** The account's Admin as a second Owner with all sections. */
async function secondOwner({ admin }: TestAccount): Promise<UserActor> {
  await execute(pool(), sql`update app_user set role = 'owner' where id = ${admin.userId}`);
  return { ...admin, role: 'owner' };
}

beforeAll(async () => {
  declarations = await productDeclarations();
  account = await createTestAccount();
  mine = account.sectionId;
  theirs = await createTestSection(account.accountId, 'Theirs');
  limited = { ...account.admin, sections: [mine], userId: await newPerson([mine], 'admin', 'Limited') };
  people.other = await newPerson([theirs]);
  people.both = await newPerson([mine, theirs]);
  people.all = await newPerson('all');
  people.own = await newPerson([mine]);
  const email = newEmail();
  invitation = { ...(await value(inviteUser(account.owner, { email, role: 'user', sections: [theirs] }))), email };
  const { token } = await value(createPasswordLink(account.owner, { userId: people.other }));
  passwordLink = { id: (await findOpenLink(pool(), token))!.id, token };
  apiKey = (await value(createApiKey(account.owner, { ...KEY, sections: [theirs] }))).id;
  ownKey = (await value(createApiKey(account.owner, { ...KEY, sections: [mine] }))).id;
  client = {
    ...account.admin,
    kind: 'client',
    apiKeyId: ownKey as ApiKeyId,
    sections: [mine],
    keyspaces: 'all',
    canWrite: true,
  };
  const keys = [theirKey(), { keyspaceId: account.keyspaces.crm_id, key: OTHER_KEY }];
  profile = (await value(createProfile(account.owner, { sectionId: theirs, keys, attributes: {} }))).id;
  const rules = rulesOf(hasTag(await createTestTag(theirs, 'VIP')));
  const made = await value(createSegment(account.owner, { sectionId: theirs, name: 'VIPs', description: '', rules }));
  segment = (await one<{ discriminator: string }>(pool(), sql`select discriminator from segment where id = ${made.id}`))
    .discriminator;
  await execute(
    pool(),
    sql`update app_user set identity_issuer = 'https://id.example', identity_subject = id::text
        where id = any(${Object.values(people)}::int[])`,
  );
});

/** A call for something of another section, who makes it, and the answer. */
type Row = { input: () => object; answer: 'not_allowed' | 'not_found' | 'ok'; by: () => UserActor | ClientActor };

const refused = (input: () => object): Row => ({ input, answer: 'not_allowed', by: () => limited });
const ofTheirs = (more: object = {}): Row => refused(() => ({ userId: people.other, ...more }));
const byClient = (input: () => object, answer: Row['answer'] = 'not_found'): Row => ({
  input,
  answer,
  by: () => client,
});
const theirKey = () => ({ keyspaceId: account.keyspaces.email, key: THEIR_KEY });

/**
 * Account-wide commands and queries. 'own': it concerns only the person who calls; 'listed': it leaves out what belongs to other
 * sections (tests below); 'no section': what it concerns belongs to no section.
 */
const TABLE: Record<string, Row | 'own' | 'listed' | 'no section'> = {
  'users.change': ofTheirs({ role: 'user', sections: 'all' }),
  'users.set-active': ofTheirs({ active: false }),
  'users.unlink-identity': ofTheirs(),
  'users.password-link': ofTheirs(),
  'users.invite': refused(() => ({ email: newEmail(), role: 'user', sections: [theirs] })),
  'users.revoke-invitation': refused(() => ({ invitationId: invitation.id })),
  'users.rename-myself': 'own',
  'users.sign-out-everywhere': 'own',
  'users.change-my-password': 'own',
  'users.read-own-sign-in': 'own',
  'users.list-own-sessions': 'own',
  'users.end-session': 'own',
  'users.end-other-sessions': 'own',
  'users.begin-second-factor': 'own',
  'users.set-up-second-factor': 'own',
  'users.renew-recovery-codes': 'own',
  'users.turn-off-second-factor': 'own',
  'users.reset-second-factor': ofTheirs(),
  'accounts.require-second-factor': refused(() => ({ required: true })),
  'accounts.read-second-factor-rule': 'no section',
  'users.list': 'listed',
  'users.list-administrators': 'listed',
  'users.list-open-links': 'listed',
  'audit.list': 'listed',
  'sections.list': 'listed',
  'sections.add': refused(() => ({ name: 'One more' })),
  'api-keys.create': refused(() => ({ ...KEY, sections: [theirs] })),
  'api-keys.revoke': refused(() => ({ apiKeyId: apiKey })),
  'api-keys.list': 'listed',
  'keyspaces.list': 'no section',
  // It answers with null for a section that the client cannot access.
  'api.find-place': byClient(() => ({ section: 'theirs', keyspace: null }), 'ok'),
  'clients.list-segments': 'listed',
  'clients.read-segment': byClient(() => ({ ref: segment })),
  'clients.evaluate': byClient(() => ({ ...theirKey(), refs: [segment] })),
  'profiles.erase-everywhere': byClient(theirKey),
  // It locks an unused key in the client's own section. Another key, so that the next call meets no lock.
  'profiles.lock-everywhere': byClient(() => ({ keyspaceId: account.keyspaces.crm_id, key: OTHER_KEY }), 'ok'),
  // It makes a profile of these keys in the client's own section.
  'profiles.merge-everywhere': byClient(
    () => ({ profiles: [theirKey(), { keyspaceId: account.keyspaces.crm_id, key: 'C1' }] }),
    'ok',
  ),
};

const ASK = {
  ok: false,
  refusal: { code: 'not_allowed', message: expect.stringContaining('Ask an Account Owner') as string },
};

describe('somebody with some of the sections', () => {
  it('meets the rule in every account-wide command and query', async () => {
    const accountWide = declarations.filter(({ scope }) => scope === 'account');
    expect(accountWide.map(({ name }) => name).toSorted()).toEqual(Object.keys(TABLE).toSorted());
    for (const { name, call } of accountWide) {
      const row = TABLE[name]!;
      if (typeof row === 'string') continue;
      const result = await call(row.by(), row.input() as never);
      expect([name, result.ok ? 'ok' : result.refusal.code]).toEqual([name, row.answer]);
    }
    expect(await rows(pool(), sql`select from profile where section_id = ${theirs} and id = ${profile}`)).toHaveLength(
      1,
    );
    expect(await findOpenLink(pool(), passwordLink.token)).toBeDefined();
    expect(await findOpenLink(pool(), invitation.token)).toBeDefined();
  });

  it.each(['other', 'both', 'all'] as const)('does not govern a person with other sections: %s', async (who) => {
    const userId = people[who];
    expect(await createPasswordLink(limited, { userId })).toMatchObject(ASK);
    expect(await changeUser(limited, { userId, role: 'user', sections: [mine] })).toMatchObject(ASK);
    for (const active of [false, true]) expect(await setUserActive(limited, { userId, active })).toMatchObject(ASK);
    expect(await unlinkIdentity(limited, { userId })).toMatchObject(ASK);
  });

  it('governs the people, invitations and API keys of the own sections', async () => {
    const userId = people.own;
    expect(await createPasswordLink(limited, { userId })).toMatchObject({ ok: true });
    for (const active of [false, true])
      expect(await setUserActive(limited, { userId, active })).toMatchObject({ ok: true });
    expect(await changeUser(limited, { userId, role: 'user', sections: [mine] })).toMatchObject({ ok: true });
    const own = await value(inviteUser(limited, { email: newEmail(), role: 'user', sections: [mine] }));
    expect(await revokeInvitation(limited, { invitationId: own.id })).toMatchObject({ ok: true });
    const { id } = await value(createApiKey(limited, { ...KEY, sections: [mine] }));
    expect(await revokeApiKey(limited, { apiKeyId: id })).toMatchObject({ ok: true });
  });

  it('does not replace or revoke links and API keys of others', async () => {
    const { email } = invitation;
    expect(await inviteUser(limited, { email, role: 'user', sections: [mine] })).toMatchObject(ASK);
    expect(await revokeInvitation(limited, { invitationId: passwordLink.id })).toMatchObject(ASK);
    for (const sections of ['all', [mine, theirs]]) {
      const { id } = await value(createApiKey(account.owner, { ...KEY, sections }));
      expect(await revokeApiKey(limited, { apiKeyId: id })).toMatchObject(ASK);
    }
  });

  it('cannot limit the last Owner with all sections', async () => {
    const fresh = await createTestAccount();
    const second = await secondOwner(fresh);
    const change = (by: UserActor, userId: UserId) =>
      changeUser(by, { userId, role: 'owner', sections: [fresh.sectionId] });
    const both = await Promise.all([change(fresh.owner, second.userId), change(second, fresh.owner.userId)]);
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
  });

  it('sees the people, links, API keys and Admins that have a section of theirs, without the names of others', async () => {
    const users = await value(readUsers(limited, {}));
    const seen = (id: UserId) => users.find((user) => user.id === id);
    expect(seen(people.other)).toBeUndefined();
    expect(seen(people.both)).toMatchObject({ sections: [mine], hasOtherSections: true, mayChange: false });
    expect(seen(people.all)).toMatchObject({ sections: 'all', mayChange: false });
    expect(seen(people.own)).toMatchObject({ sections: [mine], hasOtherSections: false, mayChange: true });
    expect(seen(limited.userId)).toMatchObject({ mayChange: false });
    expect((await value(readUsers(account.owner, {}))).find(({ id }) => id === people.other)).toMatchObject({
      sections: [theirs],
      mayChange: true,
    });

    expect((await value(readOpenLinks(limited, {}))).map(({ id }) => id)).not.toContain(invitation.id);
    const both = await value(inviteUser(account.owner, { email: newEmail(), role: 'user', sections: [mine, theirs] }));
    expect((await value(readOpenLinks(limited, {}))).find(({ id }) => id === both.id)).toMatchObject({
      mayRevoke: false,
    });

    const shared = await value(createApiKey(account.owner, { ...KEY, sections: [mine, theirs] }));
    const keys = await value(readApiKeys(limited, {}));
    expect(keys.map(({ id }) => id)).not.toContain(apiKey);
    expect(keys.find(({ id }) => id === shared.id)).toMatchObject({ hasOtherSections: true, mayRevoke: false });
    expect(keys.find(({ id }) => id === ownKey)).toMatchObject({ hasOtherSections: false, mayRevoke: true });

    await newPerson([theirs], 'admin', 'Admin of theirs');
    const admins = async (actor: UserActor) => (await value(readAdministrators(actor, {}))).map(({ name }) => name);
    expect(await admins(limited)).toEqual(expect.arrayContaining([account.owner.name, 'Limited']));
    expect(await admins(limited)).not.toContain('Admin of theirs');
    expect(await admins({ ...limited, sections: [theirs] })).toContain('Admin of theirs');
  });

  it('reads in the audit log what happened in the own sections and to what has one of them', async () => {
    const entry = {
      accountId: account.accountId,
      actorKind: 'user',
      userId: null,
      actorName: 'A',
      command: 'test.limits',
    };
    const write = (summary: string, more: object) =>
      recordAudit(pool(), { ...entry, sectionId: null, summary, ...from, ...more });
    await write('in mine', { sectionId: mine });
    await write('in theirs', { sectionId: theirs });
    await write('own person', { subject: `user:${people.own}` });
    await write('person of theirs', { subject: `user:${people.other}`, userId: account.owner.userId });
    await write('sign-in of own', { userId: people.own });
    await write('sign-in of theirs', { userId: people.other });
    await write('invitation of theirs', { subject: `invitation:${invitation.id}` });
    await write('password link of theirs', { subject: `invitation:${passwordLink.id}` });
    await write('key of theirs', { subject: `api-key:${apiKey}` });
    await write('key of mine', { subject: `api-key:${ownKey}` });
    await write('section of theirs', { subject: `section:${theirs}` });
    await write('several sections', { actorKind: 'client', subject: `profile:${profile}` });
    await write('Tagwell', { actorKind: 'system' });
    const read = async (actor: UserActor, filter: object = { text: 'test.limits' }) =>
      (await value(readAudit(actor, { filter, limit: 100 }))).map(({ summary }) => summary).toReversed();
    expect(await read(limited)).toEqual(['in mine', 'own person', 'sign-in of own', 'key of mine', 'Tagwell']);
    expect(await read(limited, { userId: people.other })).toEqual([]);
    expect(await read(account.owner)).toHaveLength(13);
  });
});

describe('a password link', () => {
  it('ends when its person gets a section that its maker cannot access', async () => {
    const userId = await newPerson([mine]);
    const { token } = await value(createPasswordLink(limited, { userId }));
    expect(await findOpenLink(pool(), token)).toBeDefined();
    await value(changeUser(account.owner, { userId, role: 'user', sections: [mine, theirs] }));
    await value(changeUser(account.owner, { userId, role: 'user', sections: [mine] }));
    expect(await acceptInvitation({ token, password: 'seven grey umbrellas' }, from)).toMatchObject({ ok: false });
  });

  it('ends when its maker loses a section of its person', async () => {
    const [maker, userId] = [await newPerson('all', 'admin'), await newPerson([theirs])];
    const { token } = await value(createPasswordLink({ ...account.admin, userId: maker }, { userId }));
    await value(changeUser(account.owner, { userId: maker, role: 'admin', sections: [mine] }));
    expect(await findOpenLink(pool(), token)).toBeUndefined();
  });
});
