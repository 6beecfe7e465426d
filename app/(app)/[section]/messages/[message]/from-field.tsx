'use client';
// Who the message comes from.
import { ButtonLink } from '@/components/ui/button';
import { Banner, cardClass } from '@/components/ui/display';
import { Select } from '@/components/ui/field';
import type { Channel } from '@/lib/consents/schema';
import type { SenderId } from '@/lib/db/ids';
import type { SenderChoice } from '@/lib/messages/queries';
import { CHANNEL_WORDS } from './channel-words';

type Props = {
  slug: string;
  channel: Channel;
  senders: readonly SenderChoice[];
  value: SenderId | null;
  isAdmin: boolean;
  onChange: (value: SenderId) => void;
};

export function FromField({ slug, channel, senders, value, isAdmin, onChange }: Props) {
  const forWhat = channel === 'email' ? 'of emails' : 'of SMS';
  if (senders.length === 0) {
    return (
      <Banner tone="warning">
        <span className="flex flex-wrap items-center justify-between gap-2">
          {isAdmin
            ? `This section has no sender ${forWhat} yet. Add ${channel === 'email' ? 'a mail server' : 'an SMS provider'}, or the built-in mailbox to try things out.`
            : `This section has no sender ${forWhat} yet, so nothing can be sent. Ask an Admin to add one in Settings → Sending.`}
          {isAdmin && (
            <ButtonLink size="small" href={`/${slug}/settings/sending`}>
              Open Sending
            </ButtonLink>
          )}
        </span>
      </Banner>
    );
  }
  const chosen = senders.find(({ id }) => id === value);
  return (
    <div className={`${cardClass} flex flex-wrap items-end gap-x-4 gap-y-2 p-4`}>
      <div className="w-96 max-w-full">
        <Select
          label="From"
          value={chosen ? String(chosen.id) : null}
          placeholder="Choose a sender"
          options={senders.map(({ id, from, name, isMailbox, isPaused }) => ({
            value: String(id),
            // Two may write as the same.
            label: senders.length > 1 ? `${from} · ${name}` : from,
            hint: [
              senders.length === 1 && name,
              isMailbox && `keeps ${CHANNEL_WORDS[channel].many} here, sends nothing`,
              isPaused && 'paused',
            ]
              .filter(Boolean)
              .join(' · '),
          }))}
          onChange={(next) => {
            const sender = senders.find(({ id }) => String(id) === next);
            if (sender) onChange(sender.id);
          }}
        />
      </div>
      {chosen?.isMailbox && (
        <p className="text-muted pb-2 text-[13px]">
          The built-in mailbox: {CHANNEL_WORDS[channel].many} are kept here, and nothing leaves.
        </p>
      )}
    </div>
  );
}
