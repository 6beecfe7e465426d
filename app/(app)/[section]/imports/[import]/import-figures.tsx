// The counts of an import. Each links to the profiles or rows it counts, if these are still known.
import { Link } from '@/components/ui/link';
import { cardClass } from '@/components/ui/display';
import type { OperationView } from '@/lib/activity/schema';
import type { OperationEffect } from '@/lib/profiles/schema';
import type { Outcome } from '@/lib/imports/schema';
import { noneInWords } from './none-in-words';
import { serializeFilter } from '../../profiles/search-params';

type Figure = { key: Outcome | 'rows'; label: string; effect?: OperationEffect };
type Shown = Omit<Figure, 'key'> & { key: string };

/** Rows that change nothing are not recorded, so these counts have no link. */
const FIGURES: Figure[] = [
  { key: 'rows', label: 'Rows' },
  { key: 'created', label: 'New profiles', effect: 'created' },
  { key: 'updated', label: 'Updated', effect: 'updated' },
  { key: 'unchanged', label: 'Already up to date' },
  { key: 'skipped', label: 'Left out' },
  { key: 'repeated', label: 'Repeated in the file' },
  { key: 'rejected', label: 'Rejected' },
  { key: 'left_out', label: 'Values left out' },
  { key: 'applied', label: 'Tags applied', effect: 'tagged' },
  { key: 'already', label: 'Tags already there' },
  { key: 'removed', label: 'Tags removed', effect: 'untagged' },
];

/** Not missed where an import sets none. */
const CONSENTS: Shown[] = [
  { key: 'consents', label: 'Consents set' },
  { key: 'opted_out', label: 'Left opted out' },
];

/** Tags are counted individually, and a profile may have received several: the link says that it opens profiles. */
const opensPeople = ({ effect }: Shown) => effect === 'tagged' || effect === 'untagged';

type Props = { slug: string; operation: OperationView; hasRejects: boolean; undone: boolean };

export function ImportFigures({ slug, operation, hasRejects, undone }: Props) {
  const hrefOf = ({ key, effect }: Shown) => {
    if (key === 'rejected') return hasRejects ? '#rejected' : null;
    if (key === 'left_out') return '#left-out';
    if (!effect || undone) return null;
    return serializeFilter(`/${slug}/profiles`, { by: operation.id, did: effect });
  };
  const isZero = ({ key }: Shown) => (operation.counts[key] ?? 0) === 0;
  const zeros = FIGURES.filter(isZero);
  return (
    <div className="flex flex-col gap-2">
      <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3 xl:grid-cols-5">
        {[...FIGURES, ...CONSENTS]
          .filter((figure) => !isZero(figure))
          .map((figure) => {
            const count = operation.counts[figure.key] ?? 0;
            const href = count > 0 ? hrefOf(figure) : null;
            const shown = count.toLocaleString('en-GB');
            return (
              <div key={figure.key} className={`${cardClass} relative px-3 py-2 ${href ? 'hover:bg-hover' : ''}`}>
                <dt className="text-muted text-[13px]">{figure.label}</dt>
                <dd className={`text-lg font-semibold ${figure.key === 'rejected' && count > 0 ? 'text-warning' : ''}`}>
                  {href ? (
                    <Link
                      href={href}
                      aria-label={`${figure.label}: ${shown}${opensPeople(figure) ? ', show the profiles' : ''}`}
                      className="underline decoration-1 underline-offset-4 after:absolute after:inset-0"
                    >
                      {shown}
                      {opensPeople(figure) && (
                        <span className="text-muted ml-2 text-[13px] font-normal">show the profiles</span>
                      )}
                    </Link>
                  ) : (
                    shown
                  )}
                </dd>
              </div>
            );
          })}
      </dl>
      {operation.finishedAt && zeros.length > 0 && (
        <p className="text-muted text-[13px]">{noneInWords(zeros.map(({ key }) => key))}</p>
      )}
    </div>
  );
}
