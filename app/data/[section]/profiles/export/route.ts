import { readRoute } from '@/app/read-route';
import { valueOf } from '@/lib/access/refusal';
import { csvResponse } from '@/lib/export/csv-response';
import { readListFile, recordListExport } from '@/lib/operations/list-export';

/** The profiles list as CSV. `list`: a `ListFile` (lib/operations/list-export.ts) as JSON. */
export const GET = readRoute(async ({ actor, section, search, request }) => {
  const of = { sectionId: section.id, list: search.get('list') ?? '' };
  const { lines } = valueOf(await readListFile(actor, of, { signal: request.signal }));
  valueOf(await recordListExport(actor, of));
  return csvResponse(lines, `${section.name} profiles.csv`);
});
