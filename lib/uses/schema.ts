// What can use what. A subject that uses others adds its kind to `USER_KINDS`, describes it in its own folder, and is
// listed in lib/used-in.

/** What other things refer to. */
export type UsedKind = 'tag' | 'attribute' | 'event' | 'topic' | 'segment' | 'message' | 'form' | 'flow';
export type Used = { kind: UsedKind; id: number };

/** What refers to other things. */
export const USER_KINDS = ['segment', 'message', 'form', 'flow', 'list', 'import'] as const;
export type UserKind = (typeof USER_KINDS)[number];

/** How a kind of user is shown. Imports no server code, so that the browser can use it. */
export type UserWords = {
  one: string;
  many: string;
  /** How many of them a long list names; the others are only counted. */
  named: number;
  /** The address of a user, below its section's. */
  path: (id: number) => string;
  /** Where its use of something can be removed. */
  edit: (id: number) => string;
  /**
   * What happens to it when something that it uses is hidden, after its name. `through`: if it uses that indirectly.
   */
  hidden: { direct: string; through: string };
  /** The list's text if there are none. */
  none: string;
};

/** A user, by name. `active`: whether it still depends on what it uses; a finished import does not. */
export type NamedUser = { id: number; name: string; active: boolean };
