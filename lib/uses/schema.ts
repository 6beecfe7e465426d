// What can use what. A subject that uses others adds its kind to `USER_KINDS`, describes it in its own folder, and is put
// together with the others in lib/used-in.

/** What other things refer to. */
export type UsedKind = 'tag' | 'attribute' | 'event' | 'topic' | 'segment';
export type Used = { kind: UsedKind; id: number };

/** What refers to other things. */
export const USER_KINDS = ['segment', 'import'] as const;
export type UserKind = (typeof USER_KINDS)[number];

/** How a kind of user is shown. Of no server code, so that the browser can have it. */
export type UserWords = {
  one: string;
  many: string;
  /** Where a list has many of them, how many are named; the others are only counted. */
  named: number;
  /** The address of one of them, below its section's. */
  path: (id: number) => string;
  /** Where its use of something can be taken out. */
  edit: (id: number) => string;
  /** What happens to it when something that it uses is hidden, after its name. `through`: when it uses that through another. */
  hidden: { direct: string; through: string };
  /** What the same list says where there are none. */
  none: string;
};

/** One that uses something, by name. `active`: whether it still depends on it; an import that is done does not. */
export type NamedUser = { id: number; name: string; active: boolean };
