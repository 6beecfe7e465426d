'use client';
// Form fields with label, help and error. Input is kept after an error.
import clsx from 'clsx';
import { Check, ChevronDown, Minus, Search } from 'lucide-react';
import { useId, type KeyboardEvent, type ReactNode, type RefObject } from 'react';
import {
  Button,
  Checkbox as AriaCheckbox,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Radio,
  RadioGroup as AriaRadioGroup,
  SearchField as AriaSearchField,
  Select as AriaSelect,
  SelectValue,
  Text,
  TextArea as AriaTextArea,
  TextField as AriaTextField,
  type CheckboxProps,
  type TextFieldProps as AriaTextFieldProps,
} from 'react-aria-components';
import { Kbd } from './display';
import { listPopoverClass, optionClass } from './popover-class';

export const inputClass =
  'w-full rounded-md border border-line-strong bg-surface px-2.5 h-9 text-ink placeholder:text-muted data-[invalid]:border-danger disabled:opacity-60';

type FieldText = { label: ReactNode; help?: ReactNode; error?: string };

const labelClass = 'text-[13px] font-medium wrap-anywhere';

/** Messages come from the server; native validation must not block a resubmit because of an old one. */
const invalid = (error: string | undefined) => ({ isInvalid: Boolean(error), validationBehavior: 'aria' as const });

type TextFieldProps = Omit<AriaTextFieldProps, 'className' | 'style' | 'children' | 'isInvalid'> &
  FieldText & {
    placeholder?: string;
    inputRef?: RefObject<HTMLInputElement | null>;
    hideLabel?: boolean;
    /** Offered while typing; anything else may be typed too. */
    suggestions?: readonly string[];
    /** A button behind the input. */
    beside?: ReactNode;
  };

export function TextField({
  label,
  help,
  error,
  placeholder,
  inputRef,
  hideLabel,
  suggestions,
  beside,
  ...props
}: TextFieldProps) {
  const list = useId();
  const input = (
    <Input
      ref={inputRef}
      placeholder={placeholder}
      className={inputClass}
      {...(suggestions && { list, autoComplete: 'off' })}
    />
  );
  return (
    <AriaTextField {...props} {...invalid(error)} className="relative flex flex-col gap-1">
      <Label className={clsx(labelClass, hideLabel && 'sr-only')}>{label}</Label>
      {beside ? (
        <div className="flex items-center gap-1">
          {input}
          {beside}
        </div>
      ) : (
        input
      )}
      {suggestions && (
        <datalist id={list}>
          {suggestions.map((suggestion) => (
            <option key={suggestion} value={suggestion} />
          ))}
        </datalist>
      )}
      <Below help={help} error={error} />
    </AriaTextField>
  );
}

export function TextArea({
  label,
  help,
  error,
  rows = 3,
  ...props
}: Omit<TextFieldProps, 'inputRef' | 'placeholder' | 'suggestions' | 'beside'> & { rows?: number }) {
  return (
    <AriaTextField {...props} {...invalid(error)} className="relative flex flex-col gap-1">
      <Label className={labelClass}>{label}</Label>
      <AriaTextArea rows={rows} className={clsx(inputClass, 'h-auto py-2')} />
      <Below help={help} error={error} />
    </AriaTextField>
  );
}

function Below({ help, error }: { help?: ReactNode; error?: string }) {
  return (
    <>
      {help && !error && (
        <Text slot="description" className="text-muted text-[13px]">
          {help}
        </Text>
      )}
      <FieldError className="text-danger text-[13px]">{error}</FieldError>
    </>
  );
}

type SearchProps = {
  label: string;
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  inputRef?: RefObject<HTMLInputElement | null>;
  /** Leads to the results: to the first one by ArrowDown or Enter, to the one that had the focus last by Escape while it is empty. */
  onLeave?: (to: LeaveTo) => void;
};

export type LeaveTo = 'first' | 'last used';

/** The key that focuses it is shown while it is empty, except on touch screens. */
export function SearchField({ label, inputRef, placeholder, onLeave, ...props }: SearchProps) {
  function onKeyDown(event: KeyboardEvent) {
    const to = event.nativeEvent.isComposing ? null : leavesTo(event.key, props.value);
    if (!onLeave || to === null) return;
    event.preventDefault();
    event.stopPropagation();
    // It is left also if there are no results.
    if (to === 'last used' && event.target instanceof HTMLElement) event.target.blur();
    onLeave(to);
  }
  return (
    <div className="contents" onKeyDownCapture={onKeyDown}>
      <AriaSearchField {...props} aria-label={label} className="relative min-w-56 flex-1 sm:max-w-80 sm:min-w-44">
        <Search aria-hidden className="text-muted pointer-events-none absolute top-2.5 left-2.5 size-4" />
        <Input
          ref={inputRef}
          placeholder={placeholder}
          className={clsx(inputClass, 'pl-8 sm:pr-8 [&::-webkit-search-cancel-button]:hidden')}
        />
        {props.value === '' && (
          <span aria-hidden className="pointer-events-none absolute top-2 right-2.5">
            <Kbd>/</Kbd>
          </span>
        )}
      </AriaSearchField>
    </div>
  );
}

function leavesTo(key: string, text: string): LeaveTo | null {
  if (key === 'ArrowDown' || key === 'Enter') return 'first';
  return key === 'Escape' && text === '' ? 'last used' : null;
}

/** A check box; `isIndeterminate` is its third state. */
export function Checkbox({
  children,
  label,
  ...props
}: Omit<CheckboxProps, 'className' | 'children'> & { children?: ReactNode; label?: string }) {
  return (
    <AriaCheckbox {...props} aria-label={label} className="group inline-flex items-start gap-2">
      {({ isSelected, isIndeterminate }) => (
        <>
          <span
            aria-hidden
            className={clsx(
              'mt-0.5 flex size-4.5 shrink-0 items-center justify-center rounded border group-data-[focus-visible]:outline-focus group-data-[focus-visible]:outline-2 group-data-[focus-visible]:outline-offset-2',
              isSelected || isIndeterminate
                ? 'border-accent bg-accent text-on-accent'
                : 'border-line-strong bg-surface',
            )}
          >
            {isIndeterminate ? (
              <Minus className="size-3.5" />
            ) : (
              isSelected && <Check className="size-3.5" strokeWidth={3} />
            )}
          </span>
          {children}
        </>
      )}
    </AriaCheckbox>
  );
}

export type Option<Value extends string> = { value: Value; label: string; hint?: string };

type SelectProps<Value extends string> = FieldText & {
  value: Value | null;
  options: readonly Option<Value>[];
  onChange: (value: Value) => void;
  placeholder?: string;
  hideLabel?: boolean;
  isDisabled?: boolean;
  autoFocus?: boolean;
};

export function Select<Value extends string>({
  label,
  help,
  error,
  value,
  options,
  onChange,
  placeholder,
  hideLabel,
  isDisabled,
  autoFocus,
}: SelectProps<Value>) {
  return (
    <AriaSelect
      selectedKey={value}
      onSelectionChange={(key) => key !== null && onChange(key as Value)}
      {...invalid(error)}
      isDisabled={isDisabled}
      autoFocus={autoFocus}
      placeholder={placeholder ?? 'Choose'}
      className="relative flex min-w-0 flex-col gap-1"
    >
      <Label className={clsx(labelClass, hideLabel && 'sr-only')}>{label}</Label>
      <Button className={clsx(inputClass, 'flex items-center justify-between gap-2 text-left')}>
        <SelectValue className="truncate">
          {({ selectedText, defaultChildren }) => selectedText || defaultChildren}
        </SelectValue>
        <ChevronDown aria-hidden className="text-muted size-4 shrink-0" />
      </Button>
      <Below help={help} error={error} />
      <Popover className={`${listPopoverClass} max-h-80 min-w-(--trigger-width)`}>
        <ListBox items={options} className="outline-none">
          {(option) => (
            <ListBoxItem
              id={option.value}
              textValue={option.label}
              className={`${optionClass} flex flex-col data-[selected]:font-medium`}
            >
              {option.label}
              {option.hint && <span className="text-muted text-xs font-normal">{option.hint}</span>}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}

/** A few choices, all visible. `value`: null if none is chosen yet. */
export function RadioGroup<Value extends string>({
  label,
  value,
  options,
  onChange,
  error,
}: FieldText & { value: Value | null; options: readonly Option<Value>[]; onChange: (value: Value) => void }) {
  // Tab reaches a group without a choice only if it has no value at all.
  const isChosen = options.some((option) => option.value === value);
  return (
    <AriaRadioGroup
      value={isChosen ? value : null}
      onChange={(next) => onChange(next as Value)}
      {...invalid(error)}
      className="flex flex-col gap-2"
    >
      <Label className={labelClass}>{label}</Label>
      {options.map((option) => (
        <Radio key={option.value} value={option.value} className="group flex items-start gap-2">
          <span
            aria-hidden
            className="border-line-strong group-data-[selected]:border-accent mt-1 size-4 shrink-0 rounded-full border group-data-[focus-visible]:outline-focus group-data-[focus-visible]:outline-2 group-data-[focus-visible]:outline-offset-2 group-data-[selected]:border-5"
          />
          <span className="flex flex-col">
            {option.label}
            {option.hint && <span className="text-muted text-[13px]">{option.hint}</span>}
          </span>
        </Radio>
      ))}
      <FieldError className="text-danger text-[13px]">{error}</FieldError>
    </AriaRadioGroup>
  );
}
