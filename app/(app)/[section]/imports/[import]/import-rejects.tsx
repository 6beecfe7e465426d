// The rejected rows of an import, with reasons and cells.
import { DownloadLink } from '@/components/export/download-link';
import { cardClass, tableClass, TableHead } from '@/components/ui/display';
import type { ImportView, Reject } from '@/lib/imports/schema';

/** `rejects`: the first of them; `total`: how many there are in all. */
export function ImportRejects({
  slug,
  found,
  rejects,
  total,
}: {
  slug: string;
  found: ImportView;
  rejects: Reject[];
  total: number;
}) {
  return (
    <section aria-labelledby="rejected">
      <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
        <h2 id="rejected" className="font-semibold">
          Rejected rows <span className="text-muted text-[13px] font-normal">({total.toLocaleString('en-GB')})</span>
        </h2>
        <DownloadLink size="small" href={`/data/${slug}/imports/${found.id}/rejects`}>
          Download as CSV
        </DownloadLink>
      </div>
      <div
        className={`${cardClass} max-h-96 relative overflow-auto`}
        tabIndex={0}
        role="region"
        aria-label="Rejected rows"
      >
        <table className={tableClass.table}>
          <TableHead titles={['Line', 'Reason', ...found.format.columns]} />
          <tbody>
            {rejects.map(({ line, reason, cells }) => (
              <tr key={line} className={tableClass.row}>
                <td className={tableClass.cell}>{line}</td>
                <td className={`${tableClass.cell} text-danger min-w-60 whitespace-pre-line`}>{reason}</td>
                {cells.map((cell, index) => (
                  <td key={index} className={`${tableClass.cell} max-w-52 truncate whitespace-nowrap`}>
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
