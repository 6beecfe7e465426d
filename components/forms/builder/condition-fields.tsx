'use client';
// When an element is shown: always, or if a question before it has one of some answers.
import { Checkbox, Select } from '@/components/ui/field';
import type { Element, Input } from '@/lib/forms/schema';
import { useBuilder, useDocument } from './builder-context';
import { decidersFor } from './changes';

const ALWAYS = 'always';

const answersOf = ({ type, choices }: Input) =>
  type === 'yesno'
    ? [
        { value: 'yes', label: 'Yes' },
        { value: 'no', label: 'No' },
      ]
    : choices.map(({ value, label }) => ({ value, label: label || value })).filter(({ value }) => value !== '');

export function ConditionFields({ element }: { element: Element }) {
  const { changeElement } = useBuilder();
  const { document } = useDocument();
  const deciders = decidersFor(document, element.id);
  const { shownIf } = element;
  const isKey = element.kind === 'input' && element.type === document.match;
  if ((deciders.length === 0 || isKey) && shownIf === null) return null;
  const set = (next: Element['shownIf']) => changeElement(element.id, (now) => ({ ...now, shownIf: next }));
  const decider = deciders.find(({ id }) => id === shownIf?.elementId);
  const isGone = shownIf !== null && !decider;
  const answers = decider ? answersOf(decider) : [];
  return (
    <fieldset className="border-line flex flex-col gap-2 border-t pt-3">
      <legend className="sr-only">When it is shown</legend>
      <Select
        label="Shown"
        value={shownIf?.elementId ?? ALWAYS}
        options={[
          { value: ALWAYS, label: 'Always' },
          ...deciders.map(({ id, label }) => ({ value: id, label: `If “${label || 'a question'}” is …` })),
          ...(isGone ? [{ value: shownIf.elementId, label: 'By a question that is not before it' }] : []),
        ]}
        onChange={(id) => {
          const other = deciders.find((each) => each.id === id);
          const [first] = other ? answersOf(other) : [];
          set(other && first ? { elementId: other.id, values: [first.value] } : null);
        }}
      />
      {shownIf && decider && (
        <div className="flex flex-wrap gap-x-4 gap-y-2" role="group" aria-label={`Answers to “${decider.label}”`}>
          {answers.map(({ value, label }) => (
            <Checkbox
              key={value}
              isSelected={shownIf.values.includes(value)}
              onChange={(isSelected) => {
                const known = answers.map((answer) => answer.value);
                const wanted = new Set(shownIf.values.filter((each) => known.includes(each)));
                if (isSelected) wanted.add(value);
                else wanted.delete(value);
                set({ elementId: decider.id, values: known.filter((each) => wanted.has(each)) });
              }}
            >
              {label}
            </Checkbox>
          ))}
        </div>
      )}
    </fieldset>
  );
}
