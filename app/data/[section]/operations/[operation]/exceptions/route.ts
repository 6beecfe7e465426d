import { fileRoute } from '@/app/file-route';
import { valueOf } from '@/lib/access/refusal';
import { csvLine } from '@/lib/export/csv';
import { readOperation } from '@/lib/activity/reads';
import { readUndoExceptions } from '@/lib/operations/reads';
import { UNDO_REASONS } from '@/lib/operations/schema';

const PAGE = 5_000;

/** Everything that an undo did not change, as CSV. */
export const GET = fileRoute<'operation'>(async ({ actor, section, params }) => {
  const { id } = valueOf(await readOperation(actor, { sectionId: section.id, operationId: params.operation }));
  const read = async (after: number) =>
    valueOf(await readUndoExceptions(actor, { sectionId: section.id, operationId: id, after, limit: PAGE }));
  async function* lines() {
    yield `\uFEFF${csvLine(['Profile', 'Tag', 'Why'])}`;
    for (let after = 0, more = true; more;) {
      const page = await read(after);
      for (const { profileId, profileKey, tag, reason } of page)
        yield csvLine([profileKey ?? profileId, tag, UNDO_REASONS[reason]]);
      after = page.at(-1)?.id ?? after;
      more = page.length === PAGE;
    }
  }
  return { lines: lines(), fileName: `not undone by ${id}.csv` };
});
