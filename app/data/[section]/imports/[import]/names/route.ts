import { readRoute } from '@/app/read-route';
import { readNamesInFile } from '@/lib/imports/reads';
import type { NameSeparator } from '@/lib/imports/schema';

/** The names in the columns `?columns=3,4&separator=|` (zero-based), and which of them have no tag yet. */
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
