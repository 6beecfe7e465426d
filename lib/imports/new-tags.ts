// The tags that an import creates when it runs.
import type { SectionId } from '@/lib/db/ids';
import type { Tx } from '@/lib/db/sql';
import { withNewTags } from '@/lib/tags/commands';
import type { NewTag } from '@/lib/tags/schema';
import { newNames } from './mapping';
import type { Mapping } from './schema';

/** The tags that come into being with the run: those chosen for all rows, and approved names of tag columns. */
export function newTags({ create, names }: Pick<Mapping, 'create' | 'names'>): NewTag[] {
  return [...create, ...newNames({ names }).map((name) => ({ name, colour: null }))];
}

/** The mapping after its new tags have been created: it applies them like the others. */
export async function withTagsCreated<Given extends Mapping>(
  tx: Tx,
  sectionId: SectionId,
  mapping: Given,
): Promise<Given> {
  return { ...mapping, ...(await withNewTags(tx, sectionId, mapping, mapping.create)), create: [] };
}
