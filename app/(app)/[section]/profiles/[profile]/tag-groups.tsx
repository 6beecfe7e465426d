'use client';
// Chips of tags, by group: those of no group come last. With sources, each has a line of its own.
import { HeldBy } from '@/components/tags/held-by';
import { TagChip } from '@/components/tags/tag-chip';
import { DateTime } from '@/components/ui/date-time';
import type { HeldTag } from '@/lib/profiles/schema';
import { sourceInWords } from '@/lib/tags/source';

type Props = {
  tags: readonly HeldTag[];
  /** Says of each tag where it came from. */
  detailed: boolean;
  /** `shown`: all tags in the order in which they stand. */
  onRemove: (tag: HeldTag, shown: readonly HeldTag[]) => void;
};

export function TagGroups({ tags, detailed, onRemove }: Props) {
  const groups = byGroup(tags);
  const shown = groups.flatMap(({ members }) => members);
  return (
    <div className="flex flex-col gap-3">
      {groups.map(({ group, members }) => (
        <div key={group}>
          {groups.length > 1 && (
            <h3 className="text-muted mb-1 text-[13px] wrap-anywhere">
              <bdi>{group || 'Other tags'}</bdi>
            </h3>
          )}
          <ul
            className={detailed ? 'flex flex-col gap-1.5' : 'flex flex-wrap gap-1.5'}
            aria-label={groups.length > 1 ? `Tags on this profile: ${group || 'other tags'}` : 'Tags on this profile'}
          >
            {members.map((tag) => (
              <li
                key={tag.id}
                data-tag={tag.id}
                className={detailed ? 'flex max-w-full flex-wrap items-center gap-x-3' : 'max-w-full'}
              >
                <TagChip tag={tag} onRemove={() => onRemove(tag, shown)} />
                {detailed && tag.source && tag.since && (
                  <span className="text-muted min-w-0 text-[13px] wrap-anywhere">
                    {sourceInWords({ ...tag, source: tag.source })} · <DateTime value={tag.since} exact />
                    {tag.lists.length > 0 && ' · '}
                    <HeldBy tag={tag} />
                  </span>
                )}
              </li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}

function byGroup(tags: readonly HeldTag[]): { group: string; members: HeldTag[] }[] {
  const groups = new Map<string, HeldTag[]>();
  for (const tag of tags) groups.set(tag.group, [...(groups.get(tag.group) ?? []), tag]);
  return [...groups]
    .map(([group, members]) => ({ group, members }))
    .sort(
      (one, other) => Number(one.group === '') - Number(other.group === '') || one.group.localeCompare(other.group),
    );
}
