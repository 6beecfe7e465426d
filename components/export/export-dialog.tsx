'use client';
// Columns for the CSV export of members. The browser downloads the file as the server reads.
import { useState } from 'react';
import { Button, ButtonLink } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Checkbox } from '@/components/ui/field';
import type { SegmentId } from '@/lib/db/ids';
import { dayInWords } from '@/lib/attributes/comparison-words';

export type ExportColumn = { id: string; title: string };

type Props = {
  slug: string;
  segmentId: SegmentId;
  name: string;
  columns: ExportColumn[];
  /** The day of the membership; null: now. */
  at: string | null;
  onClose: () => void;
};

export function ExportDialog({ slug, segmentId, name, columns, at, onClose }: Props) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(columns.map(({ id }) => id)));
  const [started, setStarted] = useState(false);
  const query = new URLSearchParams(at === null ? {} : { at });
  if (chosen.size < columns.length) for (const { id } of columns) if (chosen.has(id)) query.append('column', id);
  const toggle = (id: string, on: boolean) =>
    setChosen(
      (before) => new Set(columns.flatMap((item) => ((item.id === id ? on : before.has(item.id)) ? [item.id] : []))),
    );
  return (
    <Dialog
      title={`Export “${name}”`}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{started ? 'Close' : 'Cancel'}</Button>
          {chosen.size > 0 && (
            <ButtonLink
              download
              variant="primary"
              href={`/data/${slug}/segments/${segmentId}/export${query.size > 0 ? `?${query}` : ''}`}
              onPress={() => setStarted(true)}
            >
              Download CSV
            </ButtonLink>
          )}
        </>
      }
    >
      <p>
        {at === null
          ? 'Everyone who is in the segment when the download begins, one row each.'
          : `Everyone who was in the segment at the end of ${dayInWords(at)}, one row each; values and tags as they are now.`}{' '}
        Cells that a spreadsheet would read as a formula are prefixed with an apostrophe.
      </p>
      <fieldset className="flex flex-col gap-1.5">
        <legend className="mb-1 flex w-full items-center justify-between gap-2 text-[13px] font-medium">
          Columns
          <span className="flex gap-1">
            <Button size="small" variant="quiet" onPress={() => setChosen(new Set(columns.map(({ id }) => id)))}>
              All
            </Button>
            <Button size="small" variant="quiet" onPress={() => setChosen(new Set())}>
              None
            </Button>
          </span>
        </legend>
        <div className="grid max-h-72 gap-1.5 overflow-y-auto sm:grid-cols-2">
          {columns.map(({ id, title }) => (
            <Checkbox key={id} isSelected={chosen.has(id)} onChange={(on) => toggle(id, on)}>
              {title}
            </Checkbox>
          ))}
        </div>
      </fieldset>
      {started && <p role="status">The download has started: see your browser’s downloads.</p>}
    </Dialog>
  );
}
