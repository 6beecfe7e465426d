// Pairs to decide, by reason, and decided ones.
import clsx from 'clsx';
import { Link } from '@/components/ui/link';
import { REASONS, type DuplicatesStatus } from '@/lib/duplicates/schema';
import { listPath, type ListParams } from './params';
import { REASON_NAMES } from './words';

const number = (value: number) => value.toLocaleString('en-GB');

type Props = { slug: string; params: ListParams; status: DuplicatesStatus };

export function ListTabs({ slug, params, status }: Props) {
  const tabs = [
    { label: 'To decide', count: status.open, path: listPath(slug, {}), here: !params.dismissed },
    {
      label: 'Not the same person',
      count: status.dismissed,
      path: listPath(slug, { dismissed: true }),
      here: params.dismissed,
    },
  ];
  return (
    <>
      <nav aria-label="Pairs" className="border-line mb-3 flex gap-4 border-b">
        {tabs.map(({ label, count, path, here }) => (
          <Link
            key={label}
            href={path}
            {...(here && { 'aria-current': 'page' as const })}
            className={clsx(
              '-mb-px border-b-2 px-1 py-2 font-medium',
              here ? 'border-accent text-accent-ink' : 'text-muted hover:text-ink border-transparent',
            )}
          >
            {label} <span className="text-muted font-normal tabular-nums">{number(count)}</span>
          </Link>
        ))}
      </nav>
      {!params.dismissed && status.open > 0 && (
        <nav aria-label="Reason" className="mb-3 flex flex-wrap gap-1.5">
          {[null, ...REASONS].map((reason) => {
            const here = params.reason === reason;
            return (
              <Link
                key={reason ?? 'any'}
                href={listPath(slug, { reason })}
                {...(here && { 'aria-current': 'true' as const })}
                className={clsx(
                  'rounded-full border px-3 py-1 text-[13px]',
                  here ? 'border-accent bg-accent-soft text-accent-ink' : 'border-line-strong hover:bg-hover',
                )}
              >
                {reason === null ? 'Any reason' : REASON_NAMES[reason]}
              </Link>
            );
          })}
        </nav>
      )}
    </>
  );
}
