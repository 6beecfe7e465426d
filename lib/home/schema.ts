// What Home shows.

/** Something that a person should look at. `path`: below the section's address. */
export type Attention = { key: string; title: string; reason: string; path: string };

/** A part of Home about one subject: what happened last, and what needs a person. */
export type Part<Latest> = { latest: Latest[]; attention: Attention[] };

/** How many lines a card has. */
export const LINES = 4;
