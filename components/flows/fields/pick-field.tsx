'use client';
// Chooses one of many things by a part of its name: a message, a form, an event.
import clsx from 'clsx';
import { Check, ChevronDown, X } from 'lucide-react';
import { useId, useState, type ReactNode } from 'react';
import { Button, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { IconButton } from '@/components/ui/button';
import { inputClass } from '@/components/ui/field';
import { FindList } from '@/components/ui/find-list';
import { popoverClass } from '@/components/ui/popover-class';
import { matchScore, searchable } from '@/lib/naming/word-search';

export type Thing<Id> = { id: Id; name: string; hint?: string };

type Props<Id> = {
  label: string;
  value: Id | null;
  things: readonly Thing<Id>[];
  onChange: (id: Id) => void;
  /** It may be none. */
  onClear?: () => void;
  /** While nothing is chosen. */
  placeholder: string;
  /** What is chosen is not among the things any more. */
  gone: string;
  /** There is nothing to choose from. */
  none: ReactNode;
};

export function PickField<Id extends number>(props: Props<Id>) {
  const { label, value, things, onChange, onClear, placeholder, gone, none } = props;
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const chosen = things.find((thing) => thing.id === value);
  const isGone = value !== null && !chosen;
  return (
    <div className="relative flex min-w-0 flex-col gap-1">
      <span id={`${id}-label`} className="text-[13px] font-medium">
        {label}
      </span>
      <span className="flex items-center gap-1">
        <DialogTrigger isOpen={isOpen} onOpenChange={setOpen}>
          <Button
            id={id}
            aria-labelledby={`${id} ${id}-label`}
            className={clsx(
              inputClass,
              'flex items-center justify-between gap-2 text-left',
              isGone ? 'border-danger text-danger' : !chosen && 'text-muted',
            )}
          >
            <span className="truncate">{chosen?.name ?? (isGone ? gone : placeholder)}</span>
            <ChevronDown aria-hidden className="text-muted size-4 shrink-0" />
          </Button>
          <Popover placement="bottom start" className={`${popoverClass} w-80 max-w-[calc(100vw-1.5rem)]`}>
            <Dialog aria-label={label} className="outline-none">
              {things.length === 0 ? (
                <p className="text-muted">{none}</p>
              ) : (
                <ThingList
                  label={label}
                  value={value}
                  things={things}
                  onChoose={(thing) => {
                    setOpen(false);
                    onChange(thing);
                  }}
                />
              )}
            </Dialog>
          </Popover>
        </DialogTrigger>
        {onClear && value !== null && (
          <IconButton label={`${label}: none`} onPress={onClear}>
            <X aria-hidden className="size-4" />
          </IconButton>
        )}
      </span>
    </div>
  );
}

type ListProps<Id> = { label: string; value: Id | null; things: readonly Thing<Id>[]; onChoose: (id: Id) => void };

function ThingList<Id extends number>({ label, value, things, onChoose }: ListProps<Id>) {
  const [text, setText] = useState('');
  const wanted = searchable(text);
  const found = things
    .map((thing) => ({ thing, score: matchScore(wanted, searchable(thing.name)) }))
    .filter(({ score }) => score > 0)
    .sort((left, right) => right.score - left.score)
    .map(({ thing }) => thing);
  return (
    <FindList
      label={label}
      placeholder="A part of its name"
      text={text}
      onText={setText}
      entries={found}
      entryKey={({ id }) => id}
      single
      isSelected={({ id }) => id === value}
      show={({ id, name, hint }) => (
        <>
          <Check aria-hidden className={clsx('text-accent size-4 shrink-0', id !== value && 'invisible')} />
          <span className="min-w-0 flex-1 wrap-anywhere">{name}</span>
          {hint && <span className="text-muted shrink-0 text-xs">{hint}</span>}
        </>
      )}
      onChoose={({ id }) => onChoose(id)}
      autoFocus
      status={found.length === 0 && 'Nothing has these words in its name.'}
    />
  );
}
