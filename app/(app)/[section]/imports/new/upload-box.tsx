'use client';
// Drop or choose a file. It streams to the server with progress; error messages say what to do.
import { FileUp } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { DropZone, FileTrigger, Text, type DropZoneProps } from 'react-aria-components';
import { answerOf } from '@/components/ui/answer-of';
import { Button } from '@/components/ui/button';
import { Banner, cardClass, ProgressBar } from '@/components/ui/display';
import type { ImportId } from '@/lib/db/ids';
import { ENCODING_NAMES, type Delimiter, type FileFormat } from '@/lib/imports/format';
import { FirstRows } from '../first-rows';
import { uploadFile } from './upload-file';

type Dropped = Parameters<NonNullable<DropZoneProps['onDrop']>>[0];
type Upload = { name: string; share: number };
type Peek = { format: FileFormat; rows: { line: number; cells: string[] }[] };

/** Bytes of the file that are previewed while the rest is uploading. */
const PEEK_BYTES = 262_144;
const COLUMNS_SHOWN = 30;
const TYPES = ['.csv', '.tsv', '.txt', '.xlsx', '.xlsm', '.xlsb', '.xls', '.ods', '.fods', '.zip', '.gz', 'text/csv'];

/** `like`: the earlier import to copy the set-up from. */
type Props = { slug: string; maxMegabytes: number; like: ImportId | null };

export function UploadBox({ slug, maxMegabytes, like }: Props) {
  const router = useRouter();
  const [upload, setUpload] = useState<Upload | null>(null);
  const [peek, setPeek] = useState<Peek | null>(null);
  const [problem, setProblem] = useState<string | null>(null);

  async function take(file: File | undefined) {
    if (!file) return;
    setProblem(null);
    if (file.size > maxMegabytes * 1_048_576)
      return setProblem(`The file is larger than ${maxMegabytes} MB. Split it into smaller files.`);
    if (file.size === 0) return setProblem('The file is empty. Choose a file with a header and at least one row.');
    setUpload({ name: file.name, share: 0 });
    void peekAt(slug, file).then(setPeek);
    const result = await answerOf(uploadFile(slug, file, (share) => setUpload({ name: file.name, share })));
    if (result.ok) return router.push(`/${slug}/imports/${result.value.id}${like === null ? '' : `?like=${like}`}`);
    setUpload(null);
    setPeek(null);
    setProblem(result.refusal.message);
  }

  async function drop(event: Dropped) {
    const dropped = event.items.find((item) => item.kind === 'file');
    if (dropped?.kind === 'file') await take(await dropped.getFile());
  }

  return (
    <div className="flex max-w-4xl flex-col gap-4">
      {problem && <Banner tone="danger">{problem}</Banner>}
      <DropZone
        onDrop={(event) => void drop(event)}
        isDisabled={upload !== null}
        className={`${cardClass} data-[drop-target]:border-accent data-[drop-target]:bg-accent-soft flex flex-col items-center gap-3 border-dashed px-6 py-12 text-center`}
      >
        <FileUp aria-hidden className="text-muted size-8" />
        <Text slot="label" className="font-medium">
          {upload ? `Uploading ${upload.name}` : 'Drop a file here'}
        </Text>
        {upload ? (
          <div className="w-full max-w-sm">
            <ProgressBar label={`Uploading ${upload.name}`} value={upload.share < 1 ? upload.share : null} />
            <p className="text-muted mt-1 text-[13px]">
              {upload.share < 1 ? `${Math.round(upload.share * 100)}%` : 'Reading the rows…'}
            </p>
          </div>
        ) : (
          <FileTrigger acceptedFileTypes={TYPES} onSelect={(files) => void take(files?.[0])}>
            <Button variant="primary">Choose a file</Button>
          </FileTrigger>
        )}
        <p className="text-muted text-[13px]">
          CSV with commas, semicolons or tabs, or a workbook (.xlsx, .ods), also as .zip or .gz. Up to{' '}
          {maxMegabytes.toLocaleString('en-GB')} MB. Separator and encoding are detected; you can change them later.
        </p>
      </DropZone>
      {upload && peek && (
        <>
          <p className="text-muted">{asRead(peek.format)}</p>
          <FirstRows columns={peek.format.columns.slice(0, COLUMNS_SHOWN)} rows={peek.rows} />
        </>
      )}
    </div>
  );
}

const DIVIDERS: Record<Delimiter, string> = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'bars' };

function asRead({ columns, delimiter, encoding, encodingAssumed, header, startLine }: FileFormat): string {
  const divided = columns.length === 1 ? '1 column' : `${columns.length} columns, separated by ${DIVIDERS[delimiter]}`;
  const begins = header ? `Their names are on line ${startLine}.` : `The rows begin on line ${startLine}.`;
  return `${divided}, in ${ENCODING_NAMES[encoding]}${encodingAssumed ? ' (assumed)' : ''}. ${begins} You can change this in the next step.`;
}

/** A preview of how the file will be read, long before a large file has arrived. */
async function peekAt(slug: string, file: File): Promise<Peek | null> {
  const response = await fetch(`/data/${slug}/imports/peek`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: file.slice(0, PEEK_BYTES),
  }).catch(() => null);
  return response?.ok ? ((await response.json()) as Peek | null) : null;
}
