'use client';
// What happens: a tag, a form, an event, a segment. For what lets people in, and for waits.
import { Checkbox, Select } from '@/components/ui/field';
import { Link } from '@/components/ui/link';
import type { Awaited } from '@/lib/flows/schema';
import { SOURCES, sourceName, type Source } from '@/lib/tags/source';
import { useEditor } from '../editor-context';
import { FieldConditions } from './field-conditions';
import { AnswerFields } from './answer-fields';
import { PickField } from './pick-field';
import { TagField } from './tag-field';

export const HAPPENINGS: readonly { value: Awaited['kind']; label: string }[] = [
  { value: 'tag_applied', label: 'A tag is applied' },
  { value: 'tag_removed', label: 'A tag is removed' },
  { value: 'form', label: 'A form is submitted' },
  { value: 'event', label: 'An event happens' },
  { value: 'segment', label: 'They enter or leave a segment' },
  { value: 'message', label: 'They open a message, or click in it' },
];

/** With nothing chosen yet. A tag stays, where both are about one. */
export function newHappening(kind: Awaited['kind'], before: Awaited | null): Awaited {
  const tagId = before && 'tagId' in before ? before.tagId : null;
  switch (kind) {
    case 'tag_applied':
      return { kind, tagId, sources: [] };
    case 'tag_removed':
      return { kind, tagId };
    case 'form':
      return { kind, formId: null };
    case 'event':
      return { kind, eventTypeId: null, fields: [] };
    case 'segment':
      return { kind, segmentId: null, becomes: 'in' };
    case 'message':
      return { kind, did: 'opened', messageId: null };
  }
}

type Props = {
  /** Of undo. */
  id: string;
  value: Awaited;
  onChange: (value: Awaited, what?: string) => void;
};

export function HappeningFields({ id, value, onChange }: Props) {
  const { section, things } = useEditor();
  const { slug } = section;
  switch (value.kind) {
    case 'tag_applied':
    case 'tag_removed':
      return (
        <>
          <TagField slug={slug} label="Tag" tagId={value.tagId} onChange={(tagId) => onChange({ ...value, tagId })} />
          {value.kind === 'tag_applied' && (
            <SourcesField sources={value.sources} onChange={(sources) => onChange({ ...value, sources })} />
          )}
        </>
      );
    case 'form':
      return (
        <PickField
          label="Form"
          value={value.formId}
          things={things.forms}
          placeholder="Choose a form"
          gone="A form that was deleted"
          none={
            <>
              There is no form yet.{' '}
              <Link href={`/${slug}/forms/new`} className="text-accent-ink underline">
                Make one
              </Link>
            </>
          }
          onChange={(formId) => onChange({ ...value, formId })}
        />
      );
    case 'event':
      return (
        <>
          <PickField
            label="Event"
            value={value.eventTypeId}
            things={things.vocabulary.events.filter(({ lost }) => !lost)}
            placeholder="Choose an event"
            gone="An event that is hidden"
            none="This section has no events yet."
            onChange={(eventTypeId) => onChange({ ...value, eventTypeId, fields: [] })}
          />
          <FieldConditions
            key={`${id} ${value.eventTypeId}`}
            label="Conditions on the event"
            fieldLabel="Field of the event"
            fields={things.vocabulary.events.find((event) => event.id === value.eventTypeId)?.fields ?? []}
            value={value.fields}
            onChange={(fields, what) => onChange({ ...value, fields }, what)}
          />
        </>
      );
    case 'segment':
      return (
        <>
          <Select
            label="They"
            value={value.becomes}
            options={[
              { value: 'in', label: 'enter it' },
              { value: 'out', label: 'leave it' },
            ]}
            onChange={(becomes) => onChange({ ...value, becomes })}
          />
          <PickField
            label="Segment"
            value={value.segmentId}
            things={things.vocabulary.segments.filter(({ attention }) => !attention)}
            placeholder="Choose a segment"
            gone="A segment that cannot be used"
            none="There is no segment yet."
            onChange={(segmentId) => onChange({ ...value, segmentId })}
          />
        </>
      );
    case 'message':
      return <AnswerFields value={value} onChange={(answer) => onChange({ kind: 'message', ...answer })} />;
  }
}

const OFFERED = (Object.keys(SOURCES) as Source[]).filter((source) => !['erasure', 'undo'].includes(source));

function SourcesField({ sources, onChange }: { sources: readonly Source[]; onChange: (sources: Source[]) => void }) {
  const title =
    sources.length === 0
      ? 'By any source (imports and CRM lists: if they are set to start flows)'
      : `Only by ${sources.map(sourceName).join(', ')}`;
  return (
    <details className="border-line rounded-md border px-3 py-2">
      <summary className="cursor-pointer text-[13px] font-medium">{title}</summary>
      <p className="text-muted my-2 text-[13px]">
        Choose some, and the tag counts only if it was applied by one of them. None chosen: any counts. Imports and
        lists of a CRM start flows only where somebody has chosen that for the import or the list.
      </p>
      <div role="group" aria-label="Sources" className="grid grid-cols-2 gap-2">
        {OFFERED.map((source) => (
          <Checkbox
            key={source}
            isSelected={sources.includes(source)}
            onChange={(isOn) => onChange(OFFERED.filter((one) => (one === source ? isOn : sources.includes(one))))}
          >
            {sourceName(source)}
          </Checkbox>
        ))}
      </div>
    </details>
  );
}
