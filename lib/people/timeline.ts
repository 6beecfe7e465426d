// The timeline of the 360 view: what happened to a profile, in all subjects, newest first.
import { refuse } from '@/lib/access/refusal';
import type { ProfileId, SectionId } from '@/lib/db/ids';
import type { Db } from '@/lib/db/sql';
import { olderThan, type TimelineCursor, type TimelineItem } from '@/lib/followers/timeline';
import { mergedInto } from '@/lib/profiles/merged';
import { TIMELINES } from './followers';

const PAGE_SIZE = 50;

/** The streams, for a menu. */
export const TIMELINE_MENU = TIMELINES.map(({ stream, words }) => ({ value: stream, label: words }));

/**
 * A page of a profile's timeline. `before`: the cursor of the last item seen; `only`: one stream. Reads a page of each
 * stream and returns the newest lines of all of them. Refuses an invalid cursor.
 */
export async function profileTimeline(
  db: Db,
  sectionId: SectionId,
  profileId: ProfileId,
  { before, only }: { before?: string; only?: string } = {},
): Promise<{ items: TimelineItem[]; next: string | null }> {
  const cursor = before === undefined ? null : parseCursor(before);
  const formerly = await mergedInto(db, sectionId, [profileId]);
  const found: { stream: string; item: TimelineItem }[] = [];
  for (const { stream, read } of TIMELINES) {
    if (only !== undefined && only !== stream) continue;
    const older = olderThan(cursor, stream);
    const entries = await read(db, { sectionId, profileId, formerly, older, limit: PAGE_SIZE + 1 });
    for (const entry of entries)
      found.push({ stream, item: { ...entry, cursor: `${entry.at.toISOString()}~${stream}~${entry.id}` } });
  }
  found.sort(
    (one, two) =>
      two.item.at.getTime() - one.item.at.getTime() ||
      (two.stream < one.stream ? -1 : two.stream > one.stream ? 1 : two.item.id - one.item.id),
  );
  const items = found.slice(0, PAGE_SIZE).map(({ item }) => item);
  return { items, next: found.length > PAGE_SIZE ? items.at(-1)!.cursor : null };
}

function parseCursor(text: string): TimelineCursor {
  const [, at, stream, id] = /^([\dT:.-]+Z)~([a-z]+)~(\d{1,19})$/.exec(text) ?? [];
  if (at === undefined || Number.isNaN(Date.parse(at)) || !TIMELINES.some((item) => item.stream === stream))
    return refuse('invalid', 'This page of the timeline no longer exists. Reload the page.', { field: 'before' });
  return { at, stream: stream!, id: Number(id) };
}
