'use client';
// The filter by an attribute: how it is compared depends on its type.
import { SlidersHorizontal } from 'lucide-react';
import { useState } from 'react';
import { Button as AriaButton, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { ComparisonFields } from '@/components/comparison/comparison-fields';
import {
  comparisonFor,
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

type Props = { slug: string; attributes: Attribute[]; onAdd: (condition: AttributeFilter) => void };

export function AttributeFilterButton({ slug, attributes, onAdd }: Props) {
  const [open, setOpen] = useState(false);
  const [attribute, setAttribute] = useState<Attribute | null>(null);
  const [compare, setCompare] = useState<DraftComparison>(comparisonFor('text'));
  const [problems, setProblems] = useState<Problems>({});

  function choose(code: string) {
    const next = attributes.find((item) => item.code === code) ?? null;
    setAttribute(next);
    setProblems({});
    if (next && next.type !== attribute?.type) {
      // A choice is nearly always one of its values.
      setCompare({ ...comparisonFor(next.type), ...(next.type === 'choice' && { test: 'one_of' as const }) });
    }
  }

  function add() {
    if (!attribute) return;
    const parsed = ComparisonSchema.safeParse(rawComparison(compare));
    if (!parsed.success) {
      return setProblems(
        Object.fromEntries(parsed.error.issues.map(({ path, message }) => [`compare.${path.join('.')}`, message])),
      );
    }
    onAdd({ code: attribute.code, compare: parsed.data });
    setOpen(false);
    setAttribute(null);
    setCompare(comparisonFor('text'));
    setProblems({});
  }

  return (
    <DialogTrigger isOpen={open} onOpenChange={setOpen}>
      <AriaButton className={buttonClass()}>
        <SlidersHorizontal aria-hidden className="size-3.5" /> Attribute
      </AriaButton>
      <Popover className={`${popoverClass} w-96 max-w-[90vw]`}>
        <Dialog aria-label="Filter by attribute" className="outline-none">
          <form
            className="flex flex-col gap-3"
            onSubmit={(event) => {
              event.preventDefault();
              add();
            }}
          >
            <Select
              label="Attribute"
              value={attribute?.code ?? null}
              onChange={choose}
              options={attributes.map((item) => ({ value: item.code, label: item.name }))}
            />
            {attribute && (
              <div className="flex flex-wrap items-center gap-2">
                <ComparisonFields
                  id="filter"
                  name={attribute.name}
                  type={attribute.type}
                  choices={attribute.choices}
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
              Add filter
            </Button>
          </form>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
