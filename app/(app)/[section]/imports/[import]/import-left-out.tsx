// Values that were left out of imported rows, and why.
import { cardClass, tableClass, TableHead } from '@/components/ui/display';
import type { LeftOut } from '@/lib/imports/left-out';

/** `leftOut`: the first rows with such values. */
export function ImportLeftOut({ leftOut }: { leftOut: LeftOut[] }) {
  return (
    <section aria-labelledby="left-out">
      <h2 id="left-out" className="font-semibold">
        Values left out
      </h2>
      <p className="text-muted mb-2 text-[13px]">
        These rows were imported without some of their values. The first, by line:
      </p>
      <div
        className={`${cardClass} max-h-96 relative overflow-auto`}
        tabIndex={0}
        role="region"
        aria-label="Values left out"
      >
        <table className={tableClass.table}>
          <TableHead titles={['Line', 'Profile', 'Reason']} />
          <tbody>
            {leftOut.map(({ row, line, key, reasons }) => (
              <tr key={row} className={tableClass.row}>
                <td className={tableClass.cell}>{line}</td>
                <td className={tableClass.cell}>{key}</td>
                <td className={`${tableClass.cell} min-w-60`}>{reasons.join(' · ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
