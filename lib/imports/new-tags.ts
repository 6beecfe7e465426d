// The tags that an import creates when it runs.
import type { SectionId } from '@/lib/db/ids';
import type { Tx } from '@/lib/db/sql';
import { tagsNamed } from '@/lib/tags/commands';
import type { NewTag } from '@/lib/tags/schema';
import { newNames } from './mapping';
import type { Mapping } from './schema';

/** The tags that come into being with the run: those chosen for all rows, and approved names of tag columns. */
export function newTags({ create, names }: Pick<Mapping, 'create' | 'names'>): NewTag[] {
  return [...create, ...newNames({ names }).map((name) => ({ name, colour: null }))];
}

/** The mapping once its new tags are there: they are tags like others. One that somebody created meanwhile is used. */
export async function withTagsCreated<Given extends Mapping>(
  tx: Tx,
  sectionId: SectionId,
  mapping: Given,
): Promise<Given> {
  const names = mapping.create.map(({ name }) => name);
  const apply = [...new Set([...mapping.apply, ...(await tagsNamed(tx, sectionId, names))])];
  return { ...mapping, apply, remove: mapping.remove.filter((id) => !apply.includes(id)), create: [] };
}
