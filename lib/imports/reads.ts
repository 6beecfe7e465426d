// Reads of imports for pages.
import { z } from 'zod';
import { withinActorLimit } from '@/lib/access/actor-limit';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { refuse } from '@/lib/access/refusal';
import { ImportIdSchema, inAddress, type ImportId, type SectionId } from '@/lib/db/ids';
import type { Db } from '@/lib/db/sql';
import { convertFirstRows, findNamesInFile } from './preview';
import { getImport, listImports, listRejects } from './queries';
import { MappingSchema, NAME_SEPARATORS, type ImportView } from './schema';

const ImportRef = InSection.extend({ importId: inAddress(ImportIdSchema) });

/** The section's import. Refuses with `not_found` if it does not exist. */
export async function findImport(db: Db, sectionId: SectionId, importId: ImportId | null): Promise<ImportView> {
  const found = importId === null ? undefined : await getImport(db, sectionId, importId);
  return found ?? refuse('not_found', 'This import does not exist in this section.');
}

/** The section's imports, newest first. */
export const readImports = query({
  name: 'imports.list',
  scope: 'section',
  allow: 'readers',
  input: InSection,
  run: ({ db }, { sectionId }) => listImports(db, sectionId),
});

/** One import. */
export const readImport = query({
  name: 'imports.read',
  scope: 'section',
  allow: 'readers',
  input: ImportRef,
  run: ({ db }, { sectionId, importId }) => findImport(db, sectionId, importId),
});

/** What the first rows would become with a mapping. */
export const readConversion = query({
  name: 'imports.try-mapping',
  scope: 'section',
  allow: 'readers',
  input: ImportRef.extend({ mapping: MappingSchema }),
  run: async ({ db, accountId }, { sectionId, importId, mapping }) => {
    const found = await findImport(db, sectionId, importId);
    return convertFirstRows(db, { sectionId, accountId, found }, mapping);
  },
});

/** The names in tag columns, counted from 0, and which of them are not tags yet. Without a separator, the likely one is used. */
export const readNamesInFile = query({
  name: 'imports.find-names',
  scope: 'section',
  allow: 'readers',
  input: ImportRef.extend({
    columns: z
      .string()
      .regex(/^\d+(,\d+)*$/, 'Name the columns by number.')
      .transform((text) => text.split(',').map(Number)),
    separator: z.enum(NAME_SEPARATORS).optional(),
  }),
  run: async ({ db, actor, accountId, signal }, { sectionId, importId, columns, separator }) => {
    const found = await findImport(db, sectionId, importId);
    const where = { sectionId, accountId, found };
    // The file may be large: a person's are read a few at a time, and only while the caller waits.
    return withinActorLimit(actor, signal, () => findNamesInFile(db, where, { columns, separator, signal }));
  },
});

/** Rejected rows in file order; `after`: only those after this one. */
export const readRejects = query({
  name: 'imports.list-rejects',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({
    importId: ImportIdSchema,
    after: z.int().optional(),
    limit: z.int().positive().max(5_000),
  }),
  run: ({ db }, { sectionId, importId, after, limit }) => listRejects(db, sectionId, importId, { after, limit }),
});
