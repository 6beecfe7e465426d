import { z } from 'zod';
import { readRoute } from '@/app/read-route';
import { parseInput } from '@/lib/access/command';
import { pool } from '@/lib/db/pool';
import { findNamesInFile } from '@/lib/imports/preview';
import { NAME_SEPARATORS } from '@/lib/imports/schema';
import { requestedImport } from '../../requested';

const Columns = z
  .string()
  .regex(/^\d+(,\d+)*$/, 'Name the columns by number.')
  .transform((text) => text.split(',').map(Number));
const Separator = z.enum(NAME_SEPARATORS);

/** The names in the columns `?columns=3,4&separator=|` (counted from 0), and which of them are no tags yet. */
export const GET = readRoute(async ({ actor, section, params, search }) => {
  const found = await requestedImport(section.id, params.import);
  const columns = parseInput(Columns, search.get('columns') ?? '');
  const separator = parseInput(Separator, search.get('separator') ?? '|');
  return findNamesInFile(pool(), { sectionId: section.id, accountId: actor.accountId, found }, columns, separator);
});
