'use client';
// The fields of a question: what it says, what kind of answer it takes, and what becomes of the answer.
import { Checkbox, Select, TextField } from '@/components/ui/field';
import { useToast } from '@/components/ui/toasts';
import { ToggleRow } from '@/components/ui/toggle-row';
import type { AttributeId } from '@/lib/db/ids';
import { inputsFor } from '@/lib/forms/problems';
import { AUTOFILL, autofillOf, INPUT_TYPES, type Autofill, type Input, type InputType } from '@/lib/forms/schema';
import { useBuilder, useDocument } from './builder-context';
import { ChoiceFields } from './choice-fields';
import { CodeField } from './code-field';
import { useSet } from './use-set';
import { choicesFrom, INPUT_KINDS, newChoice } from './new-elements';
import { TagsField } from '@/components/tags/tags-field';

export function InputFields({ input }: { input: Input }) {
  const set = useSet(input);
  const { document } = useDocument();
  const { slug, countries } = useBuilder();
  const isKey = input.type === document.match;
  return (
    <>
      <div className="grid gap-3 sm:grid-cols-2">
        <TextField
          label="Label"
          maxLength={500}
          value={input.label}
          onChange={(label) => set({ label }, 'label')}
          help="What is asked, above the field."
        />
        <TextField
          label="Help"
          maxLength={500}
          value={input.help}
          onChange={(help) => set({ help }, 'help')}
          help="Optional, below the label."
        />
      </div>
      <div className="grid gap-3 sm:grid-cols-2">
        <AnswerTo input={input} />
        <KindOf input={input} />
      </div>
      <Checkbox
        isSelected={input.required}
        isDisabled={isKey && input.required}
        onChange={(required) => set({ required })}
      >
        <span>
          Required
          {isKey && <span className="text-muted block text-[13px]">People are found by it, so it always is.</span>}
        </span>
      </Checkbox>
      {(input.type === 'text' || input.type === 'date') && (
        <Select
          label="Browsers fill in"
          value={input.autofill ?? NOTHING}
          options={[
            { value: NOTHING, label: 'Nothing by themselves' },
            ...AUTOFILL.map((value) => ({ value, label: AUTOFILL_NAMES[value] })),
          ]}
          onChange={(value) => set({ autofill: value === NOTHING ? null : value })}
        />
      )}
      {input.type === 'mobile' && (
        <Select
          label="Country of numbers without a country code"
          value={input.country ?? NOTHING}
          options={[{ value: NOTHING, label: 'None: numbers have their country code' }, ...countries]}
          onChange={(value) => set({ country: value === NOTHING ? null : value })}
        />
      )}
      {(input.type === 'choice' || input.type === 'several') && <ChoiceFields input={input} />}
      {input.type === 'choice' && (
        <div className="flex flex-col gap-1">
          <span aria-hidden className="text-[13px] font-medium">
            Shown as
          </span>
          <ToggleRow
            label="Shown as"
            value={input.look}
            options={[
              { value: 'list', label: 'A list' },
              { value: 'menu', label: 'A menu' },
            ]}
            onChange={(look) => set({ look })}
          />
        </div>
      )}
      {input.type === 'yesno' && (
        <div className="flex flex-col gap-1">
          <span aria-hidden className="text-[13px] font-medium">
            Tags by a yes
          </span>
          <TagsField
            slug={slug}
            label={`Tags by a yes to “${input.label || 'this question'}”`}
            tagIds={input.tagIds}
            onChange={(tagIds) => set({ tagIds })}
          />
        </div>
      )}
      <CodeField key={input.id} input={input} />
    </>
  );
}

const NOTHING = 'nothing';
const AUTOFILL_NAMES: Record<Autofill, string> = {
  'given-name': 'First name',
  'family-name': 'Last name',
  name: 'Whole name',
  organization: 'Company',
  'organization-title': 'Job title',
  'street-address': 'Street address',
  'postal-code': 'Postal code',
  'address-level2': 'City',
  'country-name': 'Country',
  bday: 'Birthday',
  url: 'Website',
};

const ANSWER_ONLY = 'answer';

/** Where the answer goes: the kinds of question that the attribute can have follow it. */
function AnswerTo({ input }: { input: Input }) {
  const { attributes } = useBuilder();
  const set = useSet(input);
  const say = useSayChanged(input);
  function choose(value: string) {
    if (value === ANSWER_ONLY) return set({ attributeId: null });
    const attribute = attributes.find(({ id }) => String(id) === value);
    if (!attribute) return;
    const types = inputsFor(attribute);
    const type = types.includes(input.type) ? input.type : types[0]!;
    const own = choicesFrom(attribute);
    set({
      attributeId: attribute.id,
      type,
      label: input.label || attribute.name,
      choices: own.length > 0 ? own : choicesOf(input, type),
      autofill: input.autofill ?? autofillOf(attribute.code),
    });
    say(type);
  }
  const gone = input.attributeId !== null && !attributes.some(({ id }) => id === input.attributeId);
  return (
    <Select
      label="The answer goes to"
      value={input.attributeId === null ? ANSWER_ONLY : String(input.attributeId)}
      options={[
        { value: ANSWER_ONLY, label: 'The submission only', hint: 'Kept with the answers, not on the profile' },
        ...attributes.map((attribute) => {
          const types = inputsFor(attribute);
          const hint = types.includes(input.type) ? undefined : `The question becomes: ${INPUT_KINDS[types[0]!].name}`;
          return { value: String(attribute.id), label: attribute.name, hint };
        }),
        ...(gone ? [{ value: String(input.attributeId), label: 'An attribute that is hidden' }] : []),
      ]}
      onChange={choose}
    />
  );
}

function KindOf({ input }: { input: Input }) {
  const { attributes } = useBuilder();
  const set = useSet(input);
  const say = useSayChanged(input);
  const attribute = attributes.find(({ id }: { id: AttributeId }) => id === input.attributeId);
  const possible: readonly InputType[] = attribute ? inputsFor(attribute) : INPUT_TYPES;
  const types = possible.includes(input.type) ? possible : [input.type, ...possible];
  return (
    <Select
      label="Kind of question"
      value={input.type}
      isDisabled={types.length === 1}
      options={types.map((type) => ({ value: type, label: INPUT_KINDS[type].name }))}
      onChange={(type) => {
        set({ type, choices: choicesOf(input, type) });
        say(type);
      }}
    />
  );
}

const hasChoices = (type: InputType) => type === 'choice' || type === 'several';

/** Says that the kind of a question has changed together with something else, or that its answers are out of sight. With undo. */
function useSayChanged(input: Input): (type: InputType) => void {
  const { changeElement } = useBuilder();
  const toast = useToast();
  return (type) => {
    const isOut = hasChoices(input.type) && !hasChoices(type) && input.choices.some(({ value }) => value !== '');
    if (type === input.type || !isOut) return;
    toast(`The question is now: ${INPUT_KINDS[type].name}. Its answers, with their tags, are not asked any more.`, {
      about: [`question:${input.id}`],
      action: { label: 'Undo', run: () => changeElement(input.id, () => input) },
    });
  };
}

/** Answers that were written stay while another kind is tried out. */
const choicesOf = (input: Input, type: InputType) =>
  (type === 'choice' || type === 'several') && input.choices.length === 0 ? [newChoice(), newChoice()] : input.choices;
