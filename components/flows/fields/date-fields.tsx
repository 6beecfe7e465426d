'use client';
// A date in an attribute, moved by some days, at a time of the day.
import { Select } from '@/components/ui/field';
import type { AttributeId } from '@/lib/db/ids';
import { useEditor } from '../editor-context';
import { PickField } from './pick-field';
import { ClockField, CountField } from './time-fields';

type Moment = { attributeId: AttributeId | null; days: number; at: string };
type Props = { value: Moment; onChange: (part: Partial<Moment>, what?: string) => void };

const FARTHEST = 366;
const SIDES = [
  { value: 'on', label: 'on the date' },
  { value: 'before', label: 'days before' },
  { value: 'after', label: 'days after' },
] as const;

export function DateFields({ value, onChange }: Props) {
  const { things } = useEditor();
  const dates = things.vocabulary.attributes.filter(({ type, lost }) => type === 'date' && !lost);
  const { days, at } = value;
  const side = days === 0 ? 'on' : days < 0 ? 'before' : 'after';
  const distance = Math.max(1, Math.abs(days));
  return (
    <>
      <PickField
        label="Attribute with the date"
        value={value.attributeId}
        things={dates}
        placeholder="Choose an attribute"
        gone="An attribute that is hidden"
        none="This section has no attribute with a date. An Admin can make one in Settings → Data Model."
        onChange={(attributeId) => onChange({ attributeId })}
      />
      <div className="grid grid-cols-[1fr_5.5rem] items-start gap-2">
        <Select
          label="When"
          value={side}
          options={SIDES}
          onChange={(next) => onChange({ days: next === 'on' ? 0 : next === 'before' ? -distance : distance })}
        />
        {side !== 'on' && (
          <CountField
            label="Days"
            value={Math.abs(days)}
            max={FARTHEST}
            onChange={(count) => onChange({ days: side === 'before' ? -count : count }, 'days')}
          />
        )}
      </div>
      <ClockField label="Time of the day" value={at} onChange={(next) => onChange({ at: next }, 'at')} />
    </>
  );
}
