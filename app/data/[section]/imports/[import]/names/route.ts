import { z } from 'zod';
import { readRoute } from '@/app/read-route';
import { withinActorLimit } from '@/lib/access/actor-limit';
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
export const GET = readRoute(async ({ actor, section, params, search, request: { signal } }) => {
  const found = await requestedImport(section.id, params.import);
  const columns = parseInput(Columns, search.get('columns') ?? '');
  const separator = parseInput(Separator, search.get('separator') ?? '|');
  const where = { sectionId: section.id, accountId: actor.accountId, found };
  // The file may be large: a person's are read some at a time, and no longer than somebody waits.
  return withinActorLimit(actor, signal, () => findNamesInFile(pool(), where, { columns, separator, signal }));
});
