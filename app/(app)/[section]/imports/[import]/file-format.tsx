'use client';
// The file as it is read: its first rows, and in what way, which can be changed.
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { answerOf } from '@/components/ui/answer-of';
import { Banner, cardClass } from '@/components/ui/display';
import { Select } from '@/components/ui/field';
import type { SectionId } from '@/lib/db/ids';
import type { Delimiter, Encoding, FileFormat } from '@/lib/imports/format';
import type { ImportView } from '@/lib/imports/schema';
import { changeFormatAction } from '../actions';
import { FirstRows } from '../first-rows';

type Props = { sectionId: SectionId; found: ImportView; preview: { line: number; cells: string[] }[] };

const DELIMITERS: { value: Delimiter; label: string }[] = [
  { value: ',', label: 'Comma ,' },
  { value: ';', label: 'Semicolon ;' },
  { value: '\t', label: 'Tab' },
  { value: '|', label: 'Bar |' },
];
const ENCODINGS: { value: Encoding; label: string }[] = [
  { value: 'utf-8', label: 'UTF-8' },
  { value: 'windows-1252', label: 'Windows-1252' },
  { value: 'utf-16le', label: 'UTF-16 LE' },
  { value: 'utf-16be', label: 'UTF-16 BE' },
];
const HEADER = [
  { value: 'yes', label: 'Column names' },
  { value: 'no', label: 'Data' },
] as const;

export function FileAsRead({ sectionId, found, preview }: Props) {
  const router = useRouter();
  const [problem, setProblem] = useState<string | null>(null);
  const [pending, setPending] = useState(false);
  const { delimiter, encoding, header, sheet, sheets, columns } = found.format;

  async function change(part: Partial<FileFormat>) {
    setProblem(null);
    setPending(true);
    const format = { delimiter, encoding, header, sheet, ...part };
    const result = await answerOf(changeFormatAction({ sectionId, importId: found.id, format }));
    setPending(false);
    if (!result.ok) return setProblem(result.refusal.message);
    router.refresh();
  }

  return (
    <section aria-labelledby="preview" aria-busy={pending} className={`${cardClass} flex flex-col gap-3 p-4`}>
      <h2 id="preview" className="font-semibold">
        1. The file
      </h2>
      {problem && <Banner tone="danger">{problem}</Banner>}
      <div className="flex flex-wrap gap-3 [&>*]:min-w-40">
        {sheets ? (
          <Select
            label="Sheet"
            value={sheet ?? null}
            isDisabled={pending}
            onChange={(value) => void change({ sheet: value })}
            options={sheets.map((name) => ({ value: name, label: name }))}
          />
        ) : (
          <>
            <Select
              label="Columns are divided by"
              value={delimiter}
              isDisabled={pending}
              onChange={(value) => void change({ delimiter: value })}
              options={DELIMITERS}
            />
            <Select
              label="Encoding"
              value={encoding}
              isDisabled={pending}
              onChange={(value) => void change({ encoding: value })}
              options={ENCODINGS}
            />
          </>
        )}
        <Select
          label="The first row is"
          value={header ? 'yes' : 'no'}
          isDisabled={pending}
          onChange={(value) => void change({ header: value === 'yes' })}
          options={HEADER}
        />
      </div>
      {!header && (
        <Banner tone="warning">
          The first row is read as data, so the columns are named by number. If it holds their names, say so above.
        </Banner>
      )}
      {columns.length === 1 && (
        <Banner tone="info">
          The file has one column. That is enough when it is an email address, mobile number or CRM ID.
        </Banner>
      )}
      <FirstRows columns={columns} rows={preview} />
    </section>
  );
}
