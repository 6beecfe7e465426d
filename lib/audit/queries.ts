// Reads of the audit log: for admins only, checked by who calls.
import type { AccountId } from '@/lib/db/ids';
import { rows, sql, type Db, type Sql } from '@/lib/db/sql';

export type AuditRow = {
  id: number;
  at: Date;
  actorName: string;
  command: string;
  summary: string;
  subject: string | null;
  section: string | null;
  ip: string | null;
};

/** What to look for. `from` and `to`: days 'YYYY-MM-DD' in UTC, both included. */
export type AuditFilter = { text?: string; userId?: number; from?: string; to?: string };

function conditions(accountId: AccountId, { text, userId, from, to }: AuditFilter): Sql {
  const like = text ? `%${text.replace(/[\\%_]/g, (character) => `\\${character}`)}%` : '';
  return sql`
    entry.account_id = ${accountId}
    ${text ? sql`and (entry.summary ilike ${like} or entry.command ilike ${like} or entry.actor_name ilike ${like})` : sql``}
    ${userId ? sql`and entry.user_id = ${userId}` : sql``}
    ${from ? sql`and entry.at >= ${from}::date` : sql``}
    ${to ? sql`and entry.at < ${to}::date + 1` : sql``}`;
}

/** Lines of the log, newest first; `before`: only those older than this id. */
export function listAudit(
  db: Db,
  accountId: AccountId,
  filter: AuditFilter,
  { before, limit }: { before?: number; limit: number },
): Promise<AuditRow[]> {
  return rows<AuditRow>(
    db,
    sql`
      select entry.id, entry.at, entry.actor_name as "actorName", entry.command, entry.summary, entry.subject, entry.ip,
        section.name as section
      from audit_entry entry
      left join section on section.id = entry.section_id
      where ${conditions(accountId, filter)} ${before ? sql`and entry.id < ${before}` : sql``}
      order by entry.id desc
      limit ${limit}`,
  );
}
