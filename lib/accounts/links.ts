// Validity of invitations and password links. The rights of the present count, not those of the day it was created: its maker must
// be active and still allowed to create it, also by the sections of both, and a password link ends when its person's password, role or access changes. An ended
// link stays ended: the change revokes it (endLinks).
import type { AccountId, SectionId, UserId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, maybeOne, rows, sql, type Db, type Sql, type Tx } from '@/lib/db/sql';
import { hashToken } from '@/lib/db/tokens';
import type { Actor, Role } from '@/lib/access/actor';
import type { LinkMail, LinkView } from './schema';
import { actorMayGovern, mayGovern, visibleSections } from './role-rules';

export type OpenLink = {
  id: number;
  accountId: AccountId;
  account: string;
  email: string;
  role: Role;
  /** What an invitation gives, or what the person of a password link has. */
  sections: 'all' | SectionId[];
  expiresAt: Date;
  maker: { name: string };
  /** The person asked for it, without being signed in. */
  asked: boolean;
  /** The person whose password it sets; null for an invitation. */
  person: { userId: UserId; name: string } | null;
};

type Row = {
  id: number;
  accountId: AccountId;
  account: string;
  email: string;
  role: Role;
  allSections: boolean;
  sectionIds: SectionId[];
  expiresAt: Date;
  sessionVersion: number | null;
  userId: UserId | null;
  makerId: UserId | null;
  maker: { name: string; role: Role; active: boolean; sections: SectionId[] | null } | null;
  person: { name: string; role: Role; active: boolean; sections: SectionId[] | null; sessionVersion: number } | null;
};

/** The open link of a token. */
export async function findOpenLink(db: Db, token: string): Promise<OpenLink | undefined> {
  const [link] = await readOpen(db, sql`invitation.token_hash = ${hashToken(token)}`);
  return link;
}

/** The same for a visitor who opens the link without being signed in: the link itself is the permission. */
export const findLink = (token: string): Promise<OpenLink | undefined> => findOpenLink(pool(), token);

/** The same for using the link: locks the link, its person and its maker until the transaction ends. */
export async function lockOpenLink(tx: Tx, token: string): Promise<OpenLink | undefined> {
  const involved = await maybeOne<{ users: UserId[] }>(
    tx,
    sql`
      select array_remove(array[user_id, invited_by], null) as users from invitation
      where token_hash = ${hashToken(token)}
      for update`,
  );
  if (!involved) return undefined;
  await rows(tx, sql`select from app_user where id = any(${involved.users}::int[]) order by id for no key update`);
  return findOpenLink(tx, token);
}

/** The open links of the actor's account that have to do with a section of theirs, newest first. */
export async function listOpenLinks(db: Db, actor: Actor): Promise<LinkView[]> {
  const open = await readOpen(db, sql`invitation.account_id = ${actor.accountId}`);
  const visible = open.filter(({ sections }) => visibleSections(actor, sections));
  const mails = await mailsOf(db, actor.accountId);
  return visible.map(({ id, email, role, sections, maker, person, asked, expiresAt }) => ({
    id,
    kind: person ? 'password' : 'invitation',
    email,
    name: person?.name ?? null,
    role,
    madeBy: asked ? null : maker.name,
    mail: mails.get(id) ?? null,
    expiresAt,
    mayRevoke: actorMayGovern(actor, { role, sections }),
  }));
}

/** What became of the mails with an account's links, by invitation. */
async function mailsOf(db: Db, accountId: AccountId): Promise<Map<number, LinkMail>> {
  const found = await rows<LinkMail & { invitationId: number }>(
    db,
    sql`
      select distinct on (invitation_id) invitation_id as "invitationId", state, outcome, ended_at as "endedAt"
      from system_mail
      where account_id = ${accountId} and invitation_id is not null
      order by invitation_id, id desc`,
  );
  return new Map(found.map(({ invitationId, ...mail }) => [invitationId, mail]));
}

/** The open invitation of an address, with the role that it gives. */
export async function findOpenInvitation(db: Db, accountId: AccountId, email: string): Promise<OpenLink | undefined> {
  const [link] = await readOpen(
    db,
    sql`invitation.account_id = ${accountId} and invitation.email = ${email} and invitation.user_id is null`,
  );
  return link;
}

/**
 * Call it after a change of a user's role, sections or status, in the same transaction. Revokes links of and by this user that are
 * no longer valid, so that they stay ended if the user gets the access back.
 */
export async function endLinks(tx: Tx, accountId: AccountId, userId: UserId): Promise<void> {
  const theirs = sql`invitation.account_id = ${accountId} and (user_id = ${userId} or invited_by = ${userId})`;
  const open = await readOpen(tx, theirs);
  await execute(
    tx,
    sql`
      update invitation set revoked_at = ${new Date()}
      where ${theirs} and accepted_at is null and revoked_at is null and id <> all(${open.map(({ id }) => id)}::int[])`,
  );
}

async function readOpen(db: Db, which: Sql): Promise<OpenLink[]> {
  const found = await rows<Row>(
    db,
    sql`
      select invitation.id, invitation.account_id as "accountId", account.name as account, invitation.email,
        invitation.role, invitation.all_sections as "allSections", section_ids as "sectionIds",
        invitation.expires_at as "expiresAt", invitation.session_version as "sessionVersion", user_id as "userId",
        invited_by as "makerId",
        case when maker.id is not null then jsonb_build_object(
          'name', maker.name, 'role', maker.role, 'active', maker.deactivated_at is null,
          'sections', case when not maker.all_sections then
            (select coalesce(jsonb_agg(section_id), '[]') from user_section where user_section.user_id = maker.id) end
        ) end as maker,
        case when person.id is not null then jsonb_build_object(
          'name', person.name, 'role', person.role, 'active', person.deactivated_at is null,
          'sessionVersion', person.session_version,
          'sections', case when not person.all_sections then
            (select coalesce(jsonb_agg(section_id), '[]') from user_section where user_section.user_id = person.id) end
        ) end as person
      from invitation
      join account on account.id = invitation.account_id
      left join app_user maker on maker.id = invitation.invited_by and maker.account_id = invitation.account_id
      left join app_user person on person.id = invitation.user_id and person.account_id = invitation.account_id
      where ${which} and accepted_at is null and revoked_at is null and expires_at > now()
      order by invitation.id desc`,
  );
  return found.flatMap((row) => openLink(row) ?? []);
}

function openLink(row: Row): OpenLink | undefined {
  const { maker, makerId, person, userId, allSections, sectionIds, sessionVersion, ...link } = row;
  if (!maker?.active) return undefined;
  const invited = allSections ? ('all' as const) : sectionIds;
  const sections = person ? (person.sections ?? ('all' as const)) : invited;
  const giver = { role: maker.role, sections: maker.sections ?? ('all' as const) };
  const asked = userId !== null && makerId === userId;
  if (!asked && !mayGovern(giver, { role: link.role, sections })) return undefined;
  const open = { ...link, sections, maker: { name: maker.name }, asked };
  if (userId === null) return { ...open, person: null };
  const unchanged = person?.active && person.role === link.role && person.sessionVersion === sessionVersion;
  return unchanged ? { ...open, person: { userId, name: person.name } } : undefined;
}
