// What an undo or a redo did not change, and why.
import { DownloadLink } from '@/components/export/download-link';
import { Link } from '@/components/ui/link';
import { cardClass, stackedClass, TableHead } from '@/components/ui/display';
import { UNDO_REASONS, type UndoException } from '@/lib/operations/schema';

type Props = { slug: string; operationId: number; title: string; exceptions: UndoException[] };

export function Exceptions({ slug, operationId, title, exceptions }: Props) {
  return (
    <section className="mt-6 max-w-4xl" aria-labelledby="left">
      <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
        <h2 id="left" className="font-semibold">
          {title}
        </h2>
        <DownloadLink size="small" href={`/data/${slug}/operations/${operationId}/exceptions`}>
          Download all as CSV
        </DownloadLink>
      </div>
      <div className={`${cardClass} max-h-96 relative overflow-auto`} tabIndex={0} role="region" aria-label={title}>
        <table className={stackedClass.table}>
          <TableHead stacked titles={['Profile', 'What', 'Why']} />
          <tbody className={stackedClass.body}>
            {exceptions.map(({ id, profileId, profileKey, tag, reason }) => (
              <tr key={id} className={stackedClass.row}>
                <td className={stackedClass.cell}>
                  {reason === 'gone' ? (
                    '–'
                  ) : (
                    <Link className="hover:underline" href={`/${slug}/profiles/${profileId}`}>
                      {profileKey ?? `Profile ${profileId}`}
                    </Link>
                  )}
                </td>
                <td className={stackedClass.cell}>{tag === null ? 'Profile or values' : `Tag “${tag}”`}</td>
                <td className={stackedClass.cell}>{UNDO_REASONS[reason]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
