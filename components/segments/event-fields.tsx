'use client';
// A condition on an event: whether it happened, how often, when, and with which data.
import { Plus, X } from 'lucide-react';
import { Button, IconButton } from '@/components/ui/button';
import { InlineInput, InlineSelect, Word } from '@/components/ui/inline';
import type { EventTypeId } from '@/lib/db/ids';
import { TEST_WORDS } from '@/lib/attributes/comparison-words';
import type { VocabularyField } from '@/lib/segments/vocabulary';
import { TIMES_WORDS } from '@/lib/segments/words';
import { useBuilder } from './builder-context';
import { ComparisonFields } from '@/components/comparison/comparison-fields';
import { comparisonFor, type DraftComparison, type Problems } from '@/components/comparison/draft-comparison';
import { answerOf } from '@/lib/events/form-field';
import { chosenMessage, LINK_FIELD } from '@/lib/events/message-field';
import { newKey, type DraftEvent, type DraftField } from './draft';
import { PeriodFields } from './period-fields';
import { chosenForm } from './use-chosen-fields';

const TIMES = (['at_least', 'exactly', 'at_most'] as const).map((is) => ({ value: is, label: TIMES_WORDS[is] }));

export function EventFields({ node, problems }: { node: DraftEvent; problems: Problems }) {
  const { replace, focus, vocabulary } = useBuilder();
  const event = vocabulary.events.find(({ id }) => id === node.eventTypeId);
  const offered = (event?.fields ?? []).filter(({ code }) => canAskFor(node.fields, code));
  const nextField = offered.find(({ code }) => !node.fields.some((field) => field.code === code)) ?? offered[0];
  const message = chosenMessage(node.fields);
  /** Answers go with the form that asks for them, and a link with its message. */
  const setFields = (fields: DraftField[], what?: string) => {
    const isSame = chosenMessage(fields) === message;
    const left = fields.filter(({ code }) => canAskFor(fields, code) && (isSame || code !== LINK_FIELD));
    replace({ ...node, fields: left }, what);
  };
  return (
    <>
      <InlineSelect
        label="Has or does not have the event"
        value={node.test}
        options={[
          { value: 'did', label: 'has the event' },
          { value: 'did_not', label: 'does not have the event' },
        ]}
        onChange={(test) => replace({ ...node, test })}
      />
      <InlineSelect
        label="Event"
        value={String(node.eventTypeId)}
        options={[
          ...(event ? [] : [{ value: String(node.eventTypeId), label: 'Missing event' }]),
          ...vocabulary.events.map(({ id, name, lost }) => ({
            value: String(id),
            label: lost ? `${name} (hidden)` : name,
          })),
        ]}
        onChange={(id) => replace({ ...node, eventTypeId: Number(id) as EventTypeId, fields: [] })}
      />
      {node.test === 'did' && (
        <>
          <InlineSelect
            label="How often"
            value={node.timesIs}
            options={TIMES}
            onChange={(timesIs) => replace({ ...node, timesIs })}
          />
          <InlineInput
            id={`${node.key}-times`}
            label="How many times"
            numeric
            width="w-14"
            value={node.times}
            error={problems['times.count']}
            onChange={(times) => replace({ ...node, times }, `${node.key}-times`)}
          />
          <Word>{node.times.trim() === '1' ? 'time' : 'times'}</Word>
        </>
      )}
      <PeriodFields
        id={node.key}
        when={node.when}
        problems={problems}
        onChange={(when, what) => replace({ ...node, when }, what)}
      />
      {node.fields.map((field, index) => {
        const known = event?.fields.find(({ code }) => code === field.code);
        return (
          <span key={field.key} className="flex basis-full flex-wrap items-center gap-1.5 pl-4">
            <Word>{index === 0 ? 'where' : 'and'}</Word>
            <InlineSelect
              label="Field of the event"
              value={field.code}
              options={[
                ...(known ? [] : [{ value: field.code, label: field.code }]),
                ...offered.map(({ code, name }) => ({ value: code, label: name })),
              ]}
              onChange={(code) => {
                const type = event!.fields.find((item) => item.code === code)!.type;
                const compare = type === known?.type ? field.compare : comparisonFor(type);
                setFields(node.fields.map((item) => (item.key === field.key ? { ...item, code, compare } : item)));
              }}
            />
            {known?.options && (
              <OptionFields
                name={known.name}
                options={known.options.filter(({ of }) => of === undefined || of === message)}
                compare={field.compare}
                onChange={(compare) =>
                  setFields(node.fields.map((item) => (item.key === field.key ? { ...item, compare } : item)))
                }
              />
            )}
            {known && !known.options && (
              <ComparisonFields
                id={field.key}
                name={known.name}
                type={known.type}
                choices={known.choices ?? []}
                compare={field.compare}
                problems={problems}
                path={`fields.${index}.compare`}
                onChange={(compare, what) =>
                  setFields(
                    node.fields.map((item) => (item.key === field.key ? { ...item, compare } : item)),
                    what,
                  )
                }
              />
            )}
            <IconButton
              label={`Remove: ${known?.name ?? field.code}`}
              onPress={() => {
                setFields(node.fields.filter((item) => item.key !== field.key));
                focus('add', node.key);
              }}
            >
              <X aria-hidden className="size-3.5" />
            </IconButton>
          </span>
        );
      })}
      {nextField && (
        <Button
          size="small"
          variant="quiet"
          data-add={node.key}
          onPress={() =>
            setFields([...node.fields, { key: newKey(), code: nextField.code, compare: comparisonFor(nextField.type) }])
          }
        >
          <Plus aria-hidden className="size-3.5" /> {node.fields.length === 0 ? 'where…' : 'and…'}
        </Button>
      )}
    </>
  );
}

/** Whether a field can be compared beside others: answers to the form that is chosen, and links once a message is chosen. */
function canAskFor(fields: readonly DraftField[], code: string): boolean {
  if (code === LINK_FIELD) return chosenMessage(fields) !== null;
  const asked = answerOf(code);
  return asked === null || asked.formId === chosenForm({ fields });
}

/** One of a list: a message, or a link. */
function OptionFields({
  name,
  options,
  compare,
  onChange,
}: {
  name: string;
  options: NonNullable<VocabularyField['options']>;
  compare: DraftComparison;
  onChange: (compare: DraftComparison) => void;
}) {
  const known = compare.text === '' || options.some(({ value }) => value === compare.text);
  return (
    <>
      <InlineSelect
        label={`How ${name} is compared`}
        value={compare.test}
        options={(['is', 'is_not'] as const).map((test) => ({ value: test, label: TEST_WORDS[test] }))}
        onChange={(test) => onChange({ ...compare, test })}
      />
      <InlineSelect
        label={name}
        value={compare.text}
        options={[
          { value: '', label: 'Choose', disabled: true },
          ...(known ? [] : [{ value: compare.text, label: 'An older one' }]),
          ...options,
        ]}
        onChange={(text) => onChange({ ...compare, text })}
      />
    </>
  );
}
