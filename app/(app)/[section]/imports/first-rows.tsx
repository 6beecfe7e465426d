// The first rows of a file, unconverted.
import { tableClass, TableHead } from '@/components/ui/display';

export function FirstRows({ columns, rows }: { columns: string[]; rows: { line: number; cells: string[] }[] }) {
  return (
    <div
      className="border-line relative overflow-x-auto rounded-md border"
      tabIndex={0}
      role="region"
      aria-label="First rows of the file"
    >
      <table className={tableClass.table}>
        <TableHead titles={['Line', ...columns]} />
        <tbody>
          {rows.map(({ line, cells }) => (
            <tr key={line} className={tableClass.row}>
              <td className={`${tableClass.cell} text-muted`}>{line}</td>
              {columns.map((name, index) => (
                <td key={name} className={`${tableClass.cell} max-w-52 truncate whitespace-nowrap`}>
                  {cells[index]}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
