import { readRoute } from '@/app/read-route';
import { writeRoute } from '@/app/write-route';
import { createTag } from '@/lib/tags/commands';
import { readVisibleTags, readWhereTagIs } from '@/lib/tags/reads';

/** The section's tags; with `?name=`, where else a tag of that name exists. */
export const GET = readRoute(({ actor, section, sections, search }) => {
  const name = search.get('name');
  if (name === null) return readVisibleTags(actor, { sectionId: section.id });
  const others = sections.map(({ id }) => id).filter((id) => id !== section.id);
  return readWhereTagIs(actor, { sectionId: section.id, others, name });
});

export const POST = writeRoute(createTag);
