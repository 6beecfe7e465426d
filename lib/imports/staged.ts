// The rows of a file while its import runs.
import type { ImportId, SectionId } from '@/lib/db/ids';
import { execute, sql, type Tx } from '@/lib/db/sql';

/** Deletes an import's staged rows: uploaded data is not kept longer than needed. */
export async function removeStaged(tx: Tx, sectionId: SectionId, importId: ImportId): Promise<void> {
  await execute(tx, sql`delete from import_row where section_id = ${sectionId} and import_id = ${importId}`);
  await execute(tx, sql`delete from import_repeat where section_id = ${sectionId} and import_id = ${importId}`);
}
