// Reads of events for the API.
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { listEventTypes } from './queries';

/** The section's visible events by name, with all their versions. */
export const readEventTypes = query({
  name: 'events.list',
  scope: 'section',
  allow: 'readers',
  input: InSection,
  run: ({ db }, { sectionId }) => listEventTypes(db, sectionId),
});
