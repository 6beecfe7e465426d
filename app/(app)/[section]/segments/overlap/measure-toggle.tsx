'use client';
// What the cells of the matrix show.
import { ToggleButton, ToggleButtonGroup } from 'react-aria-components';
import type { Measure } from '@/components/charts/overlap-measures';

const MEASURES: { measure: Measure; label: string }[] = [
  { measure: 'profiles', label: 'Profiles' },
  { measure: 'share', label: 'Percent of the row' },
  { measure: 'lift', label: 'Compared with chance' },
];

export function MeasureToggle({ value, onChange }: { value: Measure; onChange: (measure: Measure) => void }) {
  return (
    <ToggleButtonGroup
      aria-label="What the cells show"
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[value]}
      onSelectionChange={([chosen]) => chosen !== undefined && onChange(chosen as Measure)}
      className="border-line-strong inline-flex overflow-hidden rounded-md border"
    >
      {MEASURES.map(({ measure, label }) => (
        <ToggleButton
          key={measure}
          id={measure}
          className="border-line-strong data-[selected]:bg-accent data-[selected]:text-on-accent hover:not-data-[selected]:bg-hover h-7 border-l px-2.5 text-[13px] font-medium -outline-offset-2! first:border-l-0"
        >
          {label}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
