// What the address says of the members that are shown, and what comes of it; the same on the server and in the browser.
import { createLoader, parseAsInteger, parseAsString, parseAsStringLiteral } from 'nuqs/server';
import type { Later } from '@/app/later';
import type { ProfilePage } from '@/lib/profiles/queries';

export const VIEWS = ['now', 'then', 'compare'] as const;

export const memberParsers = {
  view: parseAsStringLiteral(VIEWS).withDefault('now'),
  /** Days: 'YYYY-MM-DD'. */
  at: parseAsString.withDefault(''),
  from: parseAsString.withDefault(''),
  to: parseAsString.withDefault(''),
  which: parseAsStringLiteral(['came', 'went'] as const).withDefault('came'),
  before: parseAsInteger,
  after: parseAsInteger,
};

export const loadMembers = createLoader(memberParsers);
export type AskedMembers = Awaited<ReturnType<typeof loadMembers>>;

export type Difference = { before: number; after: number; came: number; went: number };

/** Counts come after the page. */
export type FoundMembers = { page: ProfilePage } & (
  | { kind: 'list'; count: Later<number> }
  | { kind: 'difference'; difference: Later<Difference> }
  /** Nobody can be shown: what is missing, or went wrong. */
  | { kind: 'nobody'; title: string; message: string }
);

/**
 * An answer, with what it is the answer to: the address in the browser may be a step ahead of it. `key`: its own, so that
 * its page does not wait for its counts, as it would in a place where those of an earlier answer stand.
 */
export type Members = { key: string; asked: AskedMembers } & FoundMembers;
