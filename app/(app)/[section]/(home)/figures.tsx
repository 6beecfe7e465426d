// The section in three numbers.
import { Suspense, type ReactNode } from 'react';
import { cardClass } from '@/components/ui/display';
import { number, share } from '@/components/ui/figures';
import { Link } from '@/components/ui/link';
import { readPeopleFigures, readUntaggedFigure } from '@/lib/home/reads';
import { valueOrNull, type Of } from './part';

export function Figures({ actor, section }: Of) {
  const of = { sectionId: section.id };
  const people = valueOrNull(readPeopleFigures(actor, of));
  const untagged = valueOrNull(readUntaggedFigure(actor, of));
  const list = `/${section.slug}/profiles`;
  return (
    <dl className="grid gap-4 sm:grid-cols-3">
      <Card name="People">
        <Value of={people} href={list}>
          {(known) => ({ value: number(known.people), more: 'All in this section' })}
        </Value>
      </Card>
      <Card name="Tagged">
        <Value of={both(people, untagged)} href={`${list}?untagged=true`}>
          {([{ people: all }, without]) => ({
            value: number(all - without),
            more: `${all > 0 ? `${share(all - without, all)} of them · ` : ''}${number(without)} without a tag`,
          })}
        </Value>
      </Card>
      <Card name="New this week">
        <Value of={people} href={list}>
          {(known) => ({ value: number(known.newThisWeek), more: 'Added in the last seven days' })}
        </Value>
      </Card>
    </dl>
  );
}

async function both<One, Other>(one: Promise<One | null>, other: Promise<Other | null>): Promise<[One, Other] | null> {
  const [first, second] = await Promise.all([one, other]);
  return first === null || second === null ? null : [first, second];
}

const Card = ({ name, children }: { name: string; children: ReactNode }) => (
  <div className={`${cardClass} min-h-28 p-4`}>
    <dt className="text-muted">{name}</dt>
    <Suspense fallback={<dd className="text-muted">Counting …</dd>}>{children}</Suspense>
  </div>
);

type ValueProps<Known> = {
  of: Promise<Known | null>;
  href: string;
  children: (known: Known) => { value: string; more: string };
};

async function Value<Known>({ of, href, children }: ValueProps<Known>) {
  const known = await of;
  if (known === null) return <dd className="text-muted">Could not be counted now.</dd>;
  const { value, more } = children(known);
  return (
    <dd>
      <Link href={href} className="text-2xl font-semibold tabular-nums hover:underline">
        {value}
      </Link>
      <span className="text-muted block text-[13px]">{more}</span>
    </dd>
  );
}
