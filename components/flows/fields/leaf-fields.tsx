'use client';
// The fields of each kind of step that has no ways.
import { DraftField } from '@/components/ui/draft-field';
import { Checkbox, RadioGroup, Select, TextArea, TextField } from '@/components/ui/field';
import { Labelled } from '@/components/ui/labelled';
import { Link } from '@/components/ui/link';
import { TagsField } from '@/components/tags/tags-field';
import { parseNumber } from '@/lib/attributes/values';
import { WEEKDAYS, type Leaf } from '@/lib/flows/schema';
import { WEEKDAY_WORDS } from '@/lib/flows/words';
import { limitInWords } from '@/lib/messages/limits-schema';
import { useEditor } from '../editor-context';
import { DateFields } from './date-fields';
import { PickField } from './pick-field';
import { ClockField, DurationField, OptionalClock } from './time-fields';

type Of<Kind extends Leaf['kind']> = { step: Extract<Leaf, { kind: Kind }> };

export function LeafFields({ step }: { step: Leaf }) {
  switch (step.kind) {
    case 'wait':
      return <WaitFields step={step} />;
    case 'wait_hours':
      return <WaitHoursFields step={step} />;
    case 'wait_date':
      return <WaitDateFields step={step} />;
    case 'tags':
      return <TagsFields step={step} />;
    case 'attribute':
      return <AttributeFields step={step} />;
    case 'email':
    case 'sms':
      return <MessageFields step={step} />;
    case 'notify':
      return <NotifyFields step={step} />;
    case 'webhook':
      return <WebhookFields step={step} />;
    case 'enter':
      return <EnterFields step={step} />;
    case 'leave':
      return <p className="text-muted">People who come here leave the flow. Nothing after it happens to them.</p>;
  }
}

function WaitFields({ step }: Of<'wait'>) {
  const { changeStep } = useEditor();
  return (
    <>
      <DurationField
        label="How long"
        value={step.time}
        help="Days are days of the calendar where the person lives. Hours and minutes are that long."
        onChange={(time, what) => changeStep(step, { time }, what)}
      />
      <OptionalClock
        label="Then until a time of the day"
        value={step.at}
        onChange={(at) => changeStep(step, { at }, 'at')}
      />
    </>
  );
}

function WaitHoursFields({ step }: Of<'wait_hours'>) {
  const { changeStep } = useEditor();
  const { from, to, days } = step;
  return (
    <>
      <div className="grid grid-cols-2 gap-3">
        <ClockField label="From" value={from} onChange={(next) => changeStep(step, { from: next }, 'from')} />
        <ClockField label="To" value={to} onChange={(next) => changeStep(step, { to: next }, 'to')} />
      </div>
      {from === to && <p className="text-muted text-[13px]">The same time twice: all day.</p>}
      {from > to && <p className="text-muted text-[13px]">Over midnight: until {to} on the next day.</p>}
      <Labelled label="On these days">
        <span role="group" aria-label="On these days" className="grid grid-cols-2 gap-2">
          {WEEKDAYS.map((day) => (
            <Checkbox
              key={day}
              isSelected={days.includes(day)}
              isDisabled={days.length === 1 && days[0] === day}
              onChange={(isOn) =>
                changeStep(step, { days: WEEKDAYS.filter((one) => (one === day ? isOn : days.includes(one))) })
              }
            >
              {WEEKDAY_WORDS[day]}
            </Checkbox>
          ))}
        </span>
      </Labelled>
      <p className="text-muted text-[13px]">
        By the clock where the person lives. Who comes within the hours goes on at once.
      </p>
    </>
  );
}

const GO_OR_LEAVE = [
  { value: 'go_on', label: 'Go on at once' },
  { value: 'leave', label: 'Leave the flow' },
] as const;

function WaitDateFields({ step }: Of<'wait_date'>) {
  const { changeStep } = useEditor();
  return (
    <>
      <DateFields value={step} onChange={(part, what) => changeStep(step, part, what)} />
      <Select
        label="If the date is past already"
        value={step.past}
        options={GO_OR_LEAVE}
        onChange={(past) => changeStep(step, { past })}
      />
      <Select
        label="If somebody has no date"
        value={step.none}
        options={GO_OR_LEAVE}
        onChange={(none) => changeStep(step, { none })}
      />
    </>
  );
}

function TagsFields({ step }: Of<'tags'>) {
  const { section, changeStep } = useEditor();
  return (
    <>
      <Labelled label="Tags to apply">
        <TagsField
          slug={section.slug}
          label="Tags to apply"
          tagIds={step.apply}
          onChange={(apply) => changeStep(step, { apply })}
        />
      </Labelled>
      <Labelled label="Tags to remove">
        <TagsField
          slug={section.slug}
          label="Tags to remove"
          tagIds={step.remove}
          onChange={(remove) => changeStep(step, { remove })}
        />
      </Labelled>
    </>
  );
}

function AttributeFields({ step }: Of<'attribute'>) {
  const { things, changeStep } = useEditor();
  const attribute = things.vocabulary.attributes.find(({ id }) => id === step.attributeId);
  return (
    <>
      <PickField
        label="Attribute"
        value={step.attributeId}
        things={things.vocabulary.attributes.filter(({ lost }) => !lost)}
        placeholder="Choose an attribute"
        gone="An attribute that is hidden"
        none="This section has no attributes yet."
        onChange={(attributeId) => changeStep(step, { attributeId, value: null })}
      />
      {attribute && <ValueField step={step} attribute={attribute} />}
    </>
  );
}

type Attribute = ReturnType<typeof useEditor>['things']['vocabulary']['attributes'][number];

function ValueField({ step, attribute: { type, choices } }: Of<'attribute'> & { attribute: Attribute }) {
  const { changeStep } = useEditor();
  const set = (value: string | number | boolean | null) => changeStep(step, { value }, 'value');
  const { value } = step;
  const text = typeof value === 'string' ? value : '';
  switch (type) {
    case 'number':
      return (
        <DraftField
          label="Value"
          inputMode="numeric"
          value={typeof value === 'number' ? value : null}
          show={(number) => (number === null ? '' : String(number))}
          read={(typed) => {
            const number = parseNumber(typed);
            return typeof number === 'number' ? { value: number } : { problem: 'Enter a number.' };
          }}
          onChange={set}
        />
      );
    case 'boolean':
      return (
        <Select
          label="Value"
          value={typeof value === 'boolean' ? (value ? 'yes' : 'no') : null}
          options={[
            { value: 'yes', label: 'yes' },
            { value: 'no', label: 'no' },
          ]}
          onChange={(next) => set(next === 'yes')}
        />
      );
    case 'choice':
      return (
        <Select
          label="Value"
          value={text === '' ? null : text}
          options={choices.map((choice) => ({ value: choice, label: choice }))}
          onChange={set}
        />
      );
    case 'date':
      return <TextField label="Value" type="date" value={text} onChange={(next) => set(next === '' ? null : next)} />;
    case 'text':
      return <TextField label="Value" maxLength={2_000} value={text} onChange={set} />;
  }
}

const IF_NOT = {
  email: 'If somebody may not get it, or it fails',
  sms: 'If somebody may not get it, or it fails',
} as const;

function MessageFields({ step }: Of<'email' | 'sms'>) {
  const { section, things, changeStep } = useEditor();
  const { kind, messageId } = step;
  const limit = things.limits[kind];
  const name = kind === 'email' ? 'email' : 'SMS';
  const make = `/${section.slug}/messages/new`;
  return (
    <>
      <PickField
        label={kind === 'email' ? 'Email' : 'SMS'}
        value={messageId}
        things={things.messages.filter(({ channel }) => channel === kind)}
        placeholder={`Choose an ${name}`}
        gone="A message that was deleted"
        none={
          <>
            There is no {name} yet.{' '}
            <Link href={make} target="_blank" className="text-accent-ink underline">
              Write one
            </Link>
          </>
        }
        onChange={(id) => changeStep(step, { messageId: id })}
      />
      <p className="text-[13px]">
        {messageId !== null && (
          <>
            <Link href={`/${section.slug}/messages/${messageId}`} target="_blank" className="text-accent-ink underline">
              Open the message
            </Link>{' '}
            ·{' '}
          </>
        )}
        <Link href={make} target="_blank" className="text-accent-ink underline">
          Write a new one
        </Link>{' '}
        (in a new tab; it needs a topic, and is offered here when you come back)
      </p>
      <RadioGroup
        label={IF_NOT[kind]}
        value={step.ifNot}
        options={[
          { value: 'go_on', label: 'They go on', hint: 'Their history says that they did not get it, and why.' },
          { value: 'leave', label: 'They leave the flow' },
        ]}
        onChange={(ifNot) => changeStep(step, { ifNot })}
      />
      {(limit || step.ifOver === 'wait') && (
        <RadioGroup
          label={`If somebody has had enough${limit ? ` (${limitInWords(limit, kind)})` : ''}`}
          value={step.ifOver}
          options={[
            { value: 'skip', label: 'It is skipped', hint: 'As for those who may not get it.' },
            { value: 'wait', label: 'They wait here until they may get it' },
          ]}
          onChange={(ifOver) => changeStep(step, { ifOver })}
        />
      )}
    </>
  );
}

const ADDRESSES_MAX = 10;
const ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

function NotifyFields({ step }: Of<'notify'>) {
  const { changeStep } = useEditor();
  return (
    <>
      <DraftField
        label="To"
        lines
        help="One address in each line. These are colleagues: nobody in the flow gets it."
        value={step.to}
        show={(to) => to.join('\n')}
        read={(text) => {
          const to = text.split(/[\s,;]+/).filter(Boolean);
          const wrong = to.find((address) => !ADDRESS.test(address));
          if (wrong !== undefined) return { problem: `“${wrong}” is no email address.` };
          return to.length <= ADDRESSES_MAX ? { value: to } : { problem: `At most ${ADDRESSES_MAX} addresses.` };
        }}
        onChange={(to) => changeStep(step, { to }, 'to')}
      />
      <TextField
        label="Subject"
        maxLength={200}
        placeholder="A new lead"
        value={step.subject}
        onChange={(subject) => changeStep(step, { subject }, 'subject')}
      />
      <TextArea
        label="Text"
        maxLength={2_000}
        rows={5}
        help="The mail has a link to the person’s profile below it."
        value={step.text}
        onChange={(text) => changeStep(step, { text }, 'text')}
      />
    </>
  );
}

function WebhookFields({ step }: Of<'webhook'>) {
  const { changeStep } = useEditor();
  return (
    <TextField
      label="Address"
      type="url"
      maxLength={2_000}
      placeholder="https://example.com/hook"
      help="It is called once for each person, with their keys and attributes. Its signature says that the call is from here."
      value={step.address}
      onChange={(address) => changeStep(step, { address }, 'address')}
    />
  );
}

function EnterFields({ step }: Of<'enter'>) {
  const { things, changeStep } = useEditor();
  return (
    <>
      <PickField
        label="Flow"
        value={step.flowId}
        things={things.flows}
        placeholder="Choose a flow"
        gone="A flow that was deleted"
        none="There is no other flow yet."
        onChange={(flowId) => changeStep(step, { flowId })}
      />
      <p className="text-muted text-[13px]">
        They enter it if its own settings let them, and go on here too. Add “Leave” behind this step if they should not.
      </p>
    </>
  );
}
