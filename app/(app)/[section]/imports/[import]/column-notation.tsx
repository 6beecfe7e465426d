'use client';
// How a column's dates or numbers are read, why, and a choice if the cells are ambiguous.
import { Select } from '@/components/ui/field';
import type { DateOrder, ShortYears } from '@/lib/attributes/dates';
import type { Reading } from '@/lib/imports/evidence';
import type { ConvertedColumn } from '@/lib/imports/preview';
import type { NotationChoice } from '@/lib/imports/schema';

const BY_CELLS = 'cells';
const ORDERS: Record<DateOrder, string> = {
  dmy: 'Day first: 30/11/2025',
  mdy: 'Month first: 11/30/2025',
  ymd: 'Year first: 25-11-30',
};
const CENTURIES: Record<ShortYears, string> = {
  past: 'Years in the past: 39 is 1939',
  future: 'Years up to 20 ahead: 39 is 2039',
};
const SIGNS = { '.': 'Point: 1,234.5', ',': 'Comma: 1.234,5' };

type Props = {
  name: string;
  found: ConvertedColumn | undefined;
  /** Whether the whole file has been analysed. */
  whole: boolean;
  onChange: (choice: NotationChoice) => void;
};

export function ColumnNotation({ name, found, whole, onChange }: Props) {
  if (!found) return null;
  return (
    <>
      <Choice
        label={`Dates in ${name}`}
        reading={found.dates}
        names={ORDERS}
        whole={whole}
        onChange={(dates) => onChange({ dates })}
      />
      <Choice
        label={`Years of two digits in ${name}`}
        reading={found.shortYears}
        names={CENTURIES}
        whole={whole}
        onChange={(shortYears) => onChange({ shortYears })}
      />
      <Choice
        label={`Decimal sign in ${name}`}
        reading={found.decimals}
        names={SIGNS}
        whole={whole}
        onChange={(decimal) => onChange({ decimal })}
      />
    </>
  );
}

type ChoiceProps<Way extends string> = {
  label: string;
  reading: Reading<Way> | null;
  names: Record<Way, string>;
  whole: boolean;
  onChange: (way: Way | undefined) => void;
};

function Choice<Way extends string>({ label, reading, names, whole, onChange }: ChoiceProps<Way>) {
  if (!reading || reading.why === 'plain') return null;
  const chosen = reading.why === 'chosen';
  const { text, doubtful } = inWords(reading, names);
  const ways = Object.entries(names) as [Way, string][];
  return (
    <div className="mt-1 flex max-w-72 flex-col gap-1">
      <p className={`text-[13px] ${doubtful ? 'text-warning font-medium' : 'text-muted'}`}>
        {text}
        {!whole && ' Only the first rows have been checked so far.'}
      </p>
      <Select
        label={label}
        hideLabel
        value={chosen && reading.way !== null ? reading.way : BY_CELLS}
        onChange={(value) => onChange(value === BY_CELLS ? undefined : value)}
        options={[
          { value: BY_CELLS, label: reading.why === 'unknown' ? 'Not chosen' : 'Detected from the cells' },
          ...ways.map(([value, text]) => ({ value, label: text })),
        ]}
      />
    </div>
  );
}

/** Why the column is read as it is; `doubtful`: somebody should check it. */
function inWords<Way extends string>(
  { way, why, sure, line, open, against }: Reading<Way>,
  names: Record<Way, string>,
): { text: string; doubtful: boolean } {
  const short = way === null ? '' : names[way].split(':')[0]!.toLowerCase();
  const cells = (count: number) => (count === 1 ? '1 cell' : `${count.toLocaleString('en-GB')} cells`);
  const rejected = against > 0 ? ` ${cells(against)} cannot be read this way; those rows are rejected.` : '';
  const unclear =
    open > 0 && (!sure || way === null)
      ? ` ${cells(open)} could be read in two ways: those rows are rejected too, unless you choose.`
      : '';
  switch (why) {
    case 'told':
      return { text: `${capital(short)}, as line ${line} shows.`, doubtful: false };
    case 'mixed':
      return way === null
        ? { text: `The cells contradict each other, with no clear majority.${unclear}`, doubtful: true }
        : { text: `Mostly ${short}, as on line ${line}.${rejected}${unclear}`, doubtful: true };
    case 'assumed':
      return {
        text: `Assumed: ${short}. Nothing in the column shows it: ${cells(open)} could be read in two ways.`,
        doubtful: true,
      };
    case 'unknown':
      return {
        text: `Nothing in the column shows whether point or comma is the decimal sign: ${cells(open)} could be read in two ways, and those rows are rejected. Choose one.`,
        doubtful: true,
      };
    default:
      return { text: rejected ? `Chosen.${rejected}` : 'Chosen.', doubtful: rejected !== '' };
  }
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
