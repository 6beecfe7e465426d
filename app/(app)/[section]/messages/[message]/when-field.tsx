'use client';
// When a message goes: now, or at a time by the clock of a zone. The time is said as it is there and as it is here.
import { useEffect, useState } from 'react';
import { RadioGroup, Select, TextField } from '@/components/ui/field';
import { useSectionZone, useZone } from '@/components/ui/use-zone';
import { ZoneField } from '@/components/ui/zone-field';
import type { Attribute } from '@/lib/attributes/schema';
import type { AttributeId } from '@/lib/db/ids';
import type { Wish } from '@/lib/messages/schema';
import { momentIn } from '@/lib/messages/when';
import { clockOf, dayOf, fromNow, momentInWords, wishInWords, zoneInWords } from './when-words';

/** `day` and `time` as their fields have them; '' while they are incomplete. */
export type Plan = { when: 'now' } | { when: 'at'; day: string; time: string; zone: string; byPerson?: AttributeId };

/** Null: the date or the time is incomplete. */
export function wishOf(plan: Plan): Wish | null {
  if (plan.when === 'now') return plan;
  if (plan.day === '' || plan.time === '') return null;
  const { zone, byPerson } = plan;
  return { when: 'at', local: `${plan.day}T${plan.time.slice(0, 5)}`, zone, ...(byPerson && { byPerson }) };
}

/** `attributes`: those that may name people’s zones. */
type Props = {
  value: Plan;
  error?: string;
  attributes?: readonly Pick<Attribute, 'id' | 'name' | 'type' | 'system'>[];
  onChange: (value: Plan) => void;
};

const SAME = 'same';

export function WhenField({ value, error, attributes = [], onChange }: Props) {
  // Names, addresses and keys are no time zones.
  const naming = attributes.filter(({ type, system }) => !system && (type === 'text' || type === 'choice'));
  const [own, zone] = [useZone(), useSectionZone()];
  /** At nine the next morning. */
  const later = (): Plan => ({
    when: 'at',
    day: dayOf(new Date(Date.now() + 86_400_000), zone),
    time: '09:00',
    zone,
  });
  return (
    <div className="flex flex-col gap-3">
      <RadioGroup
        label="When"
        value={value.when}
        options={[
          { value: 'now', label: 'Now' },
          { value: 'at', label: 'At a time', hint: 'It goes to those who match then.' },
        ]}
        onChange={(when) => onChange(when === 'now' ? { when } : later())}
      />
      {value.when === 'at' && (
        <div className="flex flex-col gap-2 sm:pl-6">
          <div className="flex flex-wrap items-start gap-2">
            <TextField
              label="Date"
              type="date"
              value={value.day}
              onChange={(day) => onChange({ ...value, day })}
              error={error}
            />
            <TextField label="Time" type="time" value={value.time} onChange={(time) => onChange({ ...value, time })} />
            <div className="min-w-52">
              <ZoneField label="By the clock of" value={value.zone} onChange={(zone) => onChange({ ...value, zone })} />
            </div>
          </div>
          {naming.length > 0 && (
            <div className="max-w-md">
              <Select
                label="People in other time zones"
                value={value.byPerson === undefined ? SAME : String(value.byPerson)}
                options={[
                  { value: SAME, label: 'Get it at the same moment' },
                  ...naming.map(({ id, name }) => ({
                    value: String(id),
                    label: `Get it at this time by their own clock: “${name}”`,
                  })),
                ]}
                onChange={(chosen) => {
                  const byPerson = naming.find(({ id }) => String(id) === chosen)?.id;
                  onChange({ ...value, byPerson });
                }}
                help={
                  value.byPerson === undefined
                    ? undefined
                    : `Values are names such as Europe/Stockholm. People without one get it by the clock of ${zoneInWords(value.zone)}. Where the time has already passed, people get it at once.`
                }
              />
            </div>
          )}
          <PlanInWords plan={value} own={own} />
        </div>
      )}
    </div>
  );
}

/** The moment as it is there, as it is here, and how far away it is. */
function PlanInWords({ plan, own }: { plan: Extract<Plan, { when: 'at' }>; own: string }) {
  const now = useNow();
  const wish = wishOf(plan);
  const moment = wish?.when === 'at' ? momentIn(wish.local, wish.zone) : undefined;
  if (!moment) {
    return <p className="text-muted text-[13px]">Choose a date and a time.</p>;
  }
  const isPast = moment < now;
  const skipped = clockOf(moment, plan.zone) !== plan.time.slice(0, 5);
  return (
    <div role="status" className="text-[13px]">
      <p className={isPast ? 'text-danger' : undefined}>
        {wish?.when === 'at' && wishInWords(wish, moment)}
        {plan.byPerson === undefined && ` (${fromNow(moment, now)})`}.
        {isPast && ' This time has passed: choose a later one, or send it now.'}
      </p>
      {own !== plan.zone && plan.byPerson === undefined && (
        <p className="text-muted">
          Where you are ({zoneInWords(own)}), that is {momentInWords(moment, own)}.
        </p>
      )}
      {skipped && (
        <p className="text-warning">
          The clocks skip {plan.time.slice(0, 5)} that night, so it goes at {clockOf(moment, plan.zone)}.
        </p>
      )}
    </div>
  );
}

function useNow(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 15_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
