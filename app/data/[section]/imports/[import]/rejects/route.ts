import { fileRoute } from '@/app/file-route';
import { valueOf } from '@/lib/access/refusal';
import { csvLine } from '@/lib/export/csv';
import { readImport, readRejects } from '@/lib/imports/reads';
import { problemsIn } from '@/lib/imports/schema';

const PAGE = 2_000;

/** The rejected rows as CSV in the file's own columns, with the reasons for each. */
export const GET = fileRoute<'import'>(async ({ actor, section, params }) => {
  const { id, fileName, format } = valueOf(await readImport(actor, { sectionId: section.id, importId: params.import }));
  const read = async (after: number) =>
    valueOf(await readRejects(actor, { sectionId: section.id, importId: id, after, limit: PAGE }));
  async function* lines() {
    yield `\uFEFF${csvLine([...(format.columns ?? []), 'Error'])}`;
    const width = format.columns?.length ?? 0;
    for (let after = 0, more = true; more;) {
      const page = await read(after);
      for (const reject of page) {
        const missing = Math.max(0, width - reject.cells.length);
        yield csvLine([...reject.cells, ...Array<string>(missing).fill(''), problemsIn(reject).join('; ')]);
      }
      after = page.at(-1)?.row ?? after;
      more = page.length === PAGE;
    }
  }
  return { lines: lines(), fileName: `rejected rows of ${fileName.replace(/\.\w+$/, '')}.csv` };
});
