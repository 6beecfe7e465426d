'use client';
// How a message goes out: what is counted, what its links carry, and what happens to mails of which nobody knows whether they left.
import { useState } from 'react';
import { cardClass } from '@/components/ui/display';
import { Checkbox, TextField } from '@/components/ui/field';
import type { Channel } from '@/lib/consents/schema';
import { MessageSettingsSchema, type MessageSettings } from '@/lib/messages/schema';
import { aMessage } from './channel-words';

type Props = { channel: Channel; settings: MessageSettings; onChange: (settings: MessageSettings) => void };

const UTM = [
  { part: 'source', label: 'utm_source', help: 'Such as newsletter' },
  { part: 'medium', label: 'utm_medium', help: 'Such as email' },
  { part: 'campaign', label: 'utm_campaign', help: 'Such as spring-2027' },
] as const;

export function SettingsFields({ channel, settings, onChange }: Props) {
  const { trackOpens, trackClicks, utm, again } = settings;
  const [invalid, setInvalid] = useState<string | null>(null);
  const set = (change: Partial<MessageSettings>) => {
    const next = { ...settings, ...change };
    const checked = MessageSettingsSchema.safeParse(next);
    setInvalid(checked.success ? null : (checked.error.issues[0]?.message ?? 'Use letters, digits and signs.'));
    if (checked.success) onChange(next);
  };
  return (
    <details className={`${cardClass} group p-4`}>
      <summary className="font-medium">Counting and links</summary>
      <div className="mt-3 flex flex-col gap-3">
        <Checkbox isSelected={trackClicks} onChange={(value) => set({ trackClicks: value })}>
          Count who presses which link
        </Checkbox>
        {channel === 'email' && (
          <Checkbox isSelected={trackOpens} onChange={(value) => set({ trackOpens: value })}>
            Count who opens it
          </Checkbox>
        )}
        <Checkbox
          isSelected={utm !== null}
          onChange={(value) => set({ utm: value ? { source: 'newsletter', medium: channel, campaign: '' } : null })}
        >
          Add UTM parameters to its web links
        </Checkbox>
        {utm && (
          <div className="grid gap-2 pl-6.5 sm:grid-cols-3">
            {UTM.map(({ part, label, help }) => (
              <TextField
                key={part}
                label={label}
                help={part === 'medium' ? `Such as ${channel}` : help}
                value={utm[part]}
                onChange={(value) => set({ utm: { ...utm, [part]: value } })}
              />
            ))}
          </div>
        )}
        {invalid && <p className="text-danger text-[13px]">{invalid}</p>}
        <Checkbox isSelected={again} onChange={(value) => set({ again: value })}>
          <span>
            Rather twice than not at all
            <span className="text-muted block text-[13px]">
              If the connection is lost while {aMessage(channel)} is handed over, nobody knows whether it left. It is
              then sent again. Without this it is not, and the report lists it.
            </span>
          </span>
        </Checkbox>
      </div>
    </details>
  );
}
