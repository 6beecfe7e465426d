// Writes the audit log: who did what, when and from where. Used by `command` and sign-in.
import type { AccountId, SectionId } from '@/lib/db/ids';
import { execute, sql, type Db } from '@/lib/db/sql';

/** An entry of the audit log. `subject`: the changed thing, such as `tag:12`. `details` must not contain secrets. */
export type AuditRecord = {
  accountId: AccountId;
  sectionId: SectionId | null;
  actorKind: string;
  userId: number | null;
  actorName: string;
  command: string;
  summary: string;
  subject?: string;
  details?: unknown;
  ip: string | null;
  userAgent: string | null;
};

/** Adds an entry to the audit log, in the caller's transaction. */
export async function recordAudit(db: Db, entry: AuditRecord): Promise<void> {
  await execute(
    db,
    sql`
      insert into audit_entry
        (account_id, section_id, actor_kind, user_id, actor_name, command, subject, summary, details, ip, user_agent)
      values
        (${entry.accountId}, ${entry.sectionId}, ${entry.actorKind}, ${entry.userId}, ${entry.actorName},
         ${entry.command}, ${entry.subject ?? null}, ${entry.summary},
         ${entry.details === undefined ? null : JSON.stringify(entry.details)}, ${entry.ip}, ${entry.userAgent})`,
  );
}
