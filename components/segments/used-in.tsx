'use client';
// What uses a tag (or an attribute, or an event): the segments by name, behind a press where there are several; how many imports.
import Link from 'next/link';
import { Button, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { popoverClass } from '@/components/ui/popover-class';
import type { SegmentId } from '@/lib/db/ids';
import type { ReachedSegment } from '@/lib/segments/uses';

type Props = { slug: string; name: string; segments: readonly { id: SegmentId; name: string }[]; imports?: number };

export function UsedIn({ slug, name, segments, imports = 0 }: Props) {
  const [first] = segments;
  if (!first && imports === 0) return <span className="text-muted">nothing</span>;
  const words = `${segments.length} segments`;
  return (
    <span className="flex min-w-0 flex-col leading-tight">
      {segments.length === 1 && first && (
        <Link
          href={`/${slug}/segments/${first.id}`}
          className={`${imports > 0 ? 'truncate' : 'line-clamp-2 wrap-anywhere'} hover:underline`}
          title={first.name}
        >
          {first.name}
        </Link>
      )}
      {segments.length > 1 && (
        <DialogTrigger>
          <Button aria-label={`${words} use ${name}: show them`} className="text-left underline">
            {words}
          </Button>
          <Popover className={`${popoverClass} max-h-80 max-w-72 overflow-auto`}>
            <Dialog aria-label={`Segments that use ${name}`} className="outline-none">
              <ul className="flex flex-col gap-1">
                {segments.map((segment) => (
                  <li key={segment.id}>
                    <Link href={`/${slug}/segments/${segment.id}`} className="hover:underline">
                      {segment.name}
                    </Link>
                  </li>
                ))}
              </ul>
            </Dialog>
          </Popover>
        </DialogTrigger>
      )}
      {imports > 0 && <span>{`${imports} ${imports === 1 ? 'import' : 'imports'}`}</span>}
    </span>
  );
}

/** The segments that use one thing, also through others. */
export const usersOf = (uses: readonly ReachedSegment[], id: number): ReachedSegment[] =>
  uses.filter(({ usedId }) => usedId === id);

/** Those of them that use it by their own rules. */
export const directOf = (uses: readonly ReachedSegment[]): ReachedSegment[] => uses.filter(({ direct }) => direct);

/** What hiding did to the segments that it reaches: ': 2 segments need attention now'; nothing where there are none. */
export function inNeed(hidden: boolean, segments: readonly unknown[]): string {
  if (!hidden || segments.length === 0) return '';
  return segments.length === 1
    ? ': one segment needs attention now'
    : `: ${segments.length} segments need attention now`;
}
