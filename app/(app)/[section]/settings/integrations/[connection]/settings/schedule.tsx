'use client';
// How often a connection is synced, and at which hours.
import { Checkbox, Select } from '@/components/ui/field';
import { HoursField } from '@/components/ui/hours-field';
import { useSectionZone } from '@/components/ui/use-zone';
import type { ConnectionOptions } from '@/lib/integrations/schema';
import type { Hours } from '@/lib/text/hours';

type Part = Pick<ConnectionOptions, 'everyMinutes' | 'changesEveryMinutes' | 'hours' | 'wakeMinutes'>;
/** `tellsChanges`: the CRM can say which contacts have changed; `announces`: it can announce that something has. */
type Props = { value: Part; tellsChanges: boolean; announces: boolean; onChange: (part: Partial<Part>) => void };

const OFTEN = [
  { value: '15', label: 'Every 15 minutes' },
  { value: '60', label: 'Every hour' },
  { value: '240', label: 'Every 4 hours' },
  { value: '1440', label: 'Every day' },
  { value: '10080', label: 'Every week' },
  { value: 'never', label: 'Only by hand' },
];

const CHANGES = [
  { value: 'never', label: 'With each sync only' },
  { value: '15', label: 'Every 15 minutes' },
  { value: '60', label: 'Every hour' },
  { value: '240', label: 'Every 4 hours' },
];

const WAKES = [1, 5, 15, 60];

/** At night where the section is. */
const atNight = (zone: string): Hours => ({ from: 22, to: 6, zone });

export function Schedule({ value, tellsChanges, announces, onChange }: Props) {
  const { everyMinutes, changesEveryMinutes, hours, wakeMinutes } = value;
  const zone = useSectionZone();
  const often = everyMinutes === null ? 'never' : String(everyMinutes);
  const known = OFTEN.some((option) => option.value === often);
  return (
    <>
      <Select
        label="Sync"
        value={often}
        onChange={(next) => onChange({ everyMinutes: next === 'never' ? null : Number(next) })}
        options={known ? OFTEN : [{ value: often, label: `Every ${often} minutes` }, ...OFTEN]}
      />
      {everyMinutes !== null && announces && (
        <Select
          label="If the CRM announces changes, sync at most"
          value={String(wakeMinutes)}
          onChange={(next) => onChange({ wakeMinutes: Number(next) })}
          options={[...new Set([...WAKES, wakeMinutes])].map((minutes) => ({
            value: String(minutes),
            label: minutes === 1 ? 'Every minute' : `Every ${minutes} minutes`,
          }))}
        />
      )}
      {tellsChanges && (
        <Select
          label="Fields of contacts that have changed"
          help="A sync reads every member of the lists. In between, Tagwell can ask for changed contacts only: their fields follow sooner, and if a contact is deleted or switched off, a sync starts at once."
          value={changesEveryMinutes === null ? 'never' : String(changesEveryMinutes)}
          onChange={(next) => onChange({ changesEveryMinutes: next === 'never' ? null : Number(next) })}
          options={CHANGES}
        />
      )}
      {(everyMinutes !== null || changesEveryMinutes !== null) && (
        <div className="flex flex-col gap-2">
          <Checkbox isSelected={hours !== null} onChange={(on) => onChange({ hours: on ? atNight(zone) : null })}>
            Only at certain hours
          </Checkbox>
          {hours !== null && (
            <div className="pl-6.5">
              <HoursField value={hours} onChange={(next) => onChange({ hours: next })} />
            </div>
          )}
        </div>
      )}
    </>
  );
}
