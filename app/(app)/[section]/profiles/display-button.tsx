'use client';
// How the list is shown: columns, order, density.
import { ArrowDown, ArrowUp, Columns3 } from 'lucide-react';
import { useState } from 'react';
import { Button, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { IconButton } from '@/components/ui/button';
import { buttonClass } from '@/components/ui/button-class';
import { Select } from '@/components/ui/field';
import { popoverClass } from '@/components/ui/popover-class';
import { ToggleRow } from '@/components/ui/toggle-row';
import type { Sort } from '@/lib/profiles/sort-schema';
import { ColumnList } from './column-list';
import { chosenColumns, type Column } from './columns';

export type Display = { sort: Sort; cols: string[] | null; compact: boolean };
export type ChangeDisplay = (next: { [Key in keyof Display]?: Display[Key] | null }) => void;

const DENSITIES = [
  { value: 'comfortable', label: 'Comfortable' },
  { value: 'compact', label: 'Compact' },
] as const;

type Props = { columns: readonly Column[]; display: Display; onChange: ChangeDisplay };

export function DisplayButton({ columns, display, onChange }: Props) {
  const { sort, cols, compact } = display;
  /** Where nobody chose columns, a narrow table leaves some out. */
  const [inSight, setInSight] = useState<readonly string[] | null>(null);
  const shown = chosenColumns(columns, cols ?? inSight).map(({ id }) => id);
  const orders = ordersOf(columns);
  const direction = sort.descending ? 'Descending' : 'Ascending';
  return (
    <DialogTrigger onOpenChange={(isOpen) => setInSight(isOpen ? columnsInSight() : null)}>
      <Button className={buttonClass()}>
        <Columns3 aria-hidden className="size-3.5" /> Display
      </Button>
      <Popover className={`${popoverClass} w-80 max-w-[92vw]`}>
        <Dialog aria-label="Display" className="flex max-h-[75vh] flex-col gap-3 overflow-y-auto p-0.5 outline-none">
          {({ close }) => (
            <>
              <ToggleRow
                label="Density"
                autoFocus
                value={compact ? 'compact' : 'comfortable'}
                options={DENSITIES}
                onChange={(next) => onChange({ compact: next === 'compact' || null })}
              />
              <div className="flex items-end gap-1">
                <div className="min-w-0 flex-1">
                  <Select
                    label="Sort by"
                    value={sort.by}
                    options={orders}
                    onChange={(by) => onChange({ sort: { by, descending: by === 'added' || by === 'changed' } })}
                  />
                </div>
                <IconButton
                  label={`${direction}: turn the order round`}
                  onPress={() => onChange({ sort: { ...sort, descending: !sort.descending } })}
                >
                  {sort.descending ? (
                    <ArrowDown aria-hidden className="size-4" />
                  ) : (
                    <ArrowUp aria-hidden className="size-4" />
                  )}
                </IconButton>
              </div>
              <p className="text-muted text-[13px]">
                To sort by another attribute, ask an Admin to switch on “Fast in segments” for it (Settings → Data Model
                → Attributes). The list cannot be sorted by keys or tags.
              </p>
              <fieldset>
                <legend className="mb-1 flex w-full items-center justify-between text-[13px] font-medium">
                  Columns
                  {cols !== null && (
                    <Button
                      className={buttonClass({ variant: 'quiet', size: 'small' })}
                      onPress={() => onChange({ cols: null })}
                    >
                      Reset
                    </Button>
                  )}
                </legend>
                {/* The list would keep Escape to itself. */}
                <div onKeyDownCapture={({ key }) => key === 'Escape' && close()}>
                  <ColumnList columns={columns} shown={shown} onChange={(next) => onChange({ cols: next })} />
                </div>
              </fieldset>
            </>
          )}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

/** The columns that the table shows at its width; on a phone, some are within the name’s. */
const columnsInSight = (): string[] =>
  [...document.querySelectorAll<HTMLElement>('[data-column]')].flatMap(({ offsetParent, dataset }) =>
    offsetParent === null ? [] : (dataset.column ?? []),
  );

const ordersOf = (columns: readonly Column[]) => {
  const orders = columns.flatMap(({ sort, title }) => (sort === null ? [] : [{ value: sort, label: title }]));
  return orders.sort((left, right) => Number(right.value === 'added') - Number(left.value === 'added'));
};
