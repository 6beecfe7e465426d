// Tags and segments that grew and shrank most in the last seven days, with the curves of the last thirty.
import clsx from 'clsx';
import type { ReactNode } from 'react';
import { DailySparkline, Sparkline } from '@/components/charts/sparkline';
import { TagLink } from '@/components/tags/tag-chip';
import { number } from '@/components/ui/figures';
import { Link } from '@/components/ui/link';
import { readSegmentMovers, readTagMovers } from '@/lib/home/reads';
import { Lines, Nothing, Part, valueOrNull, type Of } from './part';

export function TagMovers({ actor, section }: Of) {
  const read = valueOrNull(readTagMovers(actor, { sectionId: section.id }));
  return (
    <Part
      title="Tags this week"
      all={{ label: 'All tags', href: `/${section.slug}/tags` }}
      read={read}
      minHeight="min-h-56"
    >
      {(tags) =>
        tags.length === 0 ? (
          <Nothing>No tag has grown or shrunk in the last seven days.</Nothing>
        ) : (
          <Lines>
            {tags.map((tag) => (
              <Mover
                key={tag.id}
                name={<TagLink tag={tag} size="wide" />}
                curve={<DailySparkline bare days={tag.days} now={tag.profiles} />}
                profiles={tag.profiles}
                net={tag.net}
              />
            ))}
          </Lines>
        )
      }
    </Part>
  );
}

export function SegmentMovers({ actor, section }: Of) {
  const read = valueOrNull(readSegmentMovers(actor, { sectionId: section.id }));
  return (
    <Part
      title="Segments this week"
      all={{ label: 'All segments', href: `/${section.slug}/segments` }}
      read={read}
      minHeight="min-h-56"
    >
      {(segments) =>
        segments.length === 0 ? (
          <Nothing>No segment has grown or shrunk in the last seven days. Sizes are noted each night.</Nothing>
        ) : (
          <Lines>
            {segments.map(({ id, name, profiles, net, sizes }) => (
              <Mover
                key={id}
                name={
                  <Link href={`/${section.slug}/segments/${id}`} className="block truncate font-medium hover:underline">
                    {name}
                  </Link>
                }
                curve={<Curve sizes={sizes} />}
                profiles={profiles}
                net={net}
              />
            ))}
          </Lines>
        )
      }
    </Part>
  );
}

const Curve = ({ sizes }: { sizes: number[] }) =>
  sizes.length < 2 ? null : <Sparkline bare levels={sizes} change={sizes.at(-1)! - sizes[0]!} />;

type MoverProps = { name: ReactNode; curve: ReactNode; profiles: number; net: number };

function Mover({ name, curve, profiles, net }: MoverProps) {
  return (
    <li className="flex items-center gap-3 px-4 py-2">
      <div className="min-w-0 flex-1">{name}</div>
      <div className="hidden sm:block">{curve}</div>
      <div className="w-24 shrink-0 text-right tabular-nums">
        <span className={clsx('font-medium', net > 0 ? 'text-success' : 'text-danger')}>
          {net > 0 ? '+' : '−'}
          {number(Math.abs(net))}
        </span>
        <span className="text-muted block text-[13px]">{number(profiles)} now</span>
      </div>
    </li>
  );
}
