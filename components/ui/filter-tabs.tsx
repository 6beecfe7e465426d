import clsx from 'clsx';
import { Link } from './link';

/** `count`: behind the label; null for none. `urgent`: somebody should look at these. */
export type FilterTab = { value: string; href: string; label: string; count: number | null; urgent?: boolean };

/** Parts of a list as tabs, each with its address. */
export function FilterTabs({ label, tabs, current }: { label: string; tabs: readonly FilterTab[]; current: string }) {
  return (
    <nav aria-label={label} className="border-line mb-3 flex gap-1 overflow-x-auto border-b">
      {tabs.map((tab) => (
        <Link
          key={tab.value}
          href={tab.href}
          {...(tab.value === current && { 'aria-current': 'page' as const })}
          className={clsx(
            '-mb-px border-b-2 px-3 py-2 whitespace-nowrap focus-visible:-outline-offset-2',
            tab.value === current ? 'border-accent font-medium' : 'text-muted hover:text-ink border-transparent',
          )}
        >
          {tab.label}{' '}
          {tab.count !== null && (
            <span className={clsx('text-[13px] tabular-nums', tab.urgent ? 'text-warning font-medium' : 'text-muted')}>
              {tab.count.toLocaleString('en-GB')}
            </span>
          )}
        </Link>
      ))}
    </nav>
  );
}
