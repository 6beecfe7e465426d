// Reads of users and sections.
import { actorUserId, type Actor, type Role } from '@/lib/access/actor';
import { mayUseKeyspace, maySeeSection } from '@/lib/access/policy';
import type { AccountId, KeyspaceId, SectionId } from '@/lib/db/ids';
import { rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { actorMayGovern, sectionsOf, visibleSections } from './role-rules';
import type { SectionView, UserView } from './schema';

/** The sections that the actor may see, in the order of their names. */
export function listSections(db: Db, actor: Actor): Promise<SectionView[]> {
  const sections = sectionsOf(actor);
  return rows<SectionView>(
    db,
    sql`
      select id, name, slug, description, discriminator, time_zone as "timeZone"
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

/** The users of the actor's account who have a section of theirs, active ones first. */
export async function listUsers(db: Db, actor: Actor): Promise<UserView[]> {
  type Row = Omit<UserView, 'sections' | 'hasOtherSections' | 'mayChange'>;
  const users = await rows<Row & { allSections: boolean; sectionIds: SectionId[] }>(
    db,
    sql`
      select id, email, name, role, all_sections as "allSections", last_seen_at as "lastSeenAt",
        deactivated_at as "deactivatedAt", identity_subject is not null as "hasIdentity",
        password_hash is not null as "hasPassword",
        exists (select from second_factor where user_id = app_user.id) as "hasSecondFactor",
        array(select section_id from user_section where user_id = app_user.id) as "sectionIds"
      from app_user
      where account_id = ${actor.accountId}
      order by deactivated_at is not null, role, lower(name)`,
  );
  const own = actorUserId(actor);
  return users.flatMap(({ allSections, sectionIds, ...user }) => {
    const sections = allSections ? ('all' as const) : sectionIds;
    const visible = visibleSections(actor, sections);
    if (!visible) return [];
    const mayChange = user.id !== own && actorMayGovern(actor, { role: user.role, sections });
    return { ...user, sections: visible.sections, hasOtherSections: visible.hasOthers, mayChange };
  });
}

/** The Owners and Admins whom a marketer can ask: those who can access a section of theirs. */
export function listAdministrators(db: Db, actor: Actor): Promise<{ name: string; email: string; role: Role }[]> {
  const sections = sectionsOf(actor);
  return rows(
    db,
    sql`
      select name, email, role from app_user
      where account_id = ${actor.accountId} and role in ('owner', 'admin') and deactivated_at is null
        ${sections === 'all' ? sql`` : sql`and (all_sections or ${haveSection(sections)})`}
      order by role, lower(name)
      limit 20`,
  );
}

/** A condition on `app_user`: has one of the sections in their list. */
const haveSection = (sections: readonly SectionId[]): Sql => sql`
  exists (select from user_section where user_id = app_user.id and section_id = any(${sections}::int[]))`;

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
