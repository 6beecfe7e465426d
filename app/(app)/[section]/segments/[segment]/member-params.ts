// Which members are shown, as URL parameters and as results; shared by server and browser.
import { createLoader, parseAsInteger, parseAsString, parseAsStringLiteral } from 'nuqs/server';
import type { Deferred } from '@/app/deferred';
import { ProfileIdSchema } from '@/lib/db/ids';
import type { PageCursor, ProfilePage } from '@/lib/profiles/queries';

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
export type MembersRequest = Awaited<ReturnType<typeof loadMembers>>;

export type Difference = { before: number; after: number; came: number; went: number };

/** Counts stream in after the page. */
export type FoundMembers = { page: ProfilePage } & (
  | { kind: 'list'; count: Deferred<number> }
  | { kind: 'difference'; difference: Deferred<Difference> }
  /** No members to show: the reason. */
  | { kind: 'nobody'; title: string; message: string }
);

/**
 * An answer with its question: the browser's URL may be a step ahead of it. `key`: unique, so that React does not keep its page
 * waiting for its counts in place of an earlier answer.
 */
export type Members = { key: string; asked: MembersRequest } & FoundMembers;

/** The start of the page in the URL; invalid profile ids are dropped. */
export function cursorOf({ before, after }: Pick<MembersRequest, 'before' | 'after'>): PageCursor {
  return { before: ProfileIdSchema.safeParse(before).data, after: ProfileIdSchema.safeParse(after).data };
}
