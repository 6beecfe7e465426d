'use client';
// The first rows of a file, from its first line on. Any row can become the header: press its line number, or enter the number of a
// line further down.
import clsx from 'clsx';
import { useState, type FormEvent } from 'react';
import { Button } from '@/components/ui/button';
import { tableClass } from '@/components/ui/display';
import { TextField } from '@/components/ui/field';
import { START_LINE_MAX } from '@/lib/imports/format';

export type TopRow = { line: number; cells: string[]; problem?: string };

type Props = {
  top: TopRow[];
  startLine: number;
  header: boolean;
  /** The table's number of columns. */
  columns: number;
  isDisabled: boolean;
  onChoose: (line: number) => void;
};

/** Columns and rows that are shown initially. */
const COLUMNS = 30;
const ROWS = 8;

export function TableStart({ top, startLine, header, columns, isDisabled, onChoose }: Props) {
  const [allColumns, setAllColumns] = useState(false);
  const [allRows, setAllRows] = useState(false);
  const [typed, setTyped] = useState(String(startLine));
  const line = /^\d+$/.test(typed.trim()) ? Number(typed) : 0;
  const valid = line >= 1 && line <= START_LINE_MAX;
  const widest = Math.max(columns, ...top.map(({ cells }) => cells.length));
  const shown = Math.min(widest, allColumns ? widest : COLUMNS);
  const above = top.filter((row) => row.line < startLine).length;
  const rows = allRows ? top : top.slice(0, above + ROWS);
  const indexes = Array.from({ length: shown }, (_, index) => index);

  function submit(event: FormEvent) {
    event.preventDefault();
    if (valid && line !== startLine) onChoose(line);
  }

  return (
    <div className="flex min-w-0 flex-col gap-3">
      <form onSubmit={submit} className="flex flex-wrap items-end gap-3">
        <div className="w-48">
          <TextField
            label="Column names are on line"
            value={typed}
            onChange={setTyped}
            isDisabled={isDisabled}
            error={valid ? undefined : `A number from 1 to ${START_LINE_MAX.toLocaleString('en-GB')}`}
          />
        </div>
        <Button type="submit" isDisabled={isDisabled || !valid || line === startLine}>
          Use this line
        </Button>
        <p className="text-muted pb-2 text-[13px]">
          Or choose a line number below. {startLine > 1 && `What is above line ${startLine} is not imported.`}
        </p>
      </form>
      <div
        className="border-line relative overflow-x-auto rounded-md border"
        tabIndex={0}
        role="region"
        aria-label="First rows of the file"
      >
        <table className={tableClass.table}>
          <tbody>
            {rows.map(({ line: at, cells, problem }) => {
              const names = header && at === startLine;
              const Cell = names ? 'th' : 'td';
              return (
                <tr
                  key={at}
                  className={clsx(tableClass.row, names && 'bg-accent-soft', at < startLine && 'text-muted bg-sunken')}
                >
                  <td className={clsx(tableClass.cell, 'bg-surface sticky left-0 w-px whitespace-nowrap')}>
                    <button
                      type="button"
                      aria-pressed={names}
                      aria-label={names ? `Line ${at}: the column names` : `Line ${at}: use as column names`}
                      disabled={isDisabled}
                      onClick={() => names || onChoose(at)}
                      className={clsx(
                        'min-h-6 min-w-8 rounded border px-1.5 text-[13px] tabular-nums',
                        names ? 'border-accent bg-accent text-on-accent' : 'border-line-strong hover:bg-hover',
                      )}
                    >
                      {at}
                    </button>
                  </td>
                  {indexes.map((index) => (
                    <Cell
                      key={index}
                      {...(names && { scope: 'col' })}
                      className={clsx(tableClass.cell, 'max-w-52 truncate whitespace-nowrap', names && 'font-medium')}
                      title={problem}
                    >
                      {cells[index]}
                    </Cell>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <div className="flex flex-wrap items-center gap-2">
        {rows.length < top.length && (
          <Button size="small" variant="quiet" onPress={() => setAllRows(true)}>
            {`Show the first ${top.length} rows`}
          </Button>
        )}
        {shown < widest && (
          <Button size="small" variant="quiet" onPress={() => setAllColumns(true)}>
            {`Show all ${widest} columns`}
          </Button>
        )}
      </div>
    </div>
  );
}
