'use client';
// Creates or edits an event. The codes of its fields cannot be changed.
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from '@/components/ui/button';
import { CopyField } from '@/components/ui/copy-field';
import { Dialog, FormButtons } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { Select, TextArea, TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { useSubmission } from '@/components/ui/use-submission';
import { codeOf, FIELD_TYPE_NAMES, FIELD_TYPES, type EventField, type EventType } from '@/lib/events/schema';
import type { SectionId } from '@/lib/db/ids';
import { createEventTypeAction, updateEventTypeAction } from './actions';

type Props = {
  sectionId: SectionId;
  sectionRef: string;
  event: EventType | null;
  onClose: () => void;
  onDone: () => void;
};
/** `code`: null until the field is saved, when it is derived from the name. */
type Draft = { key: string; code: string | null; name: string; type: EventField['type'] };

export function EventDialog({ sectionId, sectionRef, event, onClose, onDone }: Props) {
  const current = event?.versions[0];
  const [name, setName] = useState(event?.name ?? '');
  const [description, setDescription] = useState(event?.description ?? '');
  const [drafts, setDrafts] = useState<Draft[]>(() =>
    (current?.fields ?? []).map((field) => ({ ...field, key: field.code })),
  );
  const { refusal, pending, submit } = useSubmission();
  const change = (key: string, part: Partial<Draft>) =>
    setDrafts(drafts.map((draft) => (draft.key === key ? { ...draft, ...part } : draft)));

  const input = { sectionId, name, description, fields: fieldsOf(drafts) };
  const save = event
    ? submit(updateEventTypeAction, { ...input, eventTypeId: event.id }, onDone)
    : submit(createEventTypeAction, input, onDone);

  const indexed = drafts.map((_draft, index) => `fields.${index}.name`);
  const formMessage = messageFor(refusal, null, ['name', 'description', ...indexed]);
  return (
    <Dialog title={event ? `Edit “${event.name}”` : 'Add event'} isOpen onClose={onClose} wide>
      <form onSubmit={save} className="flex flex-col gap-4">
        {formMessage && <Banner tone="danger">{formMessage}</Banner>}
        <TextField label="Name" value={name} onChange={setName} error={messageFor(refusal, 'name')} autoFocus />
        <TextArea
          label="Description"
          value={description}
          onChange={setDescription}
          error={messageFor(refusal, 'description')}
          rows={2}
        />
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-1 text-[13px] font-medium">Fields</legend>
          {drafts.map((draft, index) => (
            <div key={draft.key} className="flex items-start gap-2">
              <div className="min-w-0 flex-1">
                <TextField
                  label={`Name of field ${index + 1}`}
                  hideLabel
                  value={draft.name}
                  onChange={(next) => change(draft.key, { name: next })}
                  error={messageFor(refusal, `fields.${index}.name`)}
                  help={<code>{draft.code ?? codeOf(draft.name)}</code>}
                />
              </div>
              <div className="w-32 shrink-0">
                <Select
                  label={`Type of field ${index + 1}`}
                  hideLabel
                  value={draft.type}
                  onChange={(type) => change(draft.key, { type })}
                  options={FIELD_TYPES.map((value) => ({ value, label: FIELD_TYPE_NAMES[value] }))}
                />
              </div>
              <IconButton
                label={`Remove field ${index + 1}`}
                onPress={() => setDrafts(drafts.filter(({ key }) => key !== draft.key))}
              >
                <Trash2 aria-hidden className="size-4" />
              </IconButton>
            </div>
          ))}
          <div>
            <Button
              size="small"
              onPress={() => setDrafts([...drafts, { key: crypto.randomUUID(), code: null, name: '', type: 'text' }])}
            >
              Add field
            </Button>
          </div>
        </fieldset>
        {current && (
          <>
            <p className="text-muted text-[13px]">
              Changing the fields creates a new version. Systems that send the old version keep working.
            </p>
            <CopyField
              label="Add it to a profile"
              value={exampleCall(sectionRef, String(current.id), current.fields)}
            />
          </>
        )}
        <FormButtons onCancel={onClose} submit="Save" isPending={pending} />
      </form>
    </Dialog>
  );
}

/** New fields get a unique code derived from their name. */
function fieldsOf(drafts: readonly Draft[]): EventField[] {
  const taken = new Set(drafts.flatMap(({ code }) => code ?? []));
  return drafts.map(({ code, name, type }) => {
    let own = code ?? codeOf(name);
    for (let number = 2; code === null && taken.has(own); number++) own = `${codeOf(name)}_${number}`;
    taken.add(own);
    return { code: own, name, type };
  });
}

const EXAMPLES: Record<EventField['type'], unknown> = { text: 'text', number: 1, boolean: true, date: '2026-11-24' };

function exampleCall(section: string, version: string, fields: readonly EventField[]): string {
  const data = Object.fromEntries(fields.map(({ code, type }) => [code, EXAMPLES[type]]));
  const path = `/audience/keyspaces/com.apsis1.keyspaces.email/profiles/andy.demo%40example.com/sections/${section}/events`;
  const body = JSON.stringify({ items: [{ version_id: version, data }] });
  return `curl -X POST "$URL${path}" -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" -d '${body}'`;
}
