'use client';
// A comparison with a value, by its type.
import { useState, type ComponentProps, type ReactNode } from 'react';
import { InlineInput, InlineSelect, Word } from '@/components/ui/inline';
import type { AttributeType } from '@/lib/attributes/schema';
import type { AttributeId } from '@/lib/db/ids';
import type { FieldType } from '@/lib/events/schema';
import { TESTS } from '@/lib/attributes/comparison';
import { TEST_WORDS } from '@/lib/attributes/comparison-words';
import type { DraftComparison, Problems } from './draft-comparison';
import { ChoiceList, TextList } from './text-list';
import { useValueSuggestions } from './use-value-suggestions';

type Props = {
  id: string;
  /** What is compared: 'Country'. */
  name: string;
  type: AttributeType | FieldType;
  choices: readonly string[];
  compare: DraftComparison;
  problems: Problems;
  /** The attribute whose frequent values are suggested. */
  suggest?: { slug: string; attributeId: AttributeId };
  /** Choices are in sight as check boxes, where there is room for them. */
  spacious?: boolean;
  /** The comparison's path within the condition: prefix of its fields' problems. */
  path: string;
  onChange: (compare: DraftComparison, what?: string) => void;
};

export function ComparisonFields(props: Props) {
  const { name, type, compare, onChange } = props;
  return (
    <>
      <InlineSelect
        label={`How ${name} is compared`}
        value={compare.test}
        options={TESTS[type].map((test) => ({ value: test, label: TEST_WORDS[test] }))}
        onChange={(test) => onChange({ ...compare, test })}
      />
      <ValueFields {...props} />
    </>
  );
}

function ValueFields({ id, name, type, choices, spacious, compare, problems, suggest, path, onChange }: Props) {
  const input = (field: Exclude<keyof DraftComparison, 'test'>, problem: string, label: string) => ({
    id: `${id}-${field}`,
    label,
    value: compare[field],
    error: problems[`${path}.${problem}`],
    onChange: (value: string) => onChange({ ...compare, [field]: value }, `${id}-${field}`),
  });
  /** For a list as a whole, or for one of its lines. */
  const problemWithin = (list: string) =>
    Object.entries(problems).find(([at]) => at === list || at.startsWith(`${list}.`))?.[1];
  switch (compare.test) {
    case 'is':
    case 'is_not':
      if (type === 'choice') {
        const known = compare.text === '' || choices.includes(compare.text);
        return (
          <InlineSelect
            label={name}
            value={compare.text}
            options={[
              { value: '', label: 'Choose', disabled: true },
              ...(known ? choices : [...choices, compare.text]).map((choice) => ({ value: choice, label: choice })),
            ]}
            onChange={(text) => onChange({ ...compare, text })}
          />
        );
      }
      return <TextInput {...input('text', 'text', name)} suggest={suggest} placeholder="the whole value" />;
    case 'contains':
    case 'not_contains':
      return <TextInput {...input('text', 'text', name)} suggest={suggest} placeholder="part of the value" />;
    case 'starts':
      return <TextInput {...input('text', 'text', name)} suggest={suggest} placeholder="its beginning" />;
    case 'one_of':
    case 'none_of':
      if (spacious && choices.length > 0) {
        return (
          <div className="w-full">
            <ChoiceList {...input('texts', 'texts', name)} choices={choices} />
          </div>
        );
      }
      return <TextList {...input('texts', 'texts', name)} error={problemWithin(`${path}.texts`)} choices={choices} />;
    case 'equals':
    case 'above':
    case 'at_least':
    case 'below':
    case 'at_most':
      return <InlineInput {...input('number', 'number', name)} numeric width="w-28" placeholder="number" />;
    case 'between':
      return (
        <>
          <InlineInput {...input('number', 'from', `${name} from`)} numeric width="w-28" placeholder="number" />
          <And>
            <InlineInput {...input('toNumber', 'to', `${name} to`)} numeric width="w-28" placeholder="number" />
          </And>
        </>
      );
    case 'on':
    case 'before':
    case 'after':
      return <InlineInput {...input('date', 'date', name)} type="date" width="w-36" />;
    case 'dates_between':
      return (
        <>
          <InlineInput {...input('date', 'fromDate', `${name} from`)} type="date" width="w-36" />
          <And>
            <InlineInput {...input('toDate', 'toDate', `${name} to`)} type="date" width="w-36" />
          </And>
        </>
      );
    case 'in_last':
    case 'in_next':
    case 'longer_ago':
    case 'further_ahead':
      return (
        <>
          <InlineInput {...input('days', 'days', `${name}: how many days`)} numeric width="w-16" />
          <Word>days</Word>
        </>
      );
    case 'anniversary':
      return (
        <>
          <InlineInput {...input('days', 'within', `${name}: how many days ahead`)} numeric width="w-16" />
          <Word>days (0: today)</Word>
        </>
      );
    case 'yes':
    case 'no':
    case 'empty':
    case 'not_empty':
      return null;
  }
}

/** The end of a range, on one line with its “and”. */
function And({ children }: { children: ReactNode }) {
  return (
    <span className="flex items-center gap-1.5">
      <Word>and</Word>
      {children}
    </span>
  );
}

type TextInputProps = Pick<
  ComponentProps<typeof InlineInput>,
  'id' | 'label' | 'value' | 'error' | 'onChange' | 'placeholder'
>;

function TextInput({ suggest, ...input }: TextInputProps & Pick<Props, 'suggest'>) {
  const [focused, setFocused] = useState(false);
  const suggestions = useValueSuggestions(suggest?.slug ?? '', suggest?.attributeId, focused);
  return <InlineInput {...input} suggestions={suggest && suggestions} onFocus={() => setFocused(true)} />;
}
