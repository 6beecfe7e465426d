'use client';
// How the file is read: each assumption can be changed, and the rows are shown from the first line on.
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { answerOf } from '@/components/ui/answer-of';
import { Button } from '@/components/ui/button';
import { Banner, cardClass } from '@/components/ui/display';
import { Select } from '@/components/ui/field';
import { postJson } from '@/components/ui/json';
import type { Result } from '@/lib/access/refusal';
import {
  ENCODING_NAMES,
  ENCODINGS,
  notesOn,
  numberedNames,
  type Delimiter,
  type Encoding,
  type FileFormat,
  type FormatChoice,
  type Quotes,
} from '@/lib/imports/format';
import type { ImportView } from '@/lib/imports/schema';
import { TableStart, type TopRow } from './table-start';

/** `top`: the first rows of the file, including those above the table. */
type Props = { slug: string; found: ImportView; top: TopRow[] };

const DELIMITERS: { value: Delimiter; label: string }[] = [
  { value: ',', label: 'Comma ,' },
  { value: ';', label: 'Semicolon ;' },
  { value: '\t', label: 'Tab' },
  { value: '|', label: 'Vertical bar |' },
];
const QUOTES: { value: Quotes; label: string; hint: string }[] = [
  { value: 'doubled', label: 'Twice: ""', hint: '"a 5"" pipe"' },
  { value: 'backslash', label: 'After a backslash: \\"', hint: '"a 5\\" pipe", as MySQL and PHP do' },
  { value: 'none', label: 'Quotes are text', hint: 'Cells are never in quotes' },
];
const HEADER = [
  { value: 'yes', label: 'Column names' },
  { value: 'no', label: 'Data' },
] as const;

export function FileFormatStep({ slug, found, top }: Props) {
  const router = useRouter();
  const [problem, setProblem] = useState<string | null>(null);
  const [pending, setPending] = useState(false);
  const { format } = found;
  const { delimiter, encoding, quotes, header, startLine, sheet, sheets, columns, repeated = [], namesBelow } = format;

  async function change(part: FormatChoice & { sheet?: string }) {
    setProblem(null);
    setPending(true);
    const result = await answerOf(
      postJson<Result<unknown>>(`/data/${slug}/imports/${found.id}/format`, { format: part }),
    );
    setPending(false);
    if (!result.ok) return setProblem(result.refusal.message);
    router.refresh();
  }

  return (
    <section aria-labelledby="preview" aria-busy={pending} className={`${cardClass} flex min-w-0 flex-col gap-3 p-4`}>
      <h2 id="preview" className="font-semibold">
        1. The file
      </h2>
      {problem && <Banner tone="danger">{problem}</Banner>}
      <p className="text-muted">
        Worked out from the file. Change anything that is wrong: nothing has been imported yet.
      </p>
      <div className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,13rem),1fr))] gap-3">
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
              label="Columns are separated by"
              help={origin(format, 'delimiter')}
              value={delimiter}
              isDisabled={pending}
              onChange={(value) => void change({ delimiter: value })}
              options={DELIMITERS}
            />
            <Select
              label="Encoding"
              help={encodingHelp(format)}
              value={encoding}
              isDisabled={pending}
              onChange={(value) => void change({ encoding: value })}
              options={encodingOptions(format)}
            />
            <Select
              label="Quotes are written"
              help={origin(format, 'quotes')}
              value={quotes}
              isDisabled={pending}
              onChange={(value) => void change({ quotes: value })}
              options={QUOTES}
            />
          </>
        )}
        <Select
          label="The first row is"
          help={header ? `The names are on line ${startLine}` : `The rows begin on line ${startLine}`}
          value={header ? 'yes' : 'no'}
          isDisabled={pending}
          onChange={(value) => void change({ header: value === 'yes', startLine })}
          options={HEADER}
        />
      </div>
      {!header && (
        <Banner tone="warning">
          The first row is read as data, so the columns are named by number. If it holds their names, say so above.
        </Banner>
      )}
      {repeated.map((name) => (
        <Banner key={name} tone="warning">
          {repeatedInWords(name, columns)}
        </Banner>
      ))}
      {notesOn(format).map((note) => (
        <Banner key={note} tone="warning">
          {note}
        </Banner>
      ))}
      {namesBelow !== undefined && (
        <div>
          <Button isDisabled={pending} onPress={() => void change({ startLine: namesBelow, header: true })}>
            Use line {namesBelow} as the header
          </Button>
        </div>
      )}
      {columns.length === 1 && (
        <Banner tone="info">
          The file has one column. That is enough if it holds email addresses, mobile numbers or CRM IDs.
        </Banner>
      )}
      <TableStart
        key={startLine}
        top={top}
        startLine={startLine}
        header={header}
        columns={columns.length}
        isDisabled={pending}
        onChoose={(line) => void change({ startLine: line, header: true })}
      />
    </section>
  );
}

/** “Email” occurs twice: its columns are “Email” and “Email (2)”. */
function repeatedInWords(name: string, columns: readonly string[]): string {
  const numbered = numberedNames(columns, name).slice(1);
  const others = numbered.map((item) => `“${item}”`).join(', ');
  const times = numbered.length === 1 ? 'twice' : `${numbered.length + 1} times`;
  return `“${name}” occurs ${times} in the header: from the left, its columns are “${name}”, ${others}. Check that the right one is used.`;
}

function origin({ chosen }: FileFormat, what: keyof FormatChoice): string {
  return chosen?.[what] === undefined ? 'Found in the file' : 'Chosen by hand';
}

/** How the encoding was detected, with a sample of text from the file. */
function encodingHelp(format: FileFormat): string {
  const names = format.names?.[format.encoding];
  if (names === undefined) return origin(format, 'encoding');
  const assumed = format.encodingAssumed && format.chosen?.encoding === undefined;
  return assumed
    ? `Assumed, as the file has little text to tell from. Is this right? ${names}`
    : `Text from the file: ${names}`;
}

/** The encodings, each with names from the file as it reads them, so that the right one is recognisable. */
function encodingOptions({ names }: FileFormat): { value: Encoding; label: string; hint?: string }[] {
  return ENCODINGS.map((value) => ({ value, label: ENCODING_NAMES[value], hint: names?.[value] }));
}
