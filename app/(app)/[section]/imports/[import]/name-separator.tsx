'use client';
// What separates the names in the cells of tag columns: chosen, or assumed from the cells.
import { Select } from '@/components/ui/field';
import { NAME_SEPARATORS, type Mapping } from '@/lib/imports/schema';
import type { ListCell, SeparatorReading } from '@/lib/imports/separators';
import { SEPARATOR_NAMES } from './separator-names';

const BY_CELLS = 'cells';
const EXAMPLES = { '|': 'VIP|Partner', ',': 'VIP, Partner', ';': 'VIP;Partner', ':::': 'VIP ::: Partner', '\n': '' };

type Props = {
  mapping: Pick<Mapping, 'separator' | 'separatorChosen'>;
  /** Undefined until the file has been read. */
  reading: SeparatorReading | undefined;
  onChange: (change: Partial<Mapping>) => void;
};

export function NameSeparatorChoice({ mapping, reading, onChange }: Props) {
  return (
    <div className="flex max-w-xl flex-col gap-1">
      <div className="max-w-80">
        <Select
          label="Between names in tag columns"
          value={mapping.separatorChosen ? mapping.separator : BY_CELLS}
          onChange={(value) =>
            onChange({
              names: {},
              separatorChosen: value !== BY_CELLS,
              ...(value !== BY_CELLS && { separator: value }),
            })
          }
          options={[
            { value: BY_CELLS, label: 'Detected from the cells' },
            ...NAME_SEPARATORS.map((value) => ({ value, label: SEPARATOR_NAMES[value], hint: EXAMPLES[value] })),
          ]}
        />
      </div>
      <div aria-live="polite" className="text-warning text-[13px] font-medium">
        {reading && inWords(reading).map((note) => <p key={note}>{note}</p>)}
      </div>
    </div>
  );
}

/** What a person should check. */
function inWords({ separator, why, shownBy, undivided }: SeparatorReading): string[] {
  const name = SEPARATOR_NAMES[separator].toLowerCase();
  return [
    ...(why === 'assumed' && shownBy ? [`Assumed: ${name}, as in ${quoted(shownBy)}.`] : []),
    ...(undivided
      ? [`${quoted(undivided)} is read as one name. If it is a list, choose what separates the names.`]
      : []),
  ];
}

const quoted = ({ line, cell }: ListCell) => `“${cell}” on line ${line.toLocaleString('en-GB')}`;
