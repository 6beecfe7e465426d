import { readRoute } from '@/app/read-route';
import { writeRoute } from '@/app/write-route';
import { createTag } from '@/lib/tags/commands';
import { findTagChoices, readTagChoices, readWhereTagIs } from '@/lib/tags/reads';

/**
 * What pickers offer: the first tags; with `?q=`, those that match; with `?name=`, where else a tag of that name exists.
 */
export const GET = readRoute(({ actor, section, sections, search }) => {
  const of = { sectionId: section.id };
  const [text, name] = [search.get('q'), search.get('name')];
  if (text !== null) return findTagChoices(actor, { ...of, text });
  if (name === null) return readTagChoices(actor, of);
  const others = sections.map(({ id }) => id).filter((id) => id !== section.id);
  return readWhereTagIs(actor, { ...of, others, name });
});

export const POST = writeRoute(createTag);
