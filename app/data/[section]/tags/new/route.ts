import { listed, readRoute, resultJson } from '@/app/read-route';
import { checkNewTag } from '@/lib/tags/reads';

/** Whether a tag named `?name=` could be created. `?despite=7,8`: similar ones that the person was asked about. */
export const GET = readRoute(async ({ actor, section, search }) =>
  resultJson(
    await checkNewTag(actor, {
      sectionId: section.id,
      name: search.get('name') ?? '',
      despite: listed(search, 'despite').map(Number),
    }),
  ),
);
