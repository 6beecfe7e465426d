// Followers of profiles. Each subject that stores rows about profiles declares in its own folder what happens to them;
// lib/people combines the declarations for erasing, merging, undoing and the timeline.
import type { ApiKeyId, ProfileId, SectionId, UserId } from '@/lib/db/ids';
import type { Sql, Tx } from '@/lib/db/sql';
import type { TimelineStream } from './timeline';

/** The section, and the actor. */
export type FollowerCause = { sectionId: SectionId; userId: UserId | null; apiKeyId: ApiKeyId | null };

/** People who are being erased. Their profiles are locked, and deleted afterwards. */
export type Erased = {
  cause: FollowerCause;
  profileIds: readonly ProfileId[];
  /** The ids of profiles that were merged into these. */
  formerly: readonly ProfileId[];
  /** All of their keys, in lower case, mobile numbers also with +, for finding them in texts by `isOneOf` (lib/profiles/written-keys.ts). */
  keys: readonly string[];
};

/** Profiles that are being merged. All are locked; those of `from` are deleted afterwards. */
export type Merged = { cause: FollowerCause; into: ProfileId; from: readonly ProfileId[] };

/** The context of a condition on each row of a statement, when the operation that created the profile is undone. */
export type KeepContext = {
  sectionId: SectionId;
  /** The profile's id: a column of the statement. */
  profileId: Sql;
  /** A condition: a row's `operation_id` is not of the operation that is undone or its undos. */
  byOthers: (row: Sql) => Sql;
  /** The undo has removed the tags that it could. In a preview it has not: tags that it would remove do not count. */
  tagsUndone: boolean;
};

export type ProfileFollower = {
  /** The tables that this follower covers. A test compares them with all tables that refer to profiles. */
  tables: readonly string[];
  /** Deletes what these tables still have about the people. */
  erase: (tx: Tx, erased: Erased) => Promise<void>;
  /** Moves the rows of the others to the remaining profile. */
  merge: (tx: Tx, merged: Merged) => Promise<void>;
  /**
   * For undoing the creation of a profile: conditions under which the profile stays, with the reason in words. The
   * first reason that holds is shown. Rows that do not keep a profile are deleted with it by their foreign key (`on
   * delete cascade`), or outlive it harmlessly.
   */
  keepReasons?: readonly { why: string; when: (asked: KeepContext) => Sql }[];
  /** What the 360 view's timeline shows from these tables. */
  timeline?: TimelineStream;
};

/** For rows that are deleted with their profile by the foreign key, or that do not refer to it. */
export const noop = async (): Promise<void> => undefined;
