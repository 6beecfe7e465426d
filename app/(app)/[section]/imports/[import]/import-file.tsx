// How the file was read: what was detected, chosen and assumed.
import type { DateOrder, ShortYears } from '@/lib/attributes/dates';
import type { Basis, ColumnAsRead, FileAsRead } from '@/lib/imports/as-read';
import { ENCODING_NAMES, type Delimiter } from '@/lib/imports/format';
import { SEPARATOR_NAMES } from './separator-names';

const DELIMITER_NAMES: Record<Delimiter, string> = { ',': 'Comma', ';': 'Semicolon', '\t': 'Tab', '|': 'Vertical bar' };
const ORDER_NAMES: Record<DateOrder, string> = { dmy: 'day first', mdy: 'month first', ymd: 'year first' };
const CENTURY_NAMES: Record<ShortYears, string> = {
  past: 'years of two digits in the past',
  future: 'years of two digits up to 20 ahead',
};
const BASIS_NAMES: Record<Basis, string> = {
  chosen: 'chosen',
  found: 'found in the column',
  assumed: 'assumed',
  unknown: 'unknown: cells that can be read in two ways were rejected',
};
const ENCODING_BASES = { chosen: ' (chosen)', found: '', assumed: ' (assumed)' };

export function ImportFile({ file }: { file: FileAsRead }) {
  const { text, sheet, headerLine, chosen, columns, separator } = file;
  const how = (part: FileAsRead['chosen'][number]) => (chosen.includes(part) ? ' (chosen)' : '');
  const parts: [string, string][] = [
    ...(text
      ? ([
          ['Encoding', `${ENCODING_NAMES[text.encoding]}${ENCODING_BASES[text.encodingBasis]}`],
          ['Delimiter', DELIMITER_NAMES[text.delimiter] + how('delimiter')],
        ] as [string, string][])
      : []),
    ...(sheet === null ? [] : ([['Sheet', sheet]] as [string, string][])),
    ['Header', (headerLine === null ? 'None' : `Line ${headerLine.toLocaleString('en-GB')}`) + how('header')],
    ...(separator
      ? ([['Between tag names', `${SEPARATOR_NAMES[separator.separator]} (${separator.basis})`]] as [string, string][])
      : []),
  ];
  const assumed = columns.filter(({ basis }) => basis === 'assumed' || basis === 'unknown').length;
  return (
    <details>
      <summary className="cursor-pointer font-semibold">
        How the file was read
        {text?.encodingBasis === 'assumed' && (
          <span className="text-warning ml-2 text-[13px] font-medium">The encoding is assumed</span>
        )}
        {assumed > 0 && (
          <span className="text-warning ml-2 text-[13px] font-medium">
            {assumed === 1 ? '1 column is assumed or unclear' : `${assumed} columns are assumed or unclear`}
          </span>
        )}
      </summary>
      <dl className="mt-2 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-[13px]">
        {parts.map(([name, value]) => (
          <Part key={name} name={name} value={value} />
        ))}
        {columns.map((column) => (
          <Part key={`column ${column.name}`} name={`Column “${column.name}”`} value={columnInWords(column)} />
        ))}
      </dl>
    </details>
  );
}

function Part({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="break-words">{value}</dd>
    </>
  );
}

/** 'Dates: day first (assumed)'. */
function columnInWords({ dates, shortYears, decimal, basis }: ColumnAsRead): string {
  const why = BASIS_NAMES[basis];
  const parts = [dates && ORDER_NAMES[dates], shortYears && CENTURY_NAMES[shortYears]].filter((part) => part !== null);
  if (parts.length > 0) return `Dates: ${parts.join(', ')} (${why})`;
  if (decimal !== null) return `Numbers: decimal ${decimal === '.' ? 'point' : 'comma'} (${why})`;
  return `Order of dates or decimal sign: ${why}`;
}
