// Lines of the 360 view's timeline. Each subject reads its own; lib/people/timeline.ts merges them.
import type { ProfileId, SectionId } from '@/lib/db/ids';
import { sql, type Db, type Sql } from '@/lib/db/sql';

/** A line, ready to be shown. JSON only. */
export type TimelineEntry = {
  id: number;
  at: Date;
  icon: TimelineIcon;
  /** The name of its subject, shown before the words: 'VIP'. */
  about: string | null;
  /** The address of its subject, below its section's. */
  path?: string;
  /** What happened: 'applied', 'Profile changed'. */
  what: string;
  /** The details. With `before`, a change of a value; empty text is shown as 'empty'. */
  details: readonly { name: string; before?: string; after: string }[];
  /** Its origin, in words: 'Import by Mia · leads.csv'. */
  from: string;
  /** When it was undone, and by whom. */
  undone: { at: Date; by: string | null } | null;
};

/** components has an icon for each. */
export type TimelineIcon =
  | 'tag'
  | 'tag-off'
  | 'created'
  | 'changed'
  | 'merged'
  | 'event'
  | 'note'
  | 'consent'
  | 'message'
  | 'form'
  | 'flow';

/** A line with its position. `cursor`: unique in the timeline; the next page can start there. */
export type TimelineItem = TimelineEntry & { cursor: string };

/** The lines of a profile that a page requests. */
export type TimelinePage = {
  sectionId: SectionId;
  profileId: ProfileId;
  /** The profiles that were merged into it, for tables that keep rows under their original profile. */
  formerly: readonly ProfileId[];
  /** A condition on these columns: the line comes after the last one of the previous page. */
  older: (at: Sql, id: Sql) => Sql;
  limit: number;
};

export type TimelineStream = {
  /** Its name in addresses and cursors. Stable: lower-case letters. */
  stream: string;
  /** Its name in the menu: 'Profile data'. */
  words: string;
  /** The lines of a page: `where… and ${older(at, id)} order by at desc, id desc limit ${limit}`, over an index. */
  read: (db: Db, page: TimelinePage) => Promise<TimelineEntry[]>;
};

/** Where a page starts: after this line. */
export type TimelineCursor = { at: string; stream: string; id: number };

/**
 * Lines are ordered by (at, stream, id), descending: the stream is constant in each query, so that it can use its
 * index.
 */
export function olderThan(cursor: TimelineCursor | null, stream: string): TimelinePage['older'] {
  return (at, id) => {
    if (cursor === null) return sql`true`;
    const time = sql`${cursor.at}::timestamptz`;
    if (stream === cursor.stream) return sql`(${at}, ${id}) < (${time}, ${cursor.id}::bigint)`;
    return stream < cursor.stream ? sql`${at} <= ${time}` : sql`${at} < ${time}`;
  };
}
