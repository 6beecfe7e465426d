import { readRoute } from '@/app/read-route';
import { writeRoute } from '@/app/write-route';
import { pool } from '@/lib/db/pool';
import { createTag } from '@/lib/tags/commands';
import { visibleTags, whereTagIs } from '@/lib/tags/queries';

/** The section's tags; with `?name=`, where a tag of that name is that is none of these. */
export const GET = readRoute(({ section, sections, search }) => {
  const name = search.get('name');
  if (name === null) return visibleTags(pool(), section.id);
  const others = sections.map(({ id }) => id).filter((id) => id !== section.id);
  return whereTagIs(pool(), section.id, others, name);
});

export const POST = writeRoute(createTag);
