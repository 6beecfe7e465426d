'use client';
// What holds for everybody in a flow, in every version, from the moment it is saved.
import { useState } from 'react';
import type { FlowThings } from '@/components/flows/editor-context';
import { GoalField } from '@/components/flows/fields/goal-field';
import { CountField, ClockField } from '@/components/flows/fields/time-fields';
import { PickField } from '@/components/flows/fields/pick-field';
import { TagField } from '@/components/flows/fields/tag-field';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { Checkbox, RadioGroup, TextField } from '@/components/ui/field';
import { useSubmission } from '@/components/ui/use-submission';
import { useSectionZone } from '@/components/ui/use-zone';
import { ZoneField } from '@/components/ui/zone-field';
import type { SectionId } from '@/lib/db/ids';
import type { FlowDocument, FlowSettings } from '@/lib/flows/schema';
import { saveFlowSettingsAction } from '../actions';
import type { HeadedFlow } from './flow-header';

type Props = {
  section: { id: SectionId; slug: string };
  flow: Pick<HeadedFlow, 'id' | 'state'>;
  settings: FlowSettings;
  /** Of the draft. */
  document: FlowDocument;
  things: FlowThings;
  /** Of the saved draft; null: it could not be saved. */
  revision: () => Promise<number | null>;
  onSaved: (settings: FlowSettings, revision: number) => void;
  onClose: () => void;
};

const MOST_DAYS = 3_650;

export function SettingsDialog({ section, flow, settings, document, things, revision, onSaved, onClose }: Props) {
  const [draft, setDraft] = useState(settings);
  /** A goal is being chosen, and not yet. */
  const [isIncomplete, setIncomplete] = useState(false);
  const [isWrong, setWrong] = useState(false);
  const { refusal, pending, send } = useSubmission();
  const sectionZone = useSectionZone();
  const set = (part: Partial<FlowSettings>) => setDraft((now) => ({ ...now, ...part }));
  const { again, hours, timeZone, exitTagId, zoneAttributeId, opensOn, closesOn } = draft;
  const texts = things.vocabulary.attributes.filter(({ type, lost }) => type === 'text' && !lost);

  async function save() {
    if (isIncomplete) return setWrong(true);
    const seen = await revision();
    if (seen === null) return onClose();
    const input = { sectionId: section.id, flowId: flow.id, revision: seen, settings: draft };
    const result = await send(saveFlowSettingsAction, input);
    if (result.ok) onSaved(draft, result.value.revision);
  }

  return (
    <Dialog
      title="Settings of the flow"
      isOpen
      onClose={onClose}
      unsaved={JSON.stringify(draft) !== JSON.stringify(settings)}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button variant="primary" isPending={pending} onPress={() => void save()}>
            Save
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-5">
        {refusal && <Banner tone="danger">{refusal.message}</Banner>}
        {(flow.state === 'live' || flow.state === 'paused') && (
          <p className="text-muted">They hold at once, also for those who are in the flow now.</p>
        )}
        <TagField
          slug={section.slug}
          label="Exit tag"
          help="People who have it do not enter, and those who get it leave at once. Nothing more is sent to them."
          tagId={exitTagId}
          onChange={(id) => set({ exitTagId: id })}
          onClear={() => set({ exitTagId: null })}
        />
        <GoalField
          slug={section.slug}
          document={document}
          settings={draft}
          things={things}
          isWrong={isWrong && isIncomplete}
          onChange={(goal) => set({ goal })}
          onIncomplete={setIncomplete}
        />
        <RadioGroup
          label="How often may somebody enter?"
          value={again.kind}
          options={[
            { value: 'once', label: 'Once', hint: 'Also if the flow is changed, or the tag comes off and on again.' },
            { value: 'after', label: 'Again after some days', hint: 'Counted from when they entered.' },
            { value: 'each_time', label: 'Each time', hint: 'But not while they are in it.' },
          ]}
          onChange={(kind) => set({ again: kind === 'after' ? { kind, days: 30 } : { kind } })}
        />
        {again.kind === 'after' && (
          <div className="max-w-32">
            <CountField
              label="Days"
              value={again.days}
              max={MOST_DAYS}
              onChange={(days) => days > 0 && set({ again: { kind: 'after', days } })}
            />
          </div>
        )}
        <div className="flex flex-col gap-1">
          <div className="grid max-w-96 gap-4 sm:grid-cols-2">
            <TextField
              label="People enter from"
              type="date"
              value={opensOn ?? ''}
              onChange={(day) => set({ opensOn: day === '' ? null : day })}
            />
            <TextField
              label="Until, that day included"
              type="date"
              value={closesOn ?? ''}
              error={
                opensOn !== null && closesOn !== null && closesOn < opensOn
                  ? 'This is before the first day.'
                  : undefined
              }
              onChange={(day) => set({ closesOn: day === '' ? null : day })}
            />
          </div>
          <p className="text-muted text-[13px]">Left empty, at any time. People in the flow then go on.</p>
        </div>
        <div className="flex flex-col gap-2">
          <Checkbox
            isSelected={hours !== null}
            onChange={(isOn) => set({ hours: isOn ? { from: '08:00', to: '20:00' } : null })}
          >
            Messages leave at certain hours only
          </Checkbox>
          {hours && (
            <div className="grid max-w-80 grid-cols-2 gap-4">
              <ClockField label="From" value={hours.from} onChange={(from) => set({ hours: { ...hours, from } })} />
              <ClockField label="To" value={hours.to} onChange={(to) => set({ hours: { ...hours, to } })} />
            </div>
          )}
          <p className="text-muted text-[13px]">
            By the clock of each person. A message that comes to another time waits for the next one.
          </p>
        </div>
        <PickField
          label="Attribute with the time zone of a person"
          value={zoneAttributeId}
          things={texts}
          placeholder="None"
          gone="An attribute that is hidden"
          none="This section has no attribute with a text."
          onChange={(attributeId) => set({ zoneAttributeId: attributeId })}
          onClear={() => set({ zoneAttributeId: null })}
        />
        <ZoneField
          label={zoneAttributeId === null ? 'Time zone' : 'Time zone of people who have none there'}
          value={timeZone ?? sectionZone}
          onChange={(zone) => set({ timeZone: zone })}
        />
      </div>
    </Dialog>
  );
}
