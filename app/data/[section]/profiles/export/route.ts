import { fileRoute } from '@/app/file-route';
import { valueOf } from '@/lib/access/refusal';
import { today } from '@/lib/export/csv-response';
import { readListFile, recordListExport } from '@/lib/operations/list-export';

const NAME_MAX = 100;

/** The profiles list as CSV. `list`: a `ListFile` (lib/operations/list-export.ts) as JSON. `name`: the name of the file. */
export const GET = fileRoute(async ({ actor, section, search, request }) => {
  const of = { sectionId: section.id, list: search.get('list') ?? '' };
  const { lines } = valueOf(await readListFile(actor, of, { signal: request.signal }));
  // By characters: half of one cannot be sent.
  const name = [...(search.get('name') ?? '')].slice(0, NAME_MAX).join('') || 'profiles';
  return {
    lines,
    fileName: `${name} ${today()}.csv`,
    onStart: async () => void valueOf(await recordListExport(actor, of)),
  };
});
