import { csvResponse } from '@/app/csv-response';
import { readRoute } from '@/app/read-route';
import { refuse } from '@/lib/access/refusal';
import { ImportIdSchema } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { csvLine } from '@/lib/export/csv';
import { getImport, listRejects } from '@/lib/imports/queries';

const PAGE = 2_000;

/** The rejected rows as CSV in the file's own columns, with the reason for each. */
export const GET = readRoute(async ({ section, params }) => {
  const id = ImportIdSchema.safeParse(params.import);
  const found = id.success ? await getImport(pool(), section.id, id.data) : undefined;
  if (!found) refuse('not_found', 'There is no such import in this section.');
  async function* lines(file: NonNullable<typeof found>) {
    yield `\uFEFF${csvLine([...(file.format.columns ?? []), 'Error'])}`;
    for (let after = 0, more = true; more;) {
      const page = await listRejects(pool(), section.id, file.id, { after, limit: PAGE });
      const width = file.format.columns?.length ?? 0;
      for (const { cells, reason } of page)
        yield csvLine([...cells, ...Array<string>(Math.max(0, width - cells.length)).fill(''), reason]);
      after = page.at(-1)?.row ?? after;
      more = page.length === PAGE;
    }
  }
  return csvResponse(lines(found), `rejected rows of ${found.fileName.replace(/\.\w+$/, '')}.csv`);
});
