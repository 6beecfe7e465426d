// The import that a data route is asked about.
import { refuse } from '@/lib/access/refusal';
import { ImportIdSchema, type SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { getImport } from '@/lib/imports/queries';
import type { ImportView } from '@/lib/imports/schema';

/** The section's import of this id; refuses with `not_found`. */
export async function requestedImport(sectionId: SectionId, id: string | undefined): Promise<ImportView> {
  const parsed = ImportIdSchema.safeParse(id);
  const found = parsed.success ? await getImport(pool(), sectionId, parsed.data) : undefined;
  return found ?? refuse('not_found', 'There is no such import in this section.');
}
