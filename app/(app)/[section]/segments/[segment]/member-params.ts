// What the address says of the members that are shown, and what comes of it; the same on the server and in the browser.
import { createLoader, parseAsInteger, parseAsString, parseAsStringLiteral } from 'nuqs/server';
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
/** Counts come after the page; a message is one that a person can act on. */
export type Later<T> = Promise<{ ok: true; value: T } | { ok: false; message: string }>;

export type Members = { page: ProfilePage } & (
  | { kind: 'list'; count: Later<number> }
  | { kind: 'difference'; difference: Later<Difference> }
  /** The dates that are needed are not there, or are none. */
  | { kind: 'dates'; message: string | null }
);
