// What an undo left unchanged.
import type { ProfileId } from '@/lib/db/ids';

/** Something that an undo left unchanged. `tag`: null for the profile itself or its values. */
export type UndoException = {
  id: number;
  profileId: ProfileId;
  /** A key of the profile; null if the profile is deleted or has no key. */
  profileKey: string | null;
  tag: string | null;
  reason: 'changed_since' | 'hidden' | 'gone';
};

/** Why an undo left something unchanged, for a person. */
export const UNDO_REASONS: Record<UndoException['reason'], string> = {
  changed_since: 'Kept: someone has changed it since',
  hidden: 'Not possible: the tag has been hidden',
  gone: 'Not possible: the profile has been deleted',
};
