import { csvResponse } from '@/lib/export/csv-response';
import { readRoute } from '@/app/read-route';
import { pool } from '@/lib/db/pool';
import { csvLine } from '@/lib/export/csv';
import { listRejects } from '@/lib/imports/queries';
import type { ImportView } from '@/lib/imports/schema';
import { requestedImport } from '../../requested';

const PAGE = 2_000;

/** The rejected rows as CSV in the file's own columns, with the reason for each. */
export const GET = readRoute(async ({ section, params }) => {
  const found = await requestedImport(section.id, params.import);
  async function* lines(file: ImportView) {
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
