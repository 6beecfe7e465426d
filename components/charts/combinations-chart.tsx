'use client';
// How many profiles have exactly which of a few tags (an UpSet plot): a bar per combination, dots for its tags below, the size of
// each tag on the left. The same data is available as a table.
import clsx from 'clsx';
import { Link } from '@/components/ui/link';
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { tableClass, TableHead } from '@/components/ui/display';
import type { TagId } from '@/lib/db/ids';
import type { Overlap } from '@/lib/tags/overlap';
import { count, percent, profilesHave } from './overlap-measures';

type Tag = Overlap['tags'][number];
type Combination = NonNullable<Overlap['combinations']>[number];
type Props = { slug: string; everyone: number; tags: readonly Tag[]; combinations: readonly Combination[] };

const SHOWN_AT_FIRST = 20;
const BARS_HEIGHT = 176;
/** Space above the longest bar for its number. */
const FIGURE_HEIGHT = 20;
const ROW_HEIGHT = 36;

const listed = new Intl.ListFormat('en-GB', { type: 'conjunction' });
const short = new Intl.NumberFormat('en-GB', { notation: 'compact', maximumFractionDigits: 1 });

export function CombinationsChart({ slug, everyone, tags, combinations }: Props) {
  const [all, setAll] = useState(false);
  const rows = [...tags].sort((left, right) => right.profiles - left.profiles);
  const shown = all ? combinations : combinations.slice(0, SHOWN_AT_FIRST);
  const most = Math.max(1, ...combinations.map(({ profiles }) => profiles));
  const none = everyone - combinations.reduce((sum, { profiles }) => sum + profiles, 0);
  return (
    <div className="flex flex-col gap-3">
      <div className="flex relative overflow-x-auto pb-1">
        <SetSizes tags={rows} />
        <ul aria-label="Combinations, the most frequent first" className="flex min-w-0 flex-1">
          {shown.map((combination) => (
            <CombinationBar
              key={combination.tagIds.join()}
              slug={slug}
              tags={rows}
              combination={combination}
              height={(combination.profiles / most) * (BARS_HEIGHT - FIGURE_HEIGHT)}
            />
          ))}
        </ul>
      </div>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <p className="text-muted text-[13px]">
          {profilesHave(Math.max(0, none))} none of these tags. A bar opens as a segment.
        </p>
        {combinations.length > SHOWN_AT_FIRST && (
          <Button size="small" onPress={() => setAll(!all)}>
            {all ? `Show the ${SHOWN_AT_FIRST} largest` : `Show all ${combinations.length} combinations`}
          </Button>
        )}
      </div>
      <details>
        <summary className="text-muted cursor-pointer text-[13px]">Show as a table</summary>
        <CombinationsTable slug={slug} everyone={everyone} tags={rows} combinations={combinations} />
      </details>
    </div>
  );
}

/** Labels beside the dots: each tag's name and number of profiles. Stays visible while the bars scroll. */
function SetSizes({ tags }: { tags: readonly Tag[] }) {
  const most = Math.max(1, ...tags.map(({ profiles }) => profiles));
  return (
    <div className="bg-surface border-line sticky left-0 z-10 w-32 shrink-0 border-r sm:w-56">
      <p className="text-muted pr-2 text-[13px]" style={{ height: BARS_HEIGHT }}>
        Profiles with exactly the tags that have a dot
      </p>
      <ul aria-label="Profiles with each tag">
        {tags.map(({ id, name, profiles }, row) => (
          <li
            key={id}
            className={clsx('flex flex-col justify-center gap-0.5 px-2', row % 2 === 0 && 'bg-sunken')}
            style={{ height: ROW_HEIGHT }}
          >
            <span className="truncate text-[13px] leading-tight" title={name}>
              {name}
            </span>
            <span className="flex items-center gap-1.5 text-[11px] leading-none">
              <span aria-hidden className="flex-1">
                <span
                  className="bg-line-strong block h-1 rounded-full"
                  style={{ width: `${(profiles / most) * 100}%` }}
                />
              </span>
              <span className="tabular-nums">{count(profiles)}</span>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

type BarProps = { slug: string; tags: readonly Tag[]; combination: Combination; height: number };

function CombinationBar({ slug, tags, combination, height }: BarProps) {
  const within = new Set(combination.tagIds);
  const places = tags.flatMap(({ id }, row) => (within.has(id) ? [row] : []));
  const centre = (row: number) => row * ROW_HEIGHT + ROW_HEIGHT / 2;
  const [first, last] = [places[0] ?? 0, places.at(-1) ?? 0];
  const text = `${profilesHave(combination.profiles)} ${inWords(tags, combination)}`;
  return (
    <li className="max-w-18 min-w-11 flex-1">
      <Link
        href={segmentOf(slug, tags, combination)}
        aria-label={text}
        title={text}
        className="group block -outline-offset-2!"
      >
        <span className="flex flex-col items-center justify-end" style={{ height: BARS_HEIGHT }}>
          <span className="text-xs tabular-nums" style={{ lineHeight: `${FIGURE_HEIGHT}px` }}>
            {combination.profiles < 100_000 ? count(combination.profiles) : short.format(combination.profiles)}
          </span>
          <span
            className="bg-accent group-hover:bg-accent-hover w-6 rounded-t-sm"
            style={{ height: Math.max(2, height) }}
          />
        </span>
        <span aria-hidden className="relative block">
          {tags.map(({ id }, row) => (
            <span
              key={id}
              className={clsx('flex items-center justify-center group-hover:bg-hover', row % 2 === 0 && 'bg-sunken')}
              style={{ height: ROW_HEIGHT }}
            >
              <span className={clsx('size-3 rounded-full', within.has(id) ? 'bg-accent' : 'bg-line')} />
            </span>
          ))}
          <span
            className="bg-accent absolute left-1/2 w-0.5 -translate-x-1/2"
            style={{ top: centre(first), height: centre(last) - centre(first) }}
          />
        </span>
      </Link>
    </li>
  );
}

function CombinationsTable({ slug, everyone, tags, combinations }: Props) {
  return (
    <div
      className="mt-2 max-h-72 relative overflow-auto"
      tabIndex={0}
      role="region"
      aria-label="Profiles by combination of tags"
    >
      <table className={tableClass.table}>
        <TableHead titles={['Tags', 'Profiles', 'Of everyone']} />
        <tbody>
          {combinations.map((combination) => (
            <tr key={combination.tagIds.join()} className={tableClass.row}>
              <td className={tableClass.cell}>
                <Link href={segmentOf(slug, tags, combination)} className="hover:underline">
                  {inWords(tags, combination)}
                </Link>
              </td>
              <td className={tableClass.cell}>{count(combination.profiles)}</td>
              <td className={tableClass.cell}>{percent(combination.profiles / Math.max(1, everyone))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** 'only VIP', 'VIP and Partner and none of the others', or all of them by name. */
function inWords(tags: readonly Tag[], { tagIds }: Combination): string {
  const names = tags.filter(({ id }) => tagIds.includes(id)).map(({ name }) => name);
  if (names.length === tags.length) return listed.format(names);
  return names.length === 1 ? `only ${names[0]}` : `${listed.format(names)} and none of the others`;
}

function segmentOf(slug: string, tags: readonly Tag[], { tagIds }: Combination): string {
  const without: TagId[] = tags.map(({ id }) => id).filter((id) => !tagIds.includes(id));
  return `/${slug}/segments/new?has=${tagIds.join(',')}${without.length > 0 ? `&not=${without.join(',')}` : ''}`;
}
