// The tags of a mapping.
import type { TagId } from '@/lib/db/ids';
import type { Mapping } from './schema';

/** The tags of yes-or-no columns. */
export function columnTags({ columns }: Pick<Mapping, 'columns'>): TagId[] {
  return columns.flatMap((column) => (column.to === 'tag' ? [column.tagId] : []));
}

/** Whether a column's values are names of tags. */
export function hasTagColumns({ columns }: Pick<Mapping, 'columns'>): boolean {
  return columns.some(({ to }) => to === 'tags');
}

/** Names in tag columns that the mapping has approved to be created. */
export function newNames({ names }: Pick<Mapping, 'names'>): string[] {
  return Object.values(names).flatMap((decision) => (decision.to === 'create' ? [decision.name] : []));
}
