// Reads of users and sections.
import type { Actor, Role } from '@/lib/access/actor';
import { mayUseKeyspace, maySeeSection } from '@/lib/access/policy';
import type { AccountId, KeyspaceId, SectionId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import type { SectionView, UserView } from './schema';

/** The sections that the actor may see, in the order of their names. */
export function listSections(db: Db, actor: Actor): Promise<SectionView[]> {
  const sections = actor.kind === 'system' ? 'all' : actor.sections;
  return rows<SectionView>(
    db,
    sql`
      select id, name, slug, description, discriminator
      from section
      where account_id = ${actor.accountId}
        ${sections === 'all' ? sql`` : sql`and id = any(${sections}::int[])`}
      order by lower(name)`,
  );
}

/** The names of the account and of all its sections, which must not count as strong in a password. */
export async function listOrganisationNames(db: Db, accountId: AccountId): Promise<string[]> {
  const named = await rows<{ name: string }>(
    db,
    sql`
      select name from account where id = ${accountId}
      union
      select name from section where account_id = ${accountId}`,
  );
  return named.map(({ name }) => name);
}

/** The account's users, active ones first. */
export async function listUsers(db: Db, accountId: AccountId): Promise<UserView[]> {
  const users = await rows<Omit<UserView, 'sections'> & { allSections: boolean; sections: SectionId[] }>(
    db,
    sql`
      select id, email, name, role, all_sections as "allSections", last_sign_in_at as "lastSignInAt",
        deactivated_at as "deactivatedAt", identity_subject is not null as "hasIdentity",
        array(select section_id from user_section where user_id = app_user.id) as sections
      from app_user
      where account_id = ${accountId}
      order by deactivated_at is not null, role, lower(name)`,
  );
  return users.map(({ allSections, ...user }) => ({ ...user, sections: allSections ? 'all' : user.sections }));
}

/** The account's Owners and Admins, whom a marketer can ask. */
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

/** The ids for discriminators in an API call; null if there is none that the key may use. */
export async function findScope(
  db: Db,
  actor: Actor,
  { section, keyspace }: { section: string | null; keyspace: string | null },
): Promise<{ sectionId: SectionId | null; keyspaceId: KeyspaceId | null }> {
  const [found] = await rows<{ sectionId: SectionId | null; keyspaceId: KeyspaceId | null }>(
    db,
    sql`
      select
        (select id from section where account_id = ${actor.accountId} and discriminator = ${section}) as "sectionId",
        (select id from keyspace where account_id = ${actor.accountId} and discriminator = ${keyspace}) as "keyspaceId"`,
    { prepare: true },
  );
  const { sectionId = null, keyspaceId = null } = found ?? {};
  return {
    sectionId: sectionId !== null && maySeeSection(actor, sectionId) ? sectionId : null,
    keyspaceId: keyspaceId !== null && mayUseKeyspace(actor, keyspaceId) ? keyspaceId : null,
  };
}
