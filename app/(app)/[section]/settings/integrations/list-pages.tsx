// The way through the pages of many lists, by number. Shown if there is more than one.
import { ButtonLink } from '@/components/ui/button';
import { LISTS_SHOWN, number } from './words';

type Props = {
  /** From 1. */
  page: number;
  /** On all pages. */
  total: number;
  hrefOf: (page: number) => string;
};

export function ListPages({ page, total, hrefOf }: Props) {
  if (total <= LISTS_SHOWN) return null;
  const first = (page - 1) * LISTS_SHOWN + 1;
  return (
    <nav aria-label="Pages of lists" className="mt-3 flex flex-wrap items-center justify-end gap-2">
      <p className="text-muted text-[13px]">
        {number(first)}–{number(Math.min(total, first + LISTS_SHOWN - 1))} of {number(total)}
      </p>
      {page > 1 && (
        <ButtonLink size="small" href={hrefOf(page - 1)}>
          Previous
        </ButtonLink>
      )}
      {page * LISTS_SHOWN < total && (
        <ButtonLink size="small" href={hrefOf(page + 1)}>
          Next
        </ButtonLink>
      )}
    </nav>
  );
}
