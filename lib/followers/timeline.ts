// Lines of the 360 view's timeline. Each subject reads its own; lib/people/timeline.ts sorts them into one.
import type { ProfileId, SectionId } from '@/lib/db/ids';
import { sql, type Db, type Sql } from '@/lib/db/sql';

/** A line, ready to be shown. All of it is JSON. */
export type TimelineEntry = {
  id: number;
  at: Date;
  icon: TimelineIcon;
  /** The name of what it is about, shown before the words: 'VIP'. */
  about: string | null;
  /** What happened: 'applied', 'Profile changed'. */
  what: string;
  /** What it says in particular. With `before`, it is a change of a value; empty text is shown as 'empty'. */
  details: readonly { name: string; before?: string; after: string }[];
  /** Where it came from, in words: 'Import by Mia · leads.csv'. */
  from: string;
  /** When it was undone, and by whom. */
  undone: { at: Date; by: string | null } | null;
};

/** components draw one for each. */
export type TimelineIcon = 'tag' | 'tag-off' | 'created' | 'changed' | 'merged' | 'event';

/** A line in its place. `cursor`: unique in the timeline; also where the next page begins. */
export type TimelineItem = TimelineEntry & { cursor: string };

/** Which lines of a profile a page has. */
export type TimelinePage = {
  sectionId: SectionId;
  profileId: ProfileId;
  /** The profiles that were merged into it, for tables that keep rows under their first profile. */
  formerly: readonly ProfileId[];
  /** A condition: the line is after the last one of the page before, by these columns. */
  older: (at: Sql, id: Sql) => Sql;
  limit: number;
};

export type TimelineStream = {
  /** Names it in addresses and cursors. Stable: lower-case letters. */
  stream: string;
  /** The menu's words for it: 'Profile data'. */
  words: string;
  /** The lines of a page: `where… and ${older(at, id)} order by at desc, id desc limit ${limit}`, over an index. */
  read: (db: Db, page: TimelinePage) => Promise<TimelineEntry[]>;
};

/** Where a page begins: after this line. */
export type TimelineCursor = { at: string; stream: string; id: number };

/** Lines are in the order of (at, stream, id), descending: a stream knows its own name, so that it can read by its index. */
export function olderThan(cursor: TimelineCursor | null, stream: string): TimelinePage['older'] {
  return (at, id) => {
    if (cursor === null) return sql`true`;
    const time = sql`${cursor.at}::timestamptz`;
    if (stream === cursor.stream) return sql`(${at}, ${id}) < (${time}, ${cursor.id}::bigint)`;
    return stream < cursor.stream ? sql`${at} <= ${time}` : sql`${at} < ${time}`;
  };
}
