// Small display components: banners, empty states, progress, badges, keyboard keys.
import clsx from 'clsx';
import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';

const TONES = {
  info: ['bg-accent-soft text-ink', Info],
  success: ['bg-success-soft text-success', CircleCheck],
  warning: ['bg-warning-soft text-warning', TriangleAlert],
  danger: ['bg-danger-soft text-danger', CircleAlert],
} as const;

export type Tone = keyof typeof TONES;

/** A message in the page. Danger and warning are announced. */
export function Banner({ tone = 'info', children }: { tone?: Tone; children: ReactNode }) {
  const [colours, Icon] = TONES[tone];
  return (
    <div
      role={tone === 'danger' ? 'alert' : 'status'}
      className={clsx('flex items-start gap-2 rounded-md px-3 py-2.5', colours)}
    >
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0 flex-1">{children}</div>
    </div>
  );
}

/** An empty state: says what to do next. */
type EmptyProps = {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  /** 'h1': in place of a page. */
  heading?: 'h1' | 'h2';
};

export function EmptyState({ title, children, action, heading: Heading = 'h2' }: EmptyProps) {
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-14 text-center">
      <Heading className="text-base font-semibold">{title}</Heading>
      {children && <p className="text-muted max-w-prose">{children}</p>}
      {action && <div className="mt-3 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}

/** `value`: 0 to 1; null if the progress is unknown. */
export function ProgressBar({ value, label }: { value: number | null; label: string }) {
  const percent = value === null ? null : Math.round(Math.min(1, Math.max(0, value)) * 100);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(percent !== null && { 'aria-valuenow': percent })}
      className="bg-sunken border-line h-2.5 w-full overflow-hidden rounded-full border"
    >
      <div
        className={clsx(
          'bg-accent h-full rounded-full transition-[width] duration-500',
          percent === null && 'w-1/3 animate-pulse',
        )}
        style={percent === null ? undefined : { width: `${percent}%` }}
      />
    </div>
  );
}

export function Badge({ tone, children }: { tone?: Tone; children: ReactNode }) {
  const colours = tone ? TONES[tone][0] : 'bg-sunken text-muted';
  return (
    <span
      className={clsx(
        'inline-flex items-center rounded-full px-2 py-0.5 text-xs font-medium whitespace-nowrap',
        colours,
      )}
    >
      {children}
    </span>
  );
}

/** A key, except on touch screens and phones. */
export function Kbd({ children }: { children: ReactNode }) {
  return (
    <kbd className="border-line-strong text-muted rounded border px-1.5 font-sans text-xs max-sm:hidden pointer-coarse:hidden">
      {children}
    </kbd>
  );
}

/** A page's heading with its actions. */
export function PageHeader({
  title,
  children,
  actions,
}: {
  title: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <header className="flex flex-wrap items-center justify-between gap-3 pb-4">
      <div className="min-w-0">
        <h1 className="text-xl font-semibold wrap-anywhere">{title}</h1>
        {children && <p className="text-muted mt-0.5">{children}</p>}
      </div>
      {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
    </header>
  );
}

export const cardClass = 'bg-surface border-line rounded-lg border';

/** Classes of a dense table. */
export const tableClass = {
  table: 'w-full border-collapse text-left',
  head: 'text-muted border-line border-b text-[13px] font-medium whitespace-nowrap px-3 py-2',
  row: 'border-line border-b last:border-b-0 hover:bg-hover',
  cell: 'px-3 py-2 align-middle',
};

/** Classes of a table whose cells are stacked on a phone. Its head is `<TableHead stacked />`. */
export const stackedClass = {
  table: `${tableClass.table} block md:table`,
  body: 'block md:table-row-group',
  row: `${tableClass.row} block py-2 max-md:relative md:table-row`,
  cell: 'block px-3 py-1 align-middle wrap-anywhere md:table-cell md:py-2',
  /** Of the row's buttons: on a phone in its upper right corner, for which the first cell leaves room. */
  actions:
    'absolute top-1.5 right-1.5 whitespace-nowrap md:static md:table-cell md:px-3 md:py-2 md:text-right md:align-middle',
};

/** The label of a cell on a phone, where the table has no header. */
export function CellLabel({ children }: { children: ReactNode }) {
  return <span className="text-muted mr-2 text-[13px] md:hidden">{children}</span>;
}

/** The head of a table. Columns of row actions have an empty title. */
export function TableHead({ titles, stacked = false }: { titles: readonly string[]; stacked?: boolean }) {
  return (
    <thead className={stacked ? 'hidden md:table-header-group' : undefined}>
      <tr>
        {titles.map((title, index) => (
          <th key={index} scope="col" className={tableClass.head}>
            {title || <span className="sr-only">Actions</span>}
          </th>
        ))}
      </tr>
    </thead>
  );
}
