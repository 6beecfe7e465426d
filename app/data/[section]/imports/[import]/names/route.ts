import { readRoute } from '@/app/read-route';
import { readNamesInFile } from '@/lib/imports/reads';
import type { NameSeparator } from '@/lib/imports/schema';

/** The names in the columns `?columns=3,4&separator=|` (counted from 0), and which of them are no tags yet. */
export const GET = readRoute<'import'>(({ actor, section, params, search, request }) =>
  readNamesInFile(
    actor,
    {
      sectionId: section.id,
      importId: params.import,
      columns: search.get('columns') ?? '',
      separator: (search.get('separator') ?? '|') as NameSeparator,
    },
    { signal: request.signal },
  ),
);
