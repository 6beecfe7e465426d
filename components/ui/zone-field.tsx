'use client';
// Chooses a time zone of hundreds by a part of its name.
import clsx from 'clsx';
import { Check, ChevronDown } from 'lucide-react';
import { useId, useMemo, useState } from 'react';
import { Button, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { searchable, matchScore } from '@/lib/naming/word-search';
import { inputClass } from './field';
import { FindList } from './find-list';
import { popoverClass } from './popover-class';
import { useSectionZone, useZone } from './use-zone';

/** Places that browsers list under an earlier name. */
const ALSO: Record<string, string> = {
  'Asia/Calcutta': 'Kolkata India',
  'Asia/Katmandu': 'Kathmandu Nepal',
  'Asia/Rangoon': 'Yangon Myanmar',
  'Asia/Saigon': 'Ho Chi Minh City Vietnam',
  'Europe/Kiev': 'Kyiv Ukraine',
};

/** 'America/New York'. */
export const zoneName = (zone: string): string => zone.replaceAll('_', ' ');

type Props = {
  label: string;
  help?: string;
  error?: string;
  value: string;
  onChange: (zone: string) => void;
};

export function ZoneField({ label, help, error, value, onChange }: Props) {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  return (
    <div className="relative flex min-w-0 flex-col gap-1">
      <span id={`${id}-label`} className="text-[13px] font-medium">
        {label}
      </span>
      <DialogTrigger isOpen={isOpen} onOpenChange={setOpen}>
        <Button
          id={id}
          aria-labelledby={`${id} ${id}-label`}
          aria-describedby={help || error ? `${id}-below` : undefined}
          className={clsx(inputClass, 'flex items-center justify-between gap-2 text-left', error && 'border-danger')}
        >
          <span className="truncate">{zoneName(value)}</span>
          <ChevronDown aria-hidden className="text-muted size-4 shrink-0" />
        </Button>
        <Popover placement="bottom start" className={`${popoverClass} w-80 max-w-[calc(100vw-1.5rem)]`}>
          <Dialog aria-label={label} className="outline-none">
            <ZoneList
              label={label}
              value={value}
              onChoose={(zone) => {
                setOpen(false);
                onChange(zone);
              }}
            />
          </Dialog>
        </Popover>
      </DialogTrigger>
      {(error ?? help) && (
        <span id={`${id}-below`} className={clsx('text-[13px]', error ? 'text-danger' : 'text-muted')}>
          {error ?? help}
        </span>
      )}
    </div>
  );
}

function ZoneList({ label, value, onChoose }: { label: string; value: string; onChoose: (zone: string) => void }) {
  const [text, setText] = useState('');
  const [own, ofSection] = [useZone(), useSectionZone()];
  /** Those that are likely are first. */
  const zones = useMemo(
    () =>
      [...new Set([value, ofSection, own, 'UTC', ...Intl.supportedValuesOf('timeZone')])].map((zone) => ({
        zone,
        found: searchable(`${zoneName(zone)} ${ALSO[zone] ?? ''}`),
      })),
    [value, ofSection, own],
  );
  const wanted = searchable(text);
  const matching = zones
    .map(({ zone, found }) => ({ zone, score: matchScore(wanted, found) }))
    .filter(({ score }) => score > 0)
    .sort((left, right) => right.score - left.score);
  return (
    <FindList
      label={label}
      placeholder="A city, such as Stockholm"
      text={text}
      onText={setText}
      entries={matching}
      entryKey={({ zone }) => zone}
      single
      isSelected={({ zone }) => zone === value}
      show={({ zone }) => (
        <>
          <Check aria-hidden className={clsx('text-accent size-4 shrink-0', zone !== value && 'invisible')} />
          <span className="min-w-0 flex-1 wrap-anywhere">{zoneName(zone)}</span>
          <span className="text-muted shrink-0 text-xs">{offsetNow(zone)}</span>
        </>
      )}
      onChoose={({ zone }) => onChoose(zone)}
      entersOnlyMoved={text.trim() === ''}
      autoFocus
      status={matching.length === 0 && 'No time zone has these words in its name. Try the largest city nearby.'}
    />
  );
}

const offsets = new Map<string, string>();

/** 'GMT+1', as it is now. */
function offsetNow(zone: string): string {
  let offset = offsets.get(zone);
  if (offset === undefined) {
    const parts = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'shortOffset' }).formatToParts();
    offset = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
    offsets.set(zone, offset);
  }
  return offset;
}
