// Members whose records the CRM does not give.
import type { ContactRecord } from './connector';

/**
 * A contact of which only the id is known: the list names it, but its record cannot be read. It counts as a member, so that a profile
 * linked to it keeps the tag; no value of the profile is changed.
 */
export const knownById = (entity: string, id: string): ContactRecord => ({
  entity,
  id,
  emails: [],
  phones: [],
  fields: {},
  active: true,
});
