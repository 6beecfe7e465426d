'use client';
// A filter in the address, for pages that the server lists. It takes effect at once, as everywhere.
import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { useEffect, useRef, useState, useTransition, type FormEvent, type KeyboardEvent, type ReactNode } from 'react';
import { focusFirstRow } from './arrow-rows';
import { useHotkeys } from './hotkeys';
import { useWhenOnline } from './when-online';

const fieldClass = 'border-line-strong bg-surface h-9 rounded-md border px-2.5 font-normal';
/** How long somebody may pause within a text, in milliseconds. */
const PAUSE_MS = 250;

export function FilterForm({ children }: { children: ReactNode }) {
  const router = useRouter();
  const path = usePathname();
  const address = useSearchParams();
  const whenOnline = useWhenOnline();
  const form = useRef<HTMLFormElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [waiting, startTransition] = useTransition();
  const inAddress = withoutPage(address);
  /** What the fields say, as an address; and a number that changes when they are to say what the address does. */
  const [said, setSaid] = useState({ query: inAddress, version: 0 });
  /** Whether the focus goes to the first row once the list is there. */
  const goesIntoRows = useRef(false);
  useEffect(() => () => clearTimeout(timer.current), []);
  const isReady = useRef(false);
  useEffect(() => {
    if (isReady.current) return;
    isReady.current = true;
    // Something was chosen or typed before the page could notice.
    if (form.current && queryOf(form.current) !== ownIn(address, form.current)) apply();
  });
  // By a link or by Back.
  if (!waiting && said.query !== inAddress) setSaid({ query: inAddress, version: said.version + 1 });
  useEffect(() => {
    if (waiting || !goesIntoRows.current) return;
    goesIntoRows.current = false;
    focusFirstRow();
  }, [waiting]);
  useHotkeys({ '/': () => textField(form.current)?.focus() });

  function apply() {
    clearTimeout(timer.current);
    if (!form.current) return;
    const query = queryOf(form.current);
    whenOnline(() =>
      startTransition(() => {
        setSaid((now) => ({ ...now, query }));
        router.replace(query === '' ? path : `${path}?${query}`, { scroll: false });
      }),
    );
  }

  function onInput({ target }: FormEvent) {
    clearTimeout(timer.current);
    if (target instanceof HTMLSelectElement) apply();
    else timer.current = setTimeout(apply, PAUSE_MS);
  }

  function onKeyDown(event: KeyboardEvent) {
    const { key, target, nativeEvent } = event;
    if (!(target instanceof HTMLInputElement) || target !== textField(form.current) || nativeEvent.isComposing) return;
    if (key === 'Escape') {
      event.preventDefault();
      if (target.value === '') return target.blur();
      target.value = '';
      apply();
    } else if (key === 'ArrowDown' || key === 'Enter') {
      event.preventDefault();
      goesIntoRows.current = true;
      apply();
    }
  }

  return (
    <form
      key={said.version}
      ref={form}
      className="mb-3 flex flex-wrap items-end gap-2"
      role="search"
      aria-busy={waiting}
      onInput={onInput}
      onKeyDown={onKeyDown}
      onSubmit={(event) => {
        event.preventDefault();
        apply();
      }}
    >
      {children}
    </form>
  );
}

const textField = (form: HTMLFormElement | null) => form?.querySelector<HTMLInputElement>('input[type="search"]');

/** Filled fields only, by name. */
const queryOf = (form: HTMLFormElement): string =>
  String(
    new URLSearchParams(
      [...new FormData(form)].flatMap(([name, value]) =>
        typeof value === 'string' && value !== '' ? [[name, value]] : [],
      ),
    ),
  );

/** What of an address the form has fields for, in their order. */
function ownIn(address: URLSearchParams, form: HTMLFormElement): string {
  const names = new Set([...form.elements].map((element) => element.getAttribute('name') ?? ''));
  const own = [...names].flatMap((name) => address.getAll(name).map((value) => [name, value]));
  return String(new URLSearchParams(own.filter(([, value]) => value !== '')));
}

/** Without the page, so that a changed filter begins at the first one. */
function withoutPage(address: URLSearchParams): string {
  const query = new URLSearchParams(address);
  for (const name of ['before', 'page']) query.delete(name);
  return String(query);
}

export function FilterText({ label, name, value }: { label: string; name: string; value: string | undefined }) {
  return (
    <label className="flex flex-1 basis-40 flex-col gap-1 text-[13px] font-medium sm:max-w-72">
      {label}
      <input
        type="search"
        name={name}
        defaultValue={value}
        autoComplete="off"
        className={`${fieldClass} text-base sm:text-sm`}
      />
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
