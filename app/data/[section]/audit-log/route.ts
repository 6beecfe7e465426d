import { auditQuery } from '@/app/(app)/[section]/settings/audit-log/filter';
import { fileRoute } from '@/app/file-route';
import type { AuditPlace } from '@/lib/audit/queries';
import { valueOf } from '@/lib/access/refusal';
import { readAudit } from '@/lib/accounts/reads';
import { csvLine } from '@/lib/export/csv';

const PAGE = 2_000;

/** The filtered log as CSV, safe to open in a spreadsheet. */
export const GET = fileRoute(async ({ actor, search, request: { signal } }) => {
  const { before: _page, ...filter } = auditQuery(Object.fromEntries(search));
  const read = async (before?: AuditPlace) =>
    valueOf(await readAudit(actor, { filter, before, limit: PAGE }, { signal }));
  async function* lines(first: Awaited<ReturnType<typeof read>>) {
    yield `\uFEFF${csvLine(['When (UTC)', 'Who', 'What', 'Command', 'Subject', 'Section', 'From'])}`;
    for (let page = first; ; page = await read(page.at(-1))) {
      for (const { at, actorName, summary, command, subject, section, ip } of page) {
        yield csvLine([at, actorName, summary, command, subject, section, ip]);
      }
      if (page.length < PAGE) return;
    }
  }
  return { lines: lines(await read()), fileName: 'audit log.csv' };
});
