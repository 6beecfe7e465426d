'use client';
// The filter by an attribute: how it is compared depends on its type. Added by a button, corrected from its chip.
import { SlidersHorizontal } from 'lucide-react';
import { useRef, useState, type ReactNode } from 'react';
import { Button as AriaButton, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { ComparisonFields } from '@/components/comparison/comparison-fields';
import {
  comparisonFor,
  draftComparison,
  rawComparison,
  type DraftComparison,
  type Problems,
} from '@/components/comparison/draft-comparison';
import { Button } from '@/components/ui/button';
import { buttonClass } from '@/components/ui/button-class';
import { Select } from '@/components/ui/field';
import { popoverClass } from '@/components/ui/popover-class';
import { ComparisonSchema } from '@/lib/attributes/comparison';
import type { Attribute } from '@/lib/attributes/schema';
import type { AttributeFilter } from '@/lib/profiles/schema';

type Props = {
  slug: string;
  attributes: Attribute[];
  /** The condition to correct; null: a new one. */
  condition: AttributeFilter | null;
  /** The button that opens it. */
  trigger: ReactNode;
  onSave: (condition: AttributeFilter) => void;
};

/** A button with the fields of a condition in a popover. */
export function AttributeFilterPopover({ trigger, onSave, ...form }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <DialogTrigger isOpen={open} onOpenChange={setOpen}>
      {trigger}
      <Popover className={`${popoverClass} w-[31rem] max-w-[90vw]`}>
        <Dialog aria-label="Filter by attribute" className="outline-none">
          <AttributeFilterForm
            {...form}
            onSave={(condition) => {
              setOpen(false);
              onSave(condition);
            }}
          />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

export function AttributeFilterButton(props: Omit<Props, 'trigger' | 'condition'>) {
  return (
    <AttributeFilterPopover
      {...props}
      condition={null}
      trigger={
        <AriaButton className={buttonClass()} data-adds-filter>
          <SlidersHorizontal aria-hidden className="size-3.5" /> Attribute
        </AriaButton>
      }
    />
  );
}

function AttributeFilterForm({ slug, attributes, condition, onSave }: Omit<Props, 'trigger'>) {
  const [attribute, setAttribute] = useState<Attribute | null>(
    attributes.find(({ code }) => code === condition?.code) ?? null,
  );
  const [compare, setCompare] = useState<DraftComparison>(
    condition ? draftComparison(condition.compare) : comparisonFor('text'),
  );
  const [problems, setProblems] = useState<Problems>({});
  const fields = useRef<HTMLDivElement>(null);
  const hasChosen = useRef(false);

  /** The list of attributes gives the focus back when it closes: after a choice it goes on to the condition. */
  function goOn() {
    if (!hasChosen.current) return;
    hasChosen.current = false;
    queueMicrotask(() => fields.current?.querySelector('select')?.focus());
  }

  function choose(code: string) {
    hasChosen.current = true;
    const next = attributes.find((item) => item.code === code) ?? null;
    setAttribute(next);
    setProblems({});
    if (next && next.type !== attribute?.type) {
      // A choice is nearly always one of its values.
      setCompare({ ...comparisonFor(next.type), ...(next.type === 'choice' && { test: 'one_of' as const }) });
    }
  }

  function save() {
    if (!attribute) return;
    const parsed = ComparisonSchema.safeParse(rawComparison(compare));
    if (!parsed.success) {
      return setProblems(
        Object.fromEntries(parsed.error.issues.map(({ path, message }) => [`compare.${path.join('.')}`, message])),
      );
    }
    onSave({ code: attribute.code, compare: parsed.data });
  }

  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <div onFocus={goOn}>
        <Select
          label="Attribute"
          autoFocus
          value={attribute?.code ?? null}
          onChange={choose}
          options={attributes.map((item) => ({ value: item.code, label: item.name }))}
        />
      </div>
      {attribute && (
        <div ref={fields} className="flex flex-wrap items-center gap-2">
          <ComparisonFields
            id="filter"
            name={attribute.name}
            type={attribute.type}
            choices={attribute.choices}
            spacious
            compare={compare}
            problems={problems}
            suggest={{ slug, attributeId: attribute.id }}
            path="compare"
            onChange={setCompare}
          />
        </div>
      )}
      {Object.keys(problems).length > 0 && (
        <p role="alert" className="text-danger text-[13px]">
          {[...new Set(Object.values(problems))].join(' ')}
        </p>
      )}
      <Button type="submit" variant="primary" isDisabled={!attribute}>
        {condition ? 'Change filter' : 'Add filter'}
      </Button>
    </form>
  );
}
