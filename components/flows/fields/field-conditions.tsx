'use client';
// Conditions on the data of an event, or on what a call gave. One that is incomplete stays in its fields, and counts once it is complete.
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { ComparisonFields } from '@/components/comparison/comparison-fields';
import {
  comparisonFor,
  draftComparison,
  rawComparison,
  type DraftComparison,
  type Problems,
} from '@/components/comparison/draft-comparison';
import { Button, IconButton } from '@/components/ui/button';
import { InlineSelect, Word } from '@/components/ui/inline';
import { TEST_WORDS } from '@/lib/attributes/comparison-words';
import { ComparisonSchema } from '@/lib/attributes/comparison';
import { FIELDS_MAX, type FieldConditions as Fields } from '@/lib/flows/schema';
import type { VocabularyField } from '@/lib/segments/vocabulary';
import { newStepId } from '../tree';

type Condition = { key: string; code: string; compare: DraftComparison };

const draftOf = (fields: Fields): Condition[] =>
  fields.map(({ code, compare }) => ({ key: newStepId(), code, compare: draftComparison(compare) }));

const completeOf = (conditions: readonly Condition[]): Fields =>
  conditions.flatMap(({ code, compare }) => {
    const parsed = ComparisonSchema.safeParse(rawComparison(compare));
    return parsed.success ? [{ code, compare: parsed.data }] : [];
  });

type Props = {
  /** What the conditions are about. */
  label: string;
  fieldLabel: string;
  fields: readonly VocabularyField[];
  value: Fields;
  onChange: (value: Fields, what?: string) => void;
};

export function FieldConditions({ label, fieldLabel, fields, value, onChange }: Props) {
  const [draft, setDraft] = useState(() => ({ conditions: draftOf(value), of: JSON.stringify(value) }));
  // By undo, or by somebody else.
  if (JSON.stringify(value) !== draft.of) setDraft({ conditions: draftOf(value), of: JSON.stringify(value) });
  const [first] = fields;
  if (!first) return null;

  function set(conditions: Condition[], what?: string) {
    const complete = completeOf(conditions);
    setDraft({ conditions, of: JSON.stringify(complete) });
    if (JSON.stringify(complete) !== JSON.stringify(value)) onChange(complete, what);
  }
  const change = (key: string, part: Partial<Condition>, what?: string) =>
    set(
      draft.conditions.map((one) => (one.key === key ? { ...one, ...part } : one)),
      what,
    );
  return (
    <div role="group" aria-label={label} className="flex flex-col gap-2">
      {draft.conditions.map((condition, at) => (
        <ConditionRow
          key={condition.key}
          word={at === 0 ? 'where' : 'and'}
          label={fieldLabel}
          fields={fields}
          condition={condition}
          onChange={(part, what) => change(condition.key, part, what)}
          onRemove={() => set(draft.conditions.filter(({ key }) => key !== condition.key))}
        />
      ))}
      {draft.conditions.length < FIELDS_MAX && (
        <div>
          <Button
            size="small"
            variant="quiet"
            onPress={() =>
              set([...draft.conditions, { key: newStepId(), code: first.code, compare: comparisonFor(first.type) }])
            }
          >
            <Plus aria-hidden className="size-3.5" /> {draft.conditions.length === 0 ? 'Only where…' : 'and…'}
          </Button>
        </div>
      )}
    </div>
  );
}

type RowProps = {
  word: string;
  label: string;
  fields: readonly VocabularyField[];
  condition: Condition;
  onChange: (part: Partial<Condition>, what?: string) => void;
  onRemove: () => void;
};

function ConditionRow({ word, label, fields, condition: { key, code, compare }, onChange, onRemove }: RowProps) {
  const known = fields.find((field) => field.code === code);
  const parsed = ComparisonSchema.safeParse(rawComparison(compare));
  const problems: Problems = parsed.success ? {} : { compare: parsed.error.issues[0]?.message ?? '' };
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      <Word>{word}</Word>
      <InlineSelect
        label={label}
        value={code}
        options={[
          ...(known ? [] : [{ value: code, label: code }]),
          ...fields.map((field) => ({ value: field.code, label: field.name })),
        ]}
        onChange={(next) => {
          const { type } = fields.find((field) => field.code === next)!;
          onChange({ code: next, compare: type === known?.type ? compare : comparisonFor(type) });
        }}
      />
      {known?.options && (
        <>
          <InlineSelect
            label={`How ${known.name} is compared`}
            value={compare.test}
            options={(['is', 'is_not'] as const).map((test) => ({ value: test, label: TEST_WORDS[test] }))}
            onChange={(test) => onChange({ compare: { ...compare, test } })}
          />
          <InlineSelect
            label={known.name}
            value={compare.text}
            options={[{ value: '', label: 'Choose', disabled: true }, ...known.options]}
            onChange={(text) => onChange({ compare: { ...compare, text } })}
          />
        </>
      )}
      {known && !known.options && (
        <ComparisonFields
          id={key}
          name={known.name}
          type={known.type}
          choices={[]}
          compare={compare}
          problems={{}}
          path="compare"
          onChange={(next, what) => onChange({ compare: next }, what)}
        />
      )}
      <IconButton label={`Remove: ${known?.name ?? code}`} onPress={onRemove}>
        <X aria-hidden className="size-3.5" />
      </IconButton>
      {problems.compare && <p className="text-muted basis-full text-[13px]">Does not count yet: {problems.compare}</p>}
    </div>
  );
}
