'use client';
// A few choices side by side, of which one is chosen.
import { Radio, RadioGroup } from 'react-aria-components';

type Props<Value extends string> = {
  label: string;
  value: Value;
  options: readonly { value: Value; label: string }[];
  onChange: (value: Value) => void;
  autoFocus?: boolean;
};

export function ToggleRow<Value extends string>({ label, value, options, onChange, autoFocus = false }: Props<Value>) {
  return (
    <RadioGroup
      aria-label={label}
      value={value}
      orientation="horizontal"
      onChange={(next) => onChange(next as Value)}
      className="border-line-strong flex w-fit rounded-md border p-0.5"
    >
      {options.map((option) => (
        <Radio
          key={option.value}
          value={option.value}
          autoFocus={autoFocus && option.value === value}
          className="data-[selected]:bg-accent data-[selected]:text-on-accent data-[hovered]:bg-hover flex h-7 cursor-default items-center rounded px-2.5 text-[13px] font-medium data-[focus-visible]:outline-focus data-[focus-visible]:outline-2 data-[focus-visible]:outline-offset-2"
        >
          {option.label}
        </Radio>
      ))}
    </RadioGroup>
  );
}
