'use client';
// When something happened.
import { InlineInput, InlineSelect, Word } from '@/components/ui/inline';
import { UNITS, type Period } from '@/lib/segments/schema';
import { UNIT_WORDS } from '@/lib/segments/words';
import type { Problems } from '@/components/comparison/draft-comparison';
import type { DraftPeriod } from './draft';

const KINDS: { value: Period['kind']; label: string }[] = [
  { value: 'ever', label: 'at any time' },
  { value: 'last', label: 'in the last' },
  { value: 'before_last', label: 'longer ago than' },
  { value: 'between', label: 'between dates' },
];

type Props = {
  id: string;
  when: DraftPeriod;
  problems: Problems;
  /** False for conditions that must have a period, such as when a profile was added. */
  canBeEver?: boolean;
  onChange: (when: DraftPeriod, what?: string) => void;
};

export function PeriodFields({ id, when, problems, canBeEver = true, onChange }: Props) {
  const relative = when.kind === 'last' || when.kind === 'before_last';
  return (
    <>
      <InlineSelect
        label="When"
        value={when.kind}
        options={canBeEver ? KINDS : KINDS.slice(1)}
        onChange={(kind) => onChange({ ...when, kind })}
      />
      {relative && (
        <>
          <InlineInput
            id={`${id}-count`}
            label="How many"
            numeric
            width="w-16"
            value={when.count}
            error={problems['when.count']}
            onChange={(count) => onChange({ ...when, count }, `${id}-count`)}
          />
          <InlineSelect
            label="Unit"
            value={when.unit}
            options={UNITS.map((unit) => ({ value: unit, label: UNIT_WORDS[unit] }))}
            onChange={(unit) => onChange({ ...when, unit })}
          />
        </>
      )}
      {when.kind === 'between' && (
        <>
          <InlineInput
            id={`${id}-from`}
            label="From"
            type="date"
            width="w-36"
            value={when.from}
            error={problems['when.from']}
            onChange={(from) => onChange({ ...when, from }, `${id}-from`)}
          />
          <Word>and</Word>
          <InlineInput
            id={`${id}-to`}
            label="To"
            type="date"
            width="w-36"
            value={when.to}
            error={problems['when.to']}
            onChange={(to) => onChange({ ...when, to }, `${id}-to`)}
          />
        </>
      )}
    </>
  );
}
