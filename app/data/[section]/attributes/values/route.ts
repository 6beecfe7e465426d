import { readRoute } from '@/app/read-route';
import { readValueSuggestions } from '@/lib/profiles/value-suggestions';

/** Frequent values of the attribute `?attribute=`. */
export const GET = readRoute(({ actor, section, search, request }) =>
  readValueSuggestions(
    actor,
    { sectionId: section.id, attributeId: search.get('attribute') ?? '' },
    { signal: request.signal },
  ),
);
