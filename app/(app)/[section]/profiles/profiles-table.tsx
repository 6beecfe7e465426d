'use client';
// A page of profiles. Arrows move, x selects, Enter opens, Shift selects a range.
import clsx from 'clsx';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useRef, useState, type KeyboardEvent, type MouseEvent } from 'react';
import { useRememberList } from '@/components/profiles/remembered-list';
import { TagLink } from '@/components/tags/tag-chip';
import { DateTime } from '@/components/ui/date-time';
import { tableClass } from '@/components/ui/display';
import { Checkbox } from '@/components/ui/field';
import { useHotkeys } from '@/components/ui/hotkeys';
import type { ProfileId } from '@/lib/db/ids';
import type { Keyspace, ProfileRow } from '@/lib/profiles/schema';

type Props = {
  slug: string;
  profiles: ProfileRow[];
  keyspaces: Keyspace[];
  selected: ReadonlySet<ProfileId>;
  onSelect: (selected: ReadonlySet<ProfileId>) => void;
  /** A link at the end of each row. */
  more?: (profile: ProfileRow) => { href: string; label: string };
};

const TAGS_SHOWN = 4;

export function ProfilesTable({ slug, profiles, keyspaces, selected, onSelect, more }: Props) {
  const router = useRouter();
  useRememberList(
    slug,
    profiles.map(({ id }) => id),
  );
  const body = useRef<HTMLTableSectionElement>(null);
  const anchor = useRef(0);
  const [chosen, setActive] = useState(0);
  const active = Math.min(chosen, profiles.length - 1);
  const selectedHere = profiles.filter(({ id }) => selected.has(id)).length;

  const focusRow = (index: number) => {
    const next = Math.max(0, Math.min(profiles.length - 1, index));
    setActive(next);
    (body.current?.rows[next] as HTMLElement | undefined)?.focus();
  };
  useHotkeys({ ArrowDown: () => focusRow(active + 1), ArrowUp: () => focusRow(active - 1) });

  const toggle = (index: number, range: boolean) => {
    const next = new Set(selected);
    const on = !selected.has(profiles[index]!.id);
    const [from, to] = range ? [Math.min(anchor.current, index), Math.max(anchor.current, index)] : [index, index];
    for (const { id } of profiles.slice(from, to + 1)) {
      if (on) next.add(id);
      else next.delete(id);
    }
    anchor.current = index;
    onSelect(next);
  };
  const toggleAll = (on: boolean) => {
    const next = new Set(selected);
    for (const { id } of profiles) {
      if (on) next.add(id);
      else next.delete(id);
    }
    onSelect(next);
  };
  const open = (id: ProfileId) => router.push(`/${slug}/profiles/${id}`);

  function onKeyDown(event: KeyboardEvent, index: number) {
    if (event.target !== event.currentTarget || event.metaKey || event.ctrlKey) return;
    const act: Record<string, () => void> = {
      Enter: () => open(profiles[index]!.id),
      x: () => toggle(index, false),
      X: () => toggle(index, true),
    };
    if (!act[event.key]) return;
    event.preventDefault();
    act[event.key]!();
  }

  function onClick(event: MouseEvent, index: number) {
    if ((event.target as HTMLElement).closest('a, button, label, input')) return;
    if (event.shiftKey) toggle(index, true);
    else setActive(index);
  }

  return (
    <div className="relative overflow-x-auto">
      <table className={tableClass.table}>
        <thead>
          <tr>
            <th scope="col" className={`${tableClass.head} w-10`}>
              <Checkbox
                label="Select this page"
                isSelected={selectedHere === profiles.length}
                isIndeterminate={selectedHere > 0 && selectedHere < profiles.length}
                onChange={toggleAll}
              />
            </th>
            <th scope="col" className={tableClass.head}>
              Name
            </th>
            <th scope="col" className={`${tableClass.head} hidden sm:table-cell`}>
              Keys
            </th>
            <th scope="col" className={tableClass.head}>
              Tags
            </th>
            <th scope="col" className={`${tableClass.head} hidden lg:table-cell`}>
              Added
            </th>
            {more && (
              <th scope="col" className={tableClass.head}>
                <span className="sr-only">More</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody ref={body}>
          {profiles.map((profile, index) => (
            <tr
              key={profile.id}
              tabIndex={index === active ? 0 : -1}
              onFocus={() => setActive(index)}
              onKeyDown={(event) => onKeyDown(event, index)}
              onClick={(event) => onClick(event, index)}
              onDoubleClick={() => open(profile.id)}
              className={clsx(tableClass.row, '-outline-offset-2!', selected.has(profile.id) && 'bg-accent-soft')}
            >
              <td className={tableClass.cell}>
                <Checkbox
                  label={`Select ${profile.name}`}
                  isSelected={selected.has(profile.id)}
                  onChange={() => toggle(index, false)}
                  excludeFromTabOrder
                />
              </td>
              <td className={tableClass.cell}>
                <Link
                  href={`/${slug}/profiles/${profile.id}`}
                  className="font-medium hover:underline sm:whitespace-nowrap"
                >
                  {profile.name}
                </Link>
              </td>
              <td className={`${tableClass.cell} text-muted hidden sm:table-cell`}>
                <span className={`block truncate ${more ? 'max-w-60' : 'max-w-md'}`}>
                  {profile.keys.map(({ key }) => key).join(' · ')}
                </span>
                <span className="sr-only">
                  {profile.keys.map((key) => keyspaces.find(({ id }) => id === key.keyspaceId)?.name).join(', ')}
                </span>
              </td>
              <td className={tableClass.cell}>
                <span className="flex flex-wrap gap-1">
                  {profile.tags.slice(0, TAGS_SHOWN).map((tag) => (
                    <TagLink key={tag.id} tag={tag} />
                  ))}
                  {profile.tags.length > TAGS_SHOWN && (
                    <span className="text-muted text-xs">+{profile.tags.length - TAGS_SHOWN}</span>
                  )}
                </span>
              </td>
              <td className={`${tableClass.cell} text-muted hidden lg:table-cell`}>
                <DateTime value={profile.createdAt} />
              </td>
              {more && (
                <td className={`${tableClass.cell} text-right`}>
                  <Link
                    href={more(profile).href}
                    aria-label={`${more(profile).label} ${profile.name}`}
                    className="text-muted hover:text-ink text-[13px] underline"
                  >
                    {more(profile).label}
                  </Link>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
