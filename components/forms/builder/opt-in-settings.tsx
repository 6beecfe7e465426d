'use client';
// Double opt-in: whether people confirm by email, and what the mail says that asks them.
import { ButtonLink } from '@/components/ui/button';
import { MailboxLink } from '@/components/sending/mailbox-link';
import { Banner } from '@/components/ui/display';
import { Checkbox, Select, TextArea, TextField } from '@/components/ui/field';
import type { SenderChoice } from '@/lib/messages/queries';
import type { FormDocument } from '@/lib/forms/schema';
import { titleOf } from '@/lib/forms/page';
import { textOf } from '@/lib/forms/texts';
import { useBuilder, useDocument } from './builder-context';
import { DraftField } from '@/components/ui/draft-field';
import { SettingsGroup } from './settings-group';

const FIRST = 'first';

type Props = { sectionName: string; senders: readonly SenderChoice[] };

export function OptInSettings({ sectionName, senders }: Props) {
  const { slug, change, isAdmin } = useBuilder();
  const { document } = useDocument();
  const { optIn } = document;
  const set = (part: Partial<FormDocument['optIn']>, what: string | null = null) =>
    change((now) => ({ ...now, optIn: { ...now.optIn, ...part } }), what);
  const gone = optIn.senderId !== null && !senders.some(({ id }) => id === optIn.senderId);
  // In the order of the server, which takes the oldest that is not paused.
  const [first] = senders.toSorted((one, other) => Number(one.isPaused) - Number(other.isPaused) || one.id - other.id);
  const from = senders.find(({ id }) => id === optIn.senderId) ?? first;
  return (
    <SettingsGroup
      id="form-confirmation"
      title="Confirmation by email"
      hint="Proves that an address is that of the person who entered it. Until then, a submission waits."
    >
      <Checkbox isSelected={optIn.on} onChange={(on) => set({ on })}>
        <span>
          People confirm by email
          <span className="text-muted block text-[13px]">
            A mail with a button goes to the address; consents count as confirmed once it is pressed.
          </span>
        </span>
      </Checkbox>
      {optIn.on && (
        <>
          {senders.length === 0 && (
            <Banner tone="warning">
              <span className="flex flex-wrap items-center justify-between gap-2">
                This section cannot send emails yet, so nobody can confirm.{' '}
                {isAdmin ? (
                  <ButtonLink size="small" href={`/${slug}/settings/sending`}>
                    Add a sender
                  </ButtonLink>
                ) : (
                  'Ask an Admin to add a sender in Settings → Sending.'
                )}
              </span>
            </Banner>
          )}
          {from?.isMailbox && (
            <Banner tone="warning">
              <span>
                These mails reach nobody: the built-in mailbox keeps them, where you can read and confirm them.{' '}
                <MailboxLink slug={slug} senderId={from.id} />
              </span>
            </Banner>
          )}
          <Checkbox isSelected={optIn.tagsBefore} onChange={(tagsBefore) => set({ tagsBefore })}>
            <span>
              Tags already before the confirmation
              <span className="text-muted block text-[13px]">
                And the profile is made at once. Otherwise nothing happens to it before.
              </span>
            </span>
          </Checkbox>
          {senders.length > 1 || gone ? (
            <Select
              label="From"
              value={optIn.senderId === null ? FIRST : String(optIn.senderId)}
              options={[
                { value: FIRST, label: `The first sender: ${first?.from ?? 'none'}` },
                ...senders.map(({ id, from }) => ({ value: String(id), label: from })),
                ...(gone ? [{ value: String(optIn.senderId), label: 'A sender that was removed' }] : []),
              ]}
              onChange={(value) => set({ senderId: value === FIRST ? null : Number(value) })}
            />
          ) : null}
          <TextField
            label="Subject"
            maxLength={200}
            placeholder={textOf(document, 'mailSubject')}
            value={optIn.subject}
            onChange={(subject) => set({ subject }, 'opt-in subject')}
          />
          <TextArea
            label="Text"
            rows={4}
            maxLength={2_000}
            value={optIn.text}
            onChange={(text) => set({ text }, 'opt-in text')}
            help={`Empty: “${textOf(document, 'mailText', { form: titleOf(document, sectionName) })}”`}
          />
          <TextField
            label="Button"
            maxLength={100}
            placeholder={textOf(document, 'mailButton')}
            value={optIn.button}
            onChange={(button) => set({ button }, 'opt-in button')}
          />
          <div className="grid gap-3 sm:grid-cols-2">
            <Days
              label="The link is valid for (days)"
              help="From 1 to 90."
              most={90}
              value={optIn.validDays}
              onChange={(validDays) => set({ validDays }, 'opt-in valid')}
            />
            <div className="flex flex-col gap-2">
              <Checkbox
                isSelected={optIn.remindAfterDays !== null}
                onChange={(isSelected) => set({ remindAfterDays: isSelected ? 3 : null })}
              >
                Remind once those who have not confirmed
              </Checkbox>
              {optIn.remindAfterDays !== null && (
                <Days
                  label="After so many days"
                  help="From 1 to 14."
                  most={14}
                  value={optIn.remindAfterDays}
                  onChange={(remindAfterDays) => set({ remindAfterDays }, 'opt-in remind')}
                />
              )}
            </div>
          </div>
        </>
      )}
    </SettingsGroup>
  );
}

type DaysProps = { label: string; help: string; most: number; value: number; onChange: (days: number) => void };

function Days({ label, help, most, value, onChange }: DaysProps) {
  return (
    <DraftField<number>
      label={label}
      help={help}
      inputMode="numeric"
      value={value}
      show={String}
      read={(text) => {
        const days = Number(text.trim());
        return /^\d{1,3}$/.test(text.trim()) && days >= 1 && days <= most
          ? { value: days }
          : { problem: `Enter a number from 1 to ${most}.` };
      }}
      onChange={onChange}
    />
  );
}
