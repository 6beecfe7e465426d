// What reports are made of.
import type { ReactNode } from 'react';
import { cardClass } from './display';

export const number = (value: number) => value.toLocaleString('en-GB');
export const share = (part: number, whole: number) => (whole === 0 ? '' : `${((part / whole) * 100).toFixed(1)} %`);

/** A figure of a report, and what it is a part of. */
export function Figure({ name, value, more }: { name: string; value: number; more: string }) {
  return (
    <div className={`${cardClass} p-4`}>
      <dt className="text-muted">{name}</dt>
      <dd>
        <span className="text-2xl font-semibold tabular-nums">{number(value)}</span>
        <span className="text-muted block text-[13px]">{more}</span>
      </dd>
    </div>
  );
}

/** The title of a card. */
export const Title = ({ id, children }: { id: string; children: ReactNode }) => (
  <h2 id={id} className="border-line border-b px-4 py-3 font-semibold">
    {children}
  </h2>
);

type TableProps = {
  title?: string;
  heads: string[];
  rows: ReactNode[][];
  /** What can be done with those whom it shows, beside the title. */
  action?: ReactNode;
};

/** A table of a report; without a title, that of the recipients. */
export function Table({ title, heads, rows, action }: TableProps) {
  if (rows.length === 0) return title ? null : <p className="text-muted">Nobody.</p>;
  return (
    <section className={`${cardClass} overflow-x-auto`} aria-label={title ?? 'Recipients'}>
      {title && (
        <div className="border-line flex flex-wrap items-center justify-between gap-2 border-b px-4 py-3">
          <h2 className="font-semibold">{title}</h2>
          {action}
        </div>
      )}
      <table className="w-full text-left">
        <thead>
          <tr>
            {heads.map((head, index) => (
              <th key={head} scope="col" className={`px-4 py-2 font-medium ${index > 0 && title ? 'text-right' : ''}`}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells, row) => (
            <tr key={row} className="border-line border-t">
              {cells.map((cell, index) => (
                <td key={heads[index]} className={`px-4 py-2 ${index > 0 && title ? 'text-right tabular-nums' : ''}`}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
