// Reads of attributes for pages and the API.
import { z } from 'zod';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { listAttributes } from './queries';
import { listIndexes } from './value-index';

/** The section's attributes. `hidden`: also hidden ones. */
export const readAttributes = query({
  name: 'attributes.list',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ hidden: z.boolean().optional() }),
  run: ({ db }, { sectionId, hidden }) => listAttributes(db, sectionId, { hidden }),
});

/** The section's attribute indexes and their progress. */
export const readAttributeIndexes = query({
  name: 'attributes.list-indexes',
  scope: 'section',
  allow: 'admins',
  input: InSection,
  run: ({ db }, { sectionId }) => listIndexes(db, sectionId),
});
