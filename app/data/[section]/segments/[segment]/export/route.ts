import { fileRoute } from '@/app/file-route';
import { valueOf } from '@/lib/access/refusal';
import { today } from '@/lib/export/csv-response';
import { recordExport } from '@/lib/segments/record-export';
import { readMembersFile } from '@/lib/segments/reads';

/** The members as CSV: `?column=tags&column=key:1`; without it, all columns. `at`: the members at the end of that day. */
export const GET = fileRoute<'segment'>(async ({ actor, section, params, search, request }) => {
  const [columns, day] = [search.getAll('column'), search.get('at')];
  const of = { sectionId: section.id, segmentId: params.segment };
  const { name, lines } = valueOf(await readMembersFile(actor, { ...of, columns, day }, { signal: request.signal }));
  return {
    lines,
    fileName: `${name} ${day ?? today()}.csv`,
    onStart: async () => void valueOf(await recordExport(actor, of)),
  };
});
