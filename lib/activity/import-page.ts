// The data for an import's page: the wizard's until the import is started, then the report.
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { refuse } from '@/lib/access/refusal';
import { listAttributes } from '@/lib/attributes/queries';
import { ImportIdSchema, inAddress, type ImportId, type OperationId, type SectionId } from '@/lib/db/ids';
import type { Db } from '@/lib/db/sql';
import { fileAsRead } from '@/lib/imports/as-read';
import { readFirstRows, readTop } from '@/lib/imports/file';
import { listLeftOut } from '@/lib/imports/left-out';
import type { convertFirstRows } from '@/lib/imports/preview';
import {
  getEvidence,
  listRejects,
  mappingOfSimilarFile,
  SAMPLE_ROWS,
  settingsOfImport,
  tagsOfMapping,
  unusedNewTags,
} from '@/lib/imports/queries';
import { findImport } from '@/lib/imports/reads';
import type { ImportView } from '@/lib/imports/schema';
import { listKeyspaces } from '@/lib/profiles/queries';
import { getOperation } from './queries';

/** How many rejected rows, and rows with values left out, a report shows. */
const ROWS_SHOWN = 50;

/**
 * The data for an import's page: the wizard's until the import is started, then the report. `likeId`: an import to copy
 * the settings from.
 */
export const readImportPage = query({
  name: 'imports.read-page',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ importId: inAddress(ImportIdSchema), likeId: inAddress(ImportIdSchema) }),
  run: async ({ db, accountId }, { sectionId, importId, likeId }) => {
    const found = await findImport(db, sectionId, importId);
    if (found.status === 'uploading') refuse('not_found', 'The file of this import is still being uploaded.');
    if (found.operationId === null) {
      return { found, report: null, setUp: await setUpOf(db, { accountId, sectionId, found, likeId }) };
    }
    return { found, report: await reportOf(db, sectionId, { ...found, operationId: found.operationId }), setUp: null };
  },
});

/** In sequence: once the operation is seen as ended, all its rejected rows must be read too. */
async function reportOf(db: Db, sectionId: SectionId, found: ImportView & { operationId: OperationId }) {
  const operation = await getOperation(db, sectionId, found.operationId);
  const rejects = await listRejects(db, sectionId, found.id, { limit: ROWS_SHOWN });
  const leftOut = await listLeftOut(db, { sectionId, importId: found.id }, { limit: ROWS_SHOWN });
  const isInEffect = operation?.status === 'done' && found.undoneBy === null;
  const tags = {
    ...(await tagsOfMapping(db, sectionId, found.mapping)),
    unused: isInEffect ? await unusedNewTags(db, sectionId, found.mapping) : [],
  };
  const file = await fileAsRead(db, sectionId, found);
  return operation
    ? { operation, rejects, leftOut, tags, file }
    : refuse('not_found', 'This import does not exist in this section.');
}

type SetUp = Parameters<typeof convertFirstRows>[1] & { likeId: ImportId | null };

async function setUpOf(db: Db, { accountId, sectionId, found, likeId }: SetUp) {
  const file = { sectionId, importId: found.id, format: found.format };
  const [first, top, attributes, keyspaces, like, requestedTemplate, evidence] = await Promise.all([
    readFirstRows(db, file, SAMPLE_ROWS),
    readTop(db, file),
    listAttributes(db, sectionId),
    listKeyspaces(db, accountId),
    mappingOfSimilarFile(db, sectionId, found.format),
    likeId === null ? undefined : settingsOfImport(db, sectionId, likeId, found.format.columns),
    getEvidence(db, sectionId, found.id),
  ]);
  return { first, top, attributes, keyspaces, like, requestedTemplate, evidence };
}
