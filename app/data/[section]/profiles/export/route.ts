import { readRoute } from '@/app/read-route';
import { valueOf } from '@/lib/access/refusal';
import { csvResponse, today } from '@/lib/export/csv-response';
import { readListFile, recordListExport } from '@/lib/operations/list-export';

const NAME_MAX = 100;

/** The profiles list as CSV. `list`: a `ListFile` (lib/operations/list-export.ts) as JSON. `name`: the name of the file. */
export const GET = readRoute(async ({ actor, section, search, request }) => {
  const of = { sectionId: section.id, list: search.get('list') ?? '' };
  const { lines } = valueOf(await readListFile(actor, of, { signal: request.signal }));
  valueOf(await recordListExport(actor, of));
  // By characters: half of one cannot be sent.
  const name = [...(search.get('name') ?? '')].slice(0, NAME_MAX).join('') || 'profiles';
  return csvResponse(lines, `${name} ${today()}.csv`);
});
