import { readRoute } from '@/app/read-route';
import { readNamesInFile } from '@/lib/imports/reads';
import type { NameSeparator } from '@/lib/imports/schema';

/** The names in the columns `?columns=3,4` (zero-based), and which of them have no tag yet. `&separator=|`: as a person chose. */
export const GET = readRoute<'import'>(({ actor, section, params, search, request }) =>
  readNamesInFile(
    actor,
    {
      sectionId: section.id,
      importId: params.import,
      columns: search.get('columns') ?? '',
      separator: (search.get('separator') ?? undefined) as NameSeparator | undefined,
    },
    { signal: request.signal },
  ),
);
