// Lines of the timeline that say the same of different tags, as an import with many tags makes them, become one.
import type { TimelineItem } from '@/lib/followers/timeline';

/** A line; `abouts`: all of its subjects. */
export type TimelineGroup = TimelineItem & { abouts: string[] };

const TAGS = ['tag', 'tag-off'];

const sameChange = (left: TimelineItem, right: TimelineItem): boolean =>
  TAGS.includes(left.icon) &&
  left.icon === right.icon &&
  left.what === right.what &&
  left.from === right.from &&
  timeOf(left.at) === timeOf(right.at) &&
  timeOf(left.undone?.at) === timeOf(right.undone?.at) &&
  left.details.length + right.details.length === 0;

const timeOf = (at: Date | undefined): number | undefined => at && new Date(at).getTime();

/** Puts neighbours together. The order stays. */
export function alike(items: readonly TimelineItem[]): TimelineGroup[] {
  const groups: TimelineGroup[] = [];
  for (const item of items) {
    const last = groups.at(-1);
    const about = item.about === null ? [] : [item.about];
    if (last && sameChange(last, item)) last.abouts.push(...about);
    else groups.push({ ...item, abouts: about });
  }
  return groups;
}
