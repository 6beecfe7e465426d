'use client';
// One value of two.
import clsx from 'clsx';
import { Label, Radio, RadioGroup } from 'react-aria-components';
import { Breakable } from '@/components/ui/breakable';
import type { MergedField, Side } from './fields';

type Props = { field: MergedField; value: Side; onChange: (side: Side) => void };

export function Choice({ field, value, onChange }: Props) {
  return (
    <RadioGroup
      value={value}
      onChange={(side) => onChange(side as Side)}
      orientation="horizontal"
      className="grid grid-cols-2 gap-2 md:grid-cols-[10rem_1fr_1fr]"
    >
      <Label className="text-muted col-span-2 pt-2 text-[13px] wrap-anywhere md:col-span-1">{field.name}</Label>
      {(['into', 'from'] as const).map((side) => (
        <Radio
          key={side}
          value={side}
          className={({ isSelected, isFocusVisible }) =>
            clsx(
              'flex min-w-0 cursor-pointer items-start gap-2 rounded-md border px-2.5 py-1.5',
              isSelected ? 'border-accent bg-accent-soft' : 'border-line-strong bg-surface hover:bg-hover',
              isFocusVisible && 'outline-focus outline-2 outline-offset-2',
            )
          }
        >
          {({ isSelected }) => (
            <>
              <span
                aria-hidden
                className={clsx(
                  'mt-1 size-4 shrink-0 rounded-full border',
                  isSelected ? 'border-accent border-5' : 'border-line-strong',
                )}
              />
              <bdi className={clsx('min-w-0 wrap-anywhere', !isSelected && 'text-muted')}>
                <Breakable text={field[side]} />
              </bdi>
            </>
          )}
        </Radio>
      ))}
    </RadioGroup>
  );
}
