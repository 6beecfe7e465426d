// What follows a profile. Each subject that keeps rows about profiles declares in its own folder what becomes of them; lib/people
// puts the declarations together. Erasing, merging, undoing and the timeline read them from there.
import type { ApiKeyId, ProfileId, SectionId, UserId } from '@/lib/db/ids';
import type { Sql, Tx } from '@/lib/db/sql';
import type { TimelineStream } from './timeline';

/** In which section, and who does it. */
export type FollowerCause = { sectionId: SectionId; userId: UserId | null; apiKeyId: ApiKeyId | null };

/** People who are being erased. Their profiles are locked, and are deleted afterwards. */
export type Erased = {
  cause: FollowerCause;
  profileIds: readonly ProfileId[];
  /** The ids of profiles that were merged into these. */
  formerly: readonly ProfileId[];
  /** All of their keys, in lower case. `isOneOf` (lib/profiles/written-keys.ts) finds them in texts. */
  keys: readonly string[];
};

/** Profiles that become one. All are locked; those of `from` are deleted afterwards. */
export type Merged = { cause: FollowerCause; into: ProfileId; from: readonly ProfileId[] };

/** Asks about the profile of each row of a statement, when the operation that made it is undone. */
export type KeepContext = {
  sectionId: SectionId;
  /** The profile: a column of the statement. */
  profileId: Sql;
  /** A condition: a row's `operation_id` is of somebody else than the operation that is undone and its undos. */
  byOthers: (row: Sql) => Sql;
  /** The undo has taken off what tags it could. In a preview it has not: tags that it would take off do not count. */
  tagsUndone: boolean;
};

export type ProfileFollower = {
  /** The tables that this is about. A test holds all tables with profiles in them against these. */
  tables: readonly string[];
  /** Removes what is left of the people in these tables. */
  erase: (tx: Tx, erased: Erased) => Promise<void>;
  /** Gives the rows of the others to the profile that stays. */
  merge: (tx: Tx, merged: Merged) => Promise<void>;
  /**
   * When the making of a profile is undone: conditions, and in words why the profile stays. Of several reasons the first one is
   * shown. Rows that keep no profile go with it by their foreign key (`on delete cascade`), or outlive it without harm.
   */
  keepReasons?: readonly { why: string; when: (asked: KeepContext) => Sql }[];
  /** What the 360 view's timeline shows of these tables. */
  timeline?: TimelineStream;
};

/** For rows that go with their profile by the foreign key, or that do not name it. */
export const noop = async (): Promise<void> => undefined;
