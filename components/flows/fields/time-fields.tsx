'use client';
// How long, and at what time of the day.
import { DraftField } from '@/components/ui/draft-field';
import { Checkbox, Select, TextField } from '@/components/ui/field';
import { WAIT_UNITS, type Duration } from '@/lib/flows/schema';

const UNITS = WAIT_UNITS.map((unit) => ({ value: unit, label: unit }));
const LONGEST = 1_000;

type DurationProps = {
  label: string;
  value: Duration;
  help?: string;
  onChange: (value: Duration, what?: string) => void;
};

export function DurationField({ label, value, help, onChange }: DurationProps) {
  return (
    <div className="flex flex-col gap-1">
      <div className="grid grid-cols-[5.5rem_1fr] items-start gap-2">
        <CountField
          label={label}
          value={value.count}
          max={LONGEST}
          onChange={(count) => onChange({ ...value, count }, 'count')}
        />
        <Select label="Unit" value={value.unit} options={UNITS} onChange={(unit) => onChange({ ...value, unit })} />
      </div>
      {help && <p className="text-muted text-[13px]">{help}</p>}
    </div>
  );
}

type CountProps = { label: string; value: number; max: number; onChange: (count: number) => void };

export function CountField({ label, value, max, onChange }: CountProps) {
  return (
    <DraftField<number>
      label={label}
      inputMode="numeric"
      value={value}
      show={String}
      read={(text) => {
        const count = /^\d{1,6}$/.test(text.trim()) ? Number(text) : NaN;
        const isRight = count <= max;
        return isRight ? { value: count } : { problem: `Enter 0 to ${max.toLocaleString('en-GB')}.` };
      }}
      onChange={onChange}
    />
  );
}

const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/;

/** A time such as 09:00. What is not one stays what it was. */
export function ClockField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (at: string) => void;
}) {
  return (
    <TextField
      label={label}
      type="time"
      value={value}
      onChange={(at) => {
        if (CLOCK.test(at)) onChange(at);
      }}
    />
  );
}

type OptionalProps = { label: string; value: string | null; onChange: (at: string | null) => void };

export function OptionalClock({ label, value, onChange }: OptionalProps) {
  return (
    <div className="flex flex-col gap-2">
      <Checkbox isSelected={value !== null} onChange={(isOn) => onChange(isOn ? '09:00' : null)}>
        {label}
      </Checkbox>
      {value !== null && <ClockField label="Time of the day" value={value} onChange={onChange} />}
    </div>
  );
}
