'use client';
// Several texts, one per line, behind a button with their number: lists can be pasted.
import { Button, Dialog, DialogTrigger, Popover, TextArea } from 'react-aria-components';
import { Checkbox, inputClass } from '@/components/ui/field';
import { popoverClass } from '@/components/ui/popover-class';

type Props = {
  id: string;
  label: string;
  /** One per line. */
  value: string;
  choices: readonly string[];
  error?: string;
  onChange: (value: string) => void;
};

export function TextList({ id, label, value, choices, error, onChange }: Props) {
  const texts = textsOf(value);
  const shown = texts.slice(0, 3).join(', ');
  const more = texts.length > 3 ? ` and ${texts.length - 3} more` : '';
  return (
    <DialogTrigger>
      <Button
        id={id}
        aria-label={`${label}: ${texts.length === 0 ? 'none yet' : texts.join(', ')}`}
        className="border-line-strong bg-surface hover:bg-hover h-8 max-w-72 truncate rounded-md border px-2 text-left"
      >
        {texts.length === 0 ? <span className="text-muted">{error ? 'Enter at least one' : 'none yet'}</span> : shown}
        {more}
      </Button>
      <Popover className={`${popoverClass} w-72`}>
        <Dialog aria-label={label} className="flex flex-col gap-2 outline-none">
          {choices.length > 0 ? (
            <ChoiceList autoFocus label={label} value={value} choices={choices} onChange={onChange} />
          ) : (
            <>
              <TextArea
                aria-label={`${label}, one per line`}
                autoFocus
                rows={8}
                value={value}
                onChange={(event) => onChange(event.target.value)}
                className={`${inputClass} h-auto py-2`}
              />
              <p className="text-muted text-[13px]">
                One per line, at most 500. Upper and lower case are treated the same.
              </p>
            </>
          )}
          {error && <p className="text-danger text-[13px]">{error}</p>}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

const textsOf = (value: string) => value.split(/\r?\n/).filter((line) => line.trim() !== '');

/** Several of the choices, as check boxes. */
export function ChoiceList({
  label,
  value,
  choices,
  onChange,
  autoFocus = false,
}: Pick<Props, 'label' | 'value' | 'choices' | 'onChange'> & { autoFocus?: boolean }) {
  const texts = textsOf(value);
  const toggle = (choice: string, on: boolean) =>
    onChange((on ? [...texts, choice] : texts.filter((text) => text !== choice)).join('\n'));
  return (
    <div role="group" aria-label={label} className="flex max-h-64 flex-col gap-1.5 overflow-y-auto">
      {[...new Set([...choices, ...texts])].map((choice, index) => (
        <Checkbox
          key={choice}
          autoFocus={autoFocus && index === 0}
          isSelected={texts.includes(choice)}
          onChange={(on) => toggle(choice, on)}
        >
          {choice}
        </Checkbox>
      ))}
    </div>
  );
}
