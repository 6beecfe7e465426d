// Reads of people and sections. `findActor` is the one that every request begins with.
import type { ClientActor, Origin, Role, UserActor } from '@/lib/access/actor';
import type { AccountId, KeyspaceId, SectionId, UserId } from '@/lib/db/ids';
import { maybeOne, rows, sql, type Db } from '@/lib/db/sql';
import { hashToken } from '@/lib/db/tokens';
import type { InvitationView, SectionView, UserView } from './schema';

/** The person behind a session with the rights of this moment; undefined when the session has ended. */
export async function findActor(
  db: Db,
  userId: number,
  sessionVersion: number,
  from: Origin,
): Promise<UserActor | undefined> {
  const user = await maybeOne<{
    userId: UserId;
    accountId: AccountId;
    role: Role;
    name: string;
    email: string;
    allSections: boolean;
    sections: SectionId[];
  }>(
    db,
    sql`
      select id as "userId", account_id as "accountId", role, name, email, all_sections as "allSections",
        array(select section_id from user_section where user_id = app_user.id) as sections
      from app_user
      where id = ${userId} and session_version = ${sessionVersion} and deactivated_at is null`,
  );
  if (!user) return undefined;
  const { allSections, sections, ...person } = user;
  return { kind: 'user', ...person, sections: allSections ? 'all' : sections, from };
}

/** The sections that the person or API key may see, by name. */
export function listSections(db: Db, actor: Pick<UserActor, 'accountId' | 'sections'>): Promise<SectionView[]> {
  return rows<SectionView>(
    db,
    sql`
      select id, name, slug, description, discriminator
      from section
      where account_id = ${actor.accountId}
        ${actor.sections === 'all' ? sql`` : sql`and id = any(${actor.sections}::int[])`}
      order by lower(name)`,
  );
}

/** The account's users, those who can sign in first. */
export async function listUsers(db: Db, accountId: AccountId): Promise<UserView[]> {
  const users = await rows<Omit<UserView, 'sections'> & { allSections: boolean; sections: SectionId[] }>(
    db,
    sql`
      select id, email, name, role, all_sections as "allSections", last_sign_in_at as "lastSignInAt",
        deactivated_at as "deactivatedAt",
        array(select section_id from user_section where user_id = app_user.id) as sections
      from app_user
      where account_id = ${accountId}
      order by deactivated_at is not null, role, lower(name)`,
  );
  return users.map(({ allSections, ...user }) => ({ ...user, sections: allSections ? 'all' : user.sections }));
}

/** Whom a marketer can ask: the account's Owners and Admins. */
export function listAdministrators(
  db: Db,
  accountId: AccountId,
): Promise<{ name: string; email: string; role: Role }[]> {
  return rows(
    db,
    sql`
      select name, email, role from app_user
      where account_id = ${accountId} and role in ('owner', 'admin') and deactivated_at is null
      order by role, lower(name)
      limit 20`,
  );
}

/** Invitations that can still be accepted. */
export function listInvitations(db: Db, accountId: AccountId): Promise<InvitationView[]> {
  return rows<InvitationView>(
    db,
    sql`
      select invitation.id, invitation.email, invitation.role, inviter.name as "invitedBy",
        invitation.created_at as "createdAt", invitation.expires_at as "expiresAt"
      from invitation
      left join app_user inviter on inviter.id = invitation.invited_by
      where invitation.account_id = ${accountId} and invitation.user_id is null
        and accepted_at is null and revoked_at is null and expires_at > now()
      order by invitation.id desc`,
  );
}

export type OpenInvitation = {
  id: number;
  accountId: AccountId;
  account: string;
  email: string;
  userId: UserId | null;
};

/** The invitation (or password link) behind a token, while it can be used. */
export function findInvitation(db: Db, token: string): Promise<OpenInvitation | undefined> {
  return maybeOne<OpenInvitation>(
    db,
    sql`
      select invitation.id, account_id as "accountId", account.name as account, email, user_id as "userId"
      from invitation
      join account on account.id = invitation.account_id
      where token_hash = ${hashToken(token)} and accepted_at is null and revoked_at is null and expires_at > now()`,
  );
}

/** The ids behind discriminators in an API call: null where there is none that the key may use. */
export async function findPlace(
  db: Db,
  client: ClientActor,
  { section, keyspace }: { section: string | null; keyspace: string | null },
): Promise<{ sectionId: SectionId | null; keyspaceId: KeyspaceId | null }> {
  const [found] = await rows<{ sectionId: SectionId | null; keyspaceId: KeyspaceId | null }>(
    db,
    sql`
      select
        (select id from section where account_id = ${client.accountId} and discriminator = ${section}) as "sectionId",
        (select id from keyspace where account_id = ${client.accountId} and discriminator = ${keyspace}) as "keyspaceId"`,
    { prepare: true },
  );
  const allowed = <Id>(id: Id | null | undefined, ids: 'all' | readonly Id[]) =>
    id !== null && id !== undefined && (ids === 'all' || ids.includes(id)) ? id : null;
  return {
    sectionId: allowed(found?.sectionId, client.sections),
    keyspaceId: allowed(found?.keyspaceId, client.keyspaces),
  };
}
