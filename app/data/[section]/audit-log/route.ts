import { auditQuery } from '@/app/(app)/[section]/settings/audit-log/filter';
import { csvResponse } from '@/lib/export/csv-response';
import { readRoute } from '@/app/read-route';
import { listWithTimeout } from '@/lib/access/with-timeout';
import { requireAllowed } from '@/lib/access/policy';
import { listAudit } from '@/lib/audit/queries';
import { csvLine } from '@/lib/export/csv';

const PAGE = 2_000;

/** The filtered log as CSV, safe to open in a spreadsheet. */
export const GET = readRoute(({ actor, search, request: { signal } }) => {
  requireAllowed(actor, 'admins');
  const { before: _page, ...filter } = auditQuery(Object.fromEntries(search));
  async function* lines() {
    yield `\uFEFF${csvLine(['When (UTC)', 'Who', 'What', 'Command', 'Subject', 'Section', 'From'])}`;
    for (let before: number | undefined, more = true; more;) {
      const page = await listWithTimeout({ signal }, (db) =>
        listAudit(db, actor.accountId, filter, { before, limit: PAGE }),
      );
      for (const { at, actorName, summary, command, subject, section, ip } of page) {
        yield csvLine([at, actorName, summary, command, subject, section, ip]);
      }
      before = page.at(-1)?.id;
      more = page.length === PAGE;
    }
  }
  return csvResponse(lines(), 'audit log.csv');
});
