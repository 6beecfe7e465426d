import type { SectionId } from '@/lib/db/ids';
import type { TagLabel } from '@/lib/tags/schema';

export type SectionRef = { id: SectionId; slug: string };

/** What an Admin is doing to a tag. */
export type OpenDialog =
  | { kind: 'edit' | 'hide'; tag: TagLabel }
  | { kind: 'merge'; tag: TagLabel; into: TagLabel | null };
