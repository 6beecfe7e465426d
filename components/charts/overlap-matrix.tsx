'use client';
// The number of profiles with each pair of tags: a grid of links to the corresponding segments. Arrows move, Enter opens.
import clsx from 'clsx';
import { Link } from '@/components/ui/link';
import { memo, useMemo, useRef, useState, type KeyboardEvent, type SyntheticEvent } from 'react';
import type { TagId } from '@/lib/db/ids';
import {
  count,
  figureOf,
  pairInWords,
  percent,
  shareOf,
  stepsOf,
  type Measure,
  type Pairs,
  type Step,
} from './overlap-measures';

type Props = { slug: string; overlap: Pairs; measure: Measure };

type Cell = { row: number; column: number };

const head = 'bg-surface border-line sticky font-normal';

export function OverlapMatrix({ slug, overlap, measure }: Props) {
  const table = useRef<HTMLTableElement>(null);
  const [entered, setEntered] = useState<Cell>({ row: 0, column: 0 });
  const [pointed, setPointed] = useState<Cell | null>(null);
  const steps = useMemo(() => stepsOf(measure, overlap), [measure, overlap]);
  const last = overlap.tags.length - 1;
  const within = (index: number) => Math.max(0, Math.min(last, index));
  const active = { row: within(entered.row), column: within(entered.column) };

  function onKeyDown(event: KeyboardEvent) {
    const { row, column } = active;
    const whole = event.ctrlKey || event.metaKey;
    const moves: Record<string, Cell> = {
      ArrowRight: { row, column: column + 1 },
      ArrowLeft: { row, column: column - 1 },
      ArrowDown: { row: row + 1, column },
      ArrowUp: { row: row - 1, column },
      Home: { row: whole ? 0 : row, column: 0 },
      End: { row: whole ? last : row, column: last },
    };
    const next = moves[event.key];
    if (!next) return;
    event.preventDefault();
    const cell = table.current?.tBodies[0]?.rows[within(next.row)]?.cells[within(next.column) + 1];
    cell?.querySelector('a')?.focus();
  }

  return (
    <div className="flex flex-col gap-3">
      <div className="[--cell:5rem] [--head:7rem] sm:[--head:11.5rem]">
        <div className="max-h-[min(80vh,56rem)] scroll-pt-16 scroll-pl-[var(--head)] overflow-auto pr-1 pb-1">
          <table
            ref={table}
            role="grid"
            aria-label="Profiles with two tags"
            className="table-fixed border-separate border-spacing-0"
            style={{
              width: `min(100%, calc(var(--head) + ${overlap.tags.length} * 7rem))`,
              minWidth: `calc(var(--head) + ${overlap.tags.length} * var(--cell))`,
            }}
          >
            <thead>
              <tr>
                <td className={clsx(head, 'top-0 left-0 z-30 w-(--head) border-r border-b p-1')} />
                {overlap.tags.map((tag, column) => (
                  <th
                    key={tag.id}
                    scope="col"
                    title={tag.name}
                    className={clsx(head, 'top-0 z-20 border-b px-1 py-1.5 align-bottom text-xs leading-tight')}
                  >
                    <span
                      className={clsx(
                        'line-clamp-3 break-words',
                        pointed?.column === column && 'text-accent-ink underline',
                      )}
                    >
                      {tag.name}
                    </span>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody
              onKeyDown={onKeyDown}
              onFocus={(event) => {
                const place = cellOf(event);
                setPointed(place);
                if (place) setEntered(place);
              }}
              onBlur={() => setPointed(null)}
              onMouseOver={(event) => setPointed(cellOf(event))}
              onMouseLeave={() => setPointed(null)}
            >
              {overlap.tags.map((tag, row) => (
                <MatrixRow
                  key={tag.id}
                  slug={slug}
                  overlap={overlap}
                  measure={measure}
                  steps={steps}
                  row={row}
                  entry={active.row === row ? active.column : null}
                  pointed={pointed?.row === row}
                />
              ))}
            </tbody>
          </table>
        </div>
      </div>
      <p aria-hidden className="text-muted hidden min-h-5 text-[13px] sm:block">
        {pointed ? allInWords(overlap, pointed) : 'Point at a cell to read it in words. It opens as a segment.'}
      </p>
      <Legend measure={measure} steps={steps} />
    </div>
  );
}

type RowProps = Props & {
  steps: readonly Step[];
  row: number;
  /** The cell in the tab order, if it is in this row. */
  entry: number | null;
  pointed: boolean;
};

/** Memoised, since there may be 900 cells: a move only re-renders the affected rows. */
const MatrixRow = memo(function MatrixRow({ slug, overlap, measure, steps, row, entry, pointed }: RowProps) {
  const { name } = overlap.tags[row]!;
  return (
    <tr>
      <th
        scope="row"
        title={name}
        className={clsx(head, 'left-0 z-10 border-r px-2 text-left text-[13px] leading-tight')}
      >
        <span className={clsx('line-clamp-2 break-words', pointed && 'text-accent-ink underline')}>{name}</span>
      </th>
      {overlap.tags.map((tag, column) => (
        <td key={tag.id} className="p-px">
          <Link
            href={segmentOf(slug, overlap, row, column)}
            tabIndex={entry === column ? 0 : -1}
            aria-label={pairInWords(measure, overlap, row, column)}
            className="focus-visible:outline-ink! ring-surface hover:ring-ink flex h-11 flex-col items-center justify-center rounded-sm leading-tight tabular-nums hover:ring-2 focus-visible:relative focus-visible:z-5 focus-visible:ring-2"
            style={row === column ? undefined : figureOf(measure, overlap, steps, row, column).shade}
          >
            <CellText overlap={overlap} measure={measure} steps={steps} row={row} column={column} />
          </Link>
        </td>
      ))}
    </tr>
  );
});

type CellProps = Pick<RowProps, 'overlap' | 'measure' | 'steps'> & Cell;

function CellText({ overlap, measure, steps, row, column }: CellProps) {
  if (row === column) return <span className="text-[13px] font-semibold">{count(overlap.tags[row]!.profiles)}</span>;
  return (
    <>
      <span className="text-[13px]">{figureOf(measure, overlap, steps, row, column).text}</span>
      {measure !== 'profiles' && <span className="text-[11px]">{count(overlap.pairs[row]![column]!)}</span>}
    </>
  );
}

function Legend({ measure, steps }: { measure: Measure; steps: readonly Step[] }) {
  const about: Record<Measure, string> = {
    lift: 'Times as many as by chance:',
    profiles: 'Profiles with both:',
    share: 'Of those with the tag of the row:',
  };
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-[13px]">
      <span className="text-muted">{about[measure]}</span>
      <ul className="flex flex-wrap gap-x-3 gap-y-1">
        {steps.map(({ label, shade }) => (
          <li key={label} className="flex items-center gap-1.5">
            <span aria-hidden className="border-line size-3.5 rounded-sm border" style={shade} />
            {label}
          </li>
        ))}
      </ul>
    </div>
  );
}

function segmentOf(slug: string, { tags }: Pairs, row: number, column: number): string {
  const has: TagId[] = row === column ? [tags[row]!.id] : [tags[row]!.id, tags[column]!.id];
  return `/${slug}/segments/new?has=${has.join(',')}`;
}

/** The cell under the pointer or with the focus; null for the headers. */
function cellOf({ target }: SyntheticEvent): Cell | null {
  const cell = (target as HTMLElement).closest('td');
  if (!cell) return null;
  return { row: (cell.parentElement as HTMLTableRowElement).sectionRowIndex, column: cell.cellIndex - 1 };
}

function allInWords(overlap: Pairs, { row, column }: Cell): string {
  const [left, right] = [overlap.tags[row], overlap.tags[column]];
  if (!left || !right) return '';
  const both = pairInWords('lift', overlap, row, column);
  const [ofLeft, ofRight] = [shareOf(overlap, row, column), shareOf(overlap, column, row)];
  if (row === column || ofLeft === null || ofRight === null) return `${both}.`;
  return `${both}. ${percent(ofLeft)} of those with ${left.name}, ${percent(ofRight)} of those with ${right.name}.`;
}
