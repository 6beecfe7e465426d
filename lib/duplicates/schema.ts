// Possible duplicates: two profiles that may be one person, and why.
import { z } from 'zod';
import type { AttributeValues } from '@/lib/attributes/schema';
import type { OperationId, ProfileId } from '@/lib/db/ids';
import { ProfileIdSchema } from '@/lib/db/ids';
import type { TagLabel } from '@/lib/tags/schema';

/**
 * `email`: addresses that lead to one mailbox; `name`: the same name and birthday; `phone`: the same phone number. The
 * most certain one first.
 */
export const REASONS = ['email', 'name', 'phone'] as const;
export type Reason = (typeof REASONS)[number];
export const ReasonSchema = z.enum(REASONS);

/** The reasons of a pair are stored as the sum of these, so that its order is the order of certainty. */
export const REASON_BITS: Record<Reason, number> = { email: 4, name: 2, phone: 1 };

/** A value that more people share is not listed as pairs: it is more likely a switchboard than one person. */
export const PAIRED_MAX = 10;

/** A value of a profile, as written. `code`: its attribute. */
export type WrittenValue = { code: string; text: string };

/** What two profiles have in common: the value of each, as written. */
export type Match = { reason: Reason; first: WrittenValue; second: WrittenValue };

/** One of two profiles, in short. */
export type DuplicateSide = {
  id: ProfileId;
  name: string;
  attributes: AttributeValues;
  tags: TagLabel[];
  createdAt: Date;
};

/** A pair, checked against the profiles as they are now. `dismissed`: someone decided that they are not one person. */
export type DuplicatePair = {
  first: DuplicateSide;
  second: DuplicateSide;
  matches: Match[];
  dismissed: { at: Date; by: string | null } | null;
};

/** The position of a pair in a list: of those to decide (`at` is null), or of the decided ones. */
export const PairPlaceSchema = z.object({
  at: z.coerce.date().nullable(),
  reasons: z.int().min(0).max(7),
  first: ProfileIdSchema,
  second: ProfileIdSchema,
});
export type PairPlace = z.output<typeof PairPlaceSchema>;

/** A page of pairs. `next`: where the next page starts, if there may be more. */
export type PairPage = { pairs: DuplicatePair[]; next: PairPlace | null };

/** A value shared by more than PAIRED_MAX people. `name`, `profileId`: one of them. `shared`: the value, as that one has it. */
export type Crowd = { reason: Reason; people: number; profileId: ProfileId; name: string; shared: string };

/** The state of the search. */
export type DuplicatesStatus = {
  /** When the last finished look ended; null if there was none. */
  lookedAt: Date | null;
  /** The newest look, unless it is the last finished one: it runs, was cancelled or failed. */
  unfinished: OperationId | null;
  /** Pairs to decide, and decided ones. Those whose data have changed since count until the next look. */
  open: number;
  dismissed: number;
  crowds: Crowd[];
  /** How many values the last finished look compared. */
  compared: Record<Reason, number>;
  /** Of phone numbers that are written without a country: '46'. */
  callingCode: string | null;
};
