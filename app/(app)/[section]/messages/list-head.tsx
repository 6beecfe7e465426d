// The head of the list of messages: its columns, and what it can be ordered by. On a phone, where there is no head, the order is chosen.
import clsx from 'clsx';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { tableClass } from '@/components/ui/display';
import { FilterSelect } from '@/components/ui/filter-form';
import { Link } from '@/components/ui/link';
import type { MessageOrder } from '@/lib/messages/queries';
import { sortInAddress, type ListSort } from './list-sort';

type Column = { title: string; order?: MessageOrder; isNumber?: true };

const COLUMNS: readonly Column[] = [
  { title: 'Message' },
  { title: 'Status' },
  { title: 'People', order: 'people', isNumber: true },
  { title: 'Opened', order: 'opened', isNumber: true },
  { title: 'Clicked', order: 'clicked', isNumber: true },
  { title: 'When', order: 'started' },
  { title: 'Last changed', order: 'changed' },
];

/** `href`: of the list in an order. */
export function ListHead({ sort, href }: { sort: ListSort; href: (sort: ListSort) => string }) {
  return (
    <thead className="hidden md:table-header-group">
      <tr>
        {COLUMNS.map((column) => (
          <Head key={column.title} column={column} sort={sort} href={href} />
        ))}
        <th scope="col" className={tableClass.head}>
          <span className="sr-only">Actions</span>
        </th>
      </tr>
    </thead>
  );
}

function Head({ column, sort, href }: { column: Column; sort: ListSort; href: (sort: ListSort) => string }) {
  const { title, order, isNumber } = column;
  const className = clsx(tableClass.head, isNumber && 'text-right');
  if (order === undefined) {
    return (
      <th scope="col" className={className}>
        {title}
      </th>
    );
  }
  const isSorted = sort.order === order;
  const Arrow = isSorted && sort.ascending ? ArrowUp : ArrowDown;
  // The most and the newest first; pressed again, the other way round. Changes are always listed newest first.
  const next = { order, ascending: isSorted && !sort.ascending && order !== 'changed' };
  const arrow = <Arrow aria-hidden className={clsx('size-3.5', !isSorted && 'invisible')} />;
  return (
    <th scope="col" aria-sort={isSorted ? (sort.ascending ? 'ascending' : 'descending') : 'none'} className={className}>
      <Link
        href={href(next)}
        scroll={false}
        className={clsx('hover:text-ink inline-flex items-center gap-1', isSorted && 'text-ink')}
      >
        {isNumber && arrow}
        {title}
        {!isNumber && arrow}
      </Link>
    </th>
  );
}

const CHOICES: readonly { order: MessageOrder; label: string }[] = [
  { order: 'started', label: 'Last sent first' },
  { order: 'people', label: 'Most people' },
  { order: 'opened', label: 'Largest share opened' },
  { order: 'clicked', label: 'Largest share clicked' },
];

/** The order, to choose on a phone. Elsewhere it is kept here while somebody searches. */
export function OrderChoice({ sort }: { sort: ListSort }) {
  const options = CHOICES.flatMap(({ order, label }) => [
    { value: order, label },
    ...(sort.order === order && sort.ascending ? [{ value: `${order}-up`, label: `${label}, reversed` }] : []),
  ]);
  return (
    <div className="md:hidden">
      <FilterSelect
        label="Order"
        name="sort"
        value={sort.order === 'changed' ? undefined : sortInAddress(sort)}
        all="Last changed first"
        options={options}
      />
    </div>
  );
}
