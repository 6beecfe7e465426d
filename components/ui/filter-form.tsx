// A filter in the address: a form that works without JavaScript, for pages that the server lists.
import type { ReactNode } from 'react';
import { Button } from './button';

const fieldClass = 'border-line-strong bg-surface h-9 rounded-md border px-2.5 font-normal';

export function FilterForm({ children }: { children: ReactNode }) {
  return (
    <form className="mb-3 flex flex-wrap items-end gap-2" role="search">
      {children}
      <Button type="submit">Filter</Button>
    </form>
  );
}

export function FilterText({ label, name, value }: { label: string; name: string; value: string | undefined }) {
  return (
    <label className="flex flex-1 basis-40 flex-col gap-1 text-[13px] font-medium sm:max-w-72">
      {label}
      <input name={name} defaultValue={value} className={`${fieldClass} text-base sm:text-sm`} />
    </label>
  );
}

type FilterSelectProps = {
  label: string;
  name: string;
  value: string | number | undefined;
  /** What is shown where nothing is chosen. */
  all: string;
  options: readonly { value: string | number; label: string }[];
};

export function FilterSelect({ label, name, value, all, options }: FilterSelectProps) {
  return (
    <label className="flex min-w-0 flex-col gap-1 text-[13px] font-medium">
      {label}
      <select name={name} defaultValue={value ?? ''} className={`${fieldClass} max-w-56 truncate`}>
        <option value="">{all}</option>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  );
}

export function FilterDay({ label, name, value }: { label: string; name: string; value: string | undefined }) {
  return (
    <label className="flex flex-col gap-1 text-[13px] font-medium">
      {label}
      <input type="date" name={name} defaultValue={value} className={fieldClass} />
    </label>
  );
}
