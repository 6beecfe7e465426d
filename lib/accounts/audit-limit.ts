// Which entries of the audit log somebody with some of the sections may read.
import type { Actor } from '@/lib/access/actor';
import type { AuditLimit } from '@/lib/audit/queries';
import { rows, sql, type Db } from '@/lib/db/sql';
import type { UserId } from '@/lib/db/ids';
import { sectionsOf } from './role-rules';

/**
 * The sections of the actor, and the users, invitations and API keys that have one of them. Undefined for those with all sections, who
 * may read everything.
 */
export async function findAuditLimit(db: Db, actor: Actor): Promise<AuditLimit | undefined> {
  const sections = sectionsOf(actor);
  if (sections === 'all') return undefined;
  const { accountId } = actor;
  const found = await rows<{ kind: string; id: number }>(
    db,
    sql`
      with visible as (
        select id from app_user
        where account_id = ${accountId} and (
          all_sections
          or exists (select from user_section where user_id = app_user.id and section_id = any(${sections}::int[]))
        )
      )
      select 'user' as kind, id from visible
      union all
      select 'invitation', id from invitation
      where account_id = ${accountId} and case
        when user_id is null then all_sections or section_ids && ${sections}::int[]
        else user_id in (select id from visible)
      end
      union all
      select 'api-key', id from api_key
      where account_id = ${accountId} and (
        all_sections
        or exists (select from api_key_section where api_key_id = api_key.id and section_id = any(${sections}::int[]))
      )`,
  );
  return {
    sections: [...sections],
    subjects: [...found.map(({ kind, id }) => `${kind}:${id}`), ...sections.map((id) => `section:${id}`)],
    people: found.flatMap(({ kind, id }) => (kind === 'user' ? (id as UserId) : [])),
  };
}
