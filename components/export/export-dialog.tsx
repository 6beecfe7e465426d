'use client';
// Columns for a CSV export of profiles. The browser downloads the file as the server reads.
import { useState, type ReactNode } from 'react';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { Checkbox } from '@/components/ui/field';
import { DownloadLink } from './download-link';

export type ExportColumn = { id: string; title: string };

type Props = {
  title: string;
  columns: readonly ExportColumn[];
  /** Ids of the columns that are chosen at first; by default all. */
  preselected?: readonly string[];
  /** The address of the file with these columns. */
  hrefOf: (columns: readonly string[]) => string;
  /** Who is in the file, as a sentence. */
  children: ReactNode;
  onClose: () => void;
};

export function ExportDialog({ title, columns, preselected, hrefOf, children, onClose }: Props) {
  const ids = columns.map(({ id }) => id);
  // In the order in which they are listed, which is the file's.
  const [chosen, setChosen] = useState<readonly string[]>(ids.filter((id) => preselected?.includes(id) ?? true));
  const [started, setStarted] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const toggle = (id: string, on: boolean) =>
    setChosen((before) => ids.filter((item) => (item === id ? on : before.includes(item))));
  return (
    <Dialog
      title={title}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{started ? 'Close' : 'Cancel'}</Button>
          {chosen.length > 0 && (
            <DownloadLink
              variant="primary"
              href={hrefOf(chosen)}
              onStarted={() => {
                setStarted(true);
                setProblem(null);
              }}
              onProblem={setProblem}
            >
              Download CSV
            </DownloadLink>
          )}
        </>
      }
    >
      <p>{children} Cells that a spreadsheet would read as a formula are prefixed with an apostrophe.</p>
      <fieldset className="flex flex-col gap-1.5">
        <legend className="mb-1 flex w-full items-center justify-between gap-2 text-[13px] font-medium">
          Columns
          <span className="flex gap-1">
            <Button size="small" variant="quiet" onPress={() => setChosen(ids)}>
              All
            </Button>
            <Button size="small" variant="quiet" onPress={() => setChosen([])}>
              None
            </Button>
          </span>
        </legend>
        <div className="grid max-h-72 gap-1.5 overflow-y-auto sm:grid-cols-2">
          {columns.map((column) => (
            <Checkbox key={column.id} isSelected={chosen.includes(column.id)} onChange={(on) => toggle(column.id, on)}>
              <bdi className="min-w-0 wrap-anywhere">{column.title}</bdi>
            </Checkbox>
          ))}
        </div>
      </fieldset>
      {problem !== null && <Banner tone="danger">{problem}</Banner>}
      {started && problem === null && (
        <p role="status">
          Your browser fetches the file: see its downloads. If they show it as failed, the file is missing or not
          complete: try again in a minute.
        </p>
      )}
    </Dialog>
  );
}
