'use client';
// Hours of the day by the clock of a zone.
import type { Hours } from '@/lib/text/hours';
import { Select } from './field';
import { ZoneField } from './zone-field';

const HOURS = Array.from({ length: 24 }, (_, hour) => ({
  value: String(hour),
  label: `${String(hour).padStart(2, '0')}:00`,
}));

export function HoursField({ value, onChange }: { value: Hours; onChange: (hours: Hours) => void }) {
  return (
    <div className="grid grid-cols-2 gap-4 sm:max-w-120 sm:grid-cols-[7rem_7rem_1fr]">
      <Select
        label="From"
        value={String(value.from)}
        onChange={(from) => onChange({ ...value, from: Number(from) })}
        options={HOURS}
      />
      <Select
        label="To"
        value={String(value.to)}
        onChange={(to) => onChange({ ...value, to: Number(to) })}
        options={HOURS}
      />
      <div className="max-sm:col-span-2">
        <ZoneField label="Time zone" value={value.zone} onChange={(zone) => onChange({ ...value, zone })} />
      </div>
    </div>
  );
}
