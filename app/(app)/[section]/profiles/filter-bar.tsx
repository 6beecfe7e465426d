'use client';
// Filters by tags and attributes, each as a removable chip.
import { Filter, X } from 'lucide-react';
import { useState } from 'react';
import { Button as AriaButton, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { TagPicker } from '@/components/tags/tag-picker';
import { Button } from '@/components/ui/button';
import { buttonClass } from '@/components/ui/button-class';
import { Select, TextField } from '@/components/ui/field';
import { popoverClass } from '@/components/ui/popover-class';
import type { Attribute } from '@/lib/attributes/schema';
import { parseAttributeValue } from '@/lib/attributes/values';
import type { TagId } from '@/lib/db/ids';
import type { OperationEffect } from '@/lib/profiles/schema';
import type { TagOption } from '@/lib/tags/schema';
import { conditionInWords, OPERATORS } from './condition-words';
import type { Condition } from './search-params';

type Params = {
  has: number[];
  not: number[];
  where: Condition[];
  by: number | null;
  did: OperationEffect | null;
};
type Props = {
  slug: string;
  tags: TagOption[];
  attributes: Attribute[];
  /** The filter's operation in words; null if it does not exist. */
  operation: string | null;
  params: Params;
  onChange: (next: { [Key in keyof Params]?: Params[Key] | null }) => void;
};

const EFFECT_WORDS: Record<OperationEffect, string> = {
  created: 'created by',
  updated: 'updated by',
  saved: 'created or updated by',
  tagged: 'tagged by',
  untagged: 'tags removed by',
};

export function FilterBar({ slug, tags, attributes, operation, params, onChange }: Props) {
  const nameOf = (id: number) => tags.find((tag) => tag.id === id)?.name ?? 'a hidden tag';
  const without = <T,>(list: T[], item: T) => list.filter((one) => one !== item);
  return (
    <>
      <TagFilter slug={slug} label="Has tag" chosen={params.has} onChange={(has) => onChange({ has })} />
      <TagFilter slug={slug} label="Does not have tag" chosen={params.not} onChange={(not) => onChange({ not })} />
      <AttributeFilter
        attributes={attributes}
        onAdd={(condition) => onChange({ where: [...params.where, condition] })}
      />
      {params.has.map((id) => (
        <FilterChip
          key={`has-${id}`}
          text={`has ${nameOf(id)}`}
          onRemove={() => onChange({ has: without(params.has, id) })}
        />
      ))}
      {params.not.map((id) => (
        <FilterChip
          key={`not-${id}`}
          text={`does not have ${nameOf(id)}`}
          onRemove={() => onChange({ not: without(params.not, id) })}
        />
      ))}
      {params.by !== null && params.did !== null && (
        <FilterChip
          text={`${EFFECT_WORDS[params.did]}: ${operation ?? 'something outside this section'}`}
          onRemove={() => onChange({ by: null, did: null })}
        />
      )}
      {params.where.map((condition) => (
        <FilterChip
          key={`${condition.code} ${condition.operator} ${condition.value}`}
          text={conditionInWords(condition, attributes)}
          onRemove={() => onChange({ where: without(params.where, condition) })}
        />
      ))}
    </>
  );
}

function FilterChip({ text, onRemove }: { text: string; onRemove: () => void }) {
  return (
    <span className="border-line bg-surface inline-flex h-7 items-center gap-1 rounded-full border pr-1 pl-3 text-[13px]">
      {text}
      <AriaButton
        aria-label={`Remove filter: ${text}`}
        onPress={onRemove}
        className="hover:text-danger flex size-6 items-center justify-center rounded-full"
      >
        <X aria-hidden className="size-3.5" />
      </AriaButton>
    </span>
  );
}

const popover = `${popoverClass} w-80 max-w-[90vw]`;

function TagFilter({
  slug,
  label,
  chosen,
  onChange,
}: {
  slug: string;
  label: string;
  chosen: number[];
  onChange: (ids: number[]) => void;
}) {
  return (
    <DialogTrigger>
      <AriaButton className={buttonClass()}>
        <Filter aria-hidden className="size-3.5" /> {label}
      </AriaButton>
      <Popover className={popover}>
        <Dialog aria-label={label} className="outline-none">
          <TagPicker
            slug={slug}
            label={label}
            canCreate={false}
            autoFocus
            selection={new Map(chosen.map((id) => [id as TagId, 'all' as const]))}
            onToggle={(tag, next) => onChange(next ? [...chosen, tag.id] : chosen.filter((id) => id !== tag.id))}
          />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

function AttributeFilter({ attributes, onAdd }: { attributes: Attribute[]; onAdd: (condition: Condition) => void }) {
  const [open, setOpen] = useState(false);
  const [code, setCode] = useState<string | null>(null);
  const [operator, setOperator] = useState<Condition['operator']>('is');
  const [value, setValue] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const needsValue = operator === 'is' || operator === 'contains';
  return (
    <DialogTrigger isOpen={open} onOpenChange={setOpen}>
      <AriaButton className={buttonClass()}>
        <Filter aria-hidden className="size-3.5" /> Attribute
      </AriaButton>
      <Popover className={popover}>
        <Dialog aria-label="Filter by attribute" className="outline-none">
          <form
            className="flex flex-col gap-3"
            onSubmit={(event) => {
              event.preventDefault();
              const attribute = attributes.find((item) => item.code === code);
              if (!attribute) return;
              // 'Yes', '12,5' and '30.11.2025' become the stored form of such values.
              const parsed = operator === 'is' ? parseAttributeValue(attribute, value) : undefined;
              if (parsed && !parsed.ok) return setProblem(parsed.reason);
              onAdd({ code: attribute.code, operator, value: needsValue ? String(parsed?.value ?? value.trim()) : '' });
              setProblem(null);
              setOpen(false);
              setValue('');
            }}
          >
            <Select
              label="Attribute"
              value={code}
              onChange={setCode}
              options={attributes.map((item) => ({ value: item.code, label: item.name }))}
            />
            <Select label="Condition" value={operator} onChange={setOperator} options={OPERATORS} />
            {needsValue && <TextField label="Value" value={value} onChange={setValue} error={problem ?? undefined} />}
            <Button type="submit" variant="primary" isDisabled={!code || (needsValue && value.trim() === '')}>
              Add filter
            </Button>
          </form>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
