// The runs of a connection, newest first: what each changed, how long it took, and what went wrong.
import { ButtonLink } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Badge, cardClass, CellLabel, stackedClass, TableHead } from '@/components/ui/display';
import { Link } from '@/components/ui/link';
import type { SyncRunId } from '@/lib/db/ids';
import type { RunView } from '@/lib/integrations/views';
import { durationInWords, number, RUN_WORDS, startedInWords } from '../words';

export function RunsTable({ here, runs, older }: { here: string; runs: RunView[]; older: SyncRunId | null }) {
  return (
    <section aria-labelledby="runs">
      <h2 id="runs" className="mb-2 font-semibold">
        Syncs
      </h2>
      <div className={`${cardClass} overflow-hidden`}>
        <table className={stackedClass.table}>
          <TableHead stacked titles={['Sync', 'Result', 'Tagged', 'Untagged', 'Not found', 'Calls', 'Took']} />
          <tbody className={stackedClass.body}>
            {runs.map((run) => (
              <Row key={run.id} here={here} run={run} />
            ))}
          </tbody>
        </table>
      </div>
      {older !== null && (
        <div className="mt-3 flex justify-end">
          <ButtonLink size="small" href={`${here}?before=${older}`}>
            Older
          </ButtonLink>
        </div>
      )}
    </section>
  );
}

function Row({ here, run }: { here: string; run: RunView }) {
  const { id, dry, counts, changes, calls, error, undone } = run;
  const status = RUN_WORDS[run.status];
  const figures = [
    ['Tagged', changes.adds],
    ['Untagged', changes.removes],
    ['Not found', counts.unmatched],
    ['Calls', calls],
  ] as const;
  return (
    <tr className={stackedClass.row}>
      <td className={stackedClass.cell}>
        <Link href={`${here}/runs/${id}`} className="text-accent-ink font-medium underline">
          {dry ? 'Dry run' : 'Sync'} · <DateTime value={run.createdAt} exact />
        </Link>
        <span className="text-muted block text-[13px]">Started {startedInWords(run)}</span>
      </td>
      <td className={stackedClass.cell}>
        <Badge tone={status.tone}>{status.label}</Badge> {undone && <Badge>Undone</Badge>}
        {error !== null && <span className="text-danger block max-w-80 text-[13px]">{error}</span>}
      </td>
      {figures.map(([label, count]) => (
        <td key={label} className={stackedClass.cell}>
          <CellLabel>{label}</CellLabel>
          {number(count)}
        </td>
      ))}
      <td className={stackedClass.cell}>
        <CellLabel>Took</CellLabel>
        {durationInWords(run) ?? '–'}
      </td>
    </tr>
  );
}
