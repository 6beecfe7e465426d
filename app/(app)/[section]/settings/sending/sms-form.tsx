'use client';
// A sender by SMS: its provider's account, what people see, and how much it sends. The provider is asked before anything is kept.
import { useRouter } from 'next/navigation';
import { useState, type ReactNode } from 'react';
import { Button, ButtonLink } from '@/components/ui/button';
import { Banner, cardClass } from '@/components/ui/display';
import { Checkbox, Select, TextArea, TextField } from '@/components/ui/field';
import { HoursField } from '@/components/ui/hours-field';
import { messageFor } from '@/components/ui/refusal-message';
import { useToast } from '@/components/ui/toasts';
import { useLeaveGuard } from '@/components/ui/use-leave-guard';
import { useSubmission } from '@/components/ui/use-submission';
import { useSectionZone } from '@/components/ui/use-zone';
import type { SenderView } from '@/lib/sending/schema';
import { SMS_KIND_NAMES, USUAL_SMS_HOURS } from '@/lib/sms/kinds';
import type { Hours } from '@/lib/text/hours';
import { addSmsSenderAction, changeSmsSenderAction } from './actions';
import { inputOf, KINDS, REFUSED_NAMES, refusedName, textsOf, type SmsField, type SmsTexts } from './sms-account';
import type { SectionRef } from './words';

type Props = { section: SectionRef; sender: SenderView | null; suggestedFrom: string };

/** What the fields of a provider need to know. */
type Fields = {
  texts: SmsTexts;
  set: (part: Partial<SmsTexts>) => void;
  field: (name: SmsField, label: string, help?: ReactNode) => ReturnType<typeof fieldOf>;
  secretHelp: string;
};

const fieldOf = (label: string, help: ReactNode, value: string, onChange: (value: string) => void, error?: string) => ({
  label,
  help,
  value,
  onChange,
  error,
});

export function SmsForm({ section, sender, suggestedFrom }: Props) {
  const router = useRouter();
  const toast = useToast();
  const { refusal, pending, submit } = useSubmission({ leaves: sender === null });
  const [changed, setChanged] = useState<Partial<SmsTexts>>({});
  const [saved, setSaved] = useState(false);
  const zone = useSectionZone();
  const [chosenHours, chooseHours] = useState<Hours | null | undefined>(undefined);
  const hours =
    chosenHours === undefined ? (sender?.sms ? sender.sms.hours : { ...USUAL_SMS_HOURS, zone }) : chosenHours;
  const setHours = (next: Hours | null) => {
    setSaved(false);
    chooseHours(next);
  };
  useLeaveGuard(!saved && (Object.keys(changed).length > 0 || chosenHours !== undefined));
  const texts = { ...textsOf(sender, suggestedFrom), ...changed };
  const set = (part: Partial<SmsTexts>) => {
    setSaved(false);
    setChanged({ ...changed, ...part });
  };
  const here = `/${section.slug}/settings/sending`;
  const field = (name: SmsField, label: string, help?: ReactNode) =>
    fieldOf(label, help, texts[name], (value) => set({ [name]: value }), messageFor(refusal, refusedName(name)));
  const secretHelp = sender?.needsPassword
    ? 'The former one is no longer known. Enter it again.'
    : sender
      ? 'Empty keeps the one that is stored.'
      : 'Kept encrypted, never shown again.';

  const input = { sectionId: section.id, ...inputOf(texts), hours };
  const save = sender
    ? submit(changeSmsSenderAction, { ...input, senderId: sender.id }, ({ tested }) => {
        setChanged({});
        chooseHours(undefined);
        toast(tested ? 'Saved: the provider knows this account' : 'Saved');
        router.refresh();
      })
    : submit(addSmsSenderAction, input, ({ id }) => {
        setSaved(true);
        router.push(`${here}/${id}`);
      });

  const fields = { texts, set, field, secretHelp };
  const formMessage = messageFor(refusal, null, REFUSED_NAMES);
  const limitError = (['connections', 'perSecond', 'perHour', 'perDay', 'name'] as const).some(
    (name) => messageFor(refusal, name) !== undefined,
  );
  return (
    <form onSubmit={save} className={`${cardClass} flex max-w-2xl flex-col gap-6 p-4`}>
      <fieldset className="flex flex-col gap-4">
        <legend className="mb-2 font-semibold">Provider</legend>
        <Select
          label="Provider"
          value={texts.kind}
          isDisabled={sender !== null}
          onChange={(kind) => set({ kind })}
          error={messageFor(refusal, 'account.kind')}
          options={KINDS.map((kind) => ({ value: kind, label: SMS_KIND_NAMES[kind] }))}
        />
        {texts.kind === 'sms-46elks' && <ElksFields {...fields} />}
        {texts.kind === 'sms-twilio' && <TwilioFields {...fields} />}
        {texts.kind === 'sms-sinch' && <SinchFields {...fields} />}
        {texts.kind === 'sms-http' && <HttpFields {...fields} />}
      </fieldset>
      <fieldset className="flex flex-col gap-4">
        <legend className="mb-2 font-semibold">What people see</legend>
        <TextField
          {...field(
            'from',
            'From',
            'A name of up to 11 letters and digits, which cannot be answered, or a number with its country code, which can. Some countries only take names that were registered.',
          )}
          isRequired
        />
      </fieldset>
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-2 font-semibold">When marketing leaves</legend>
        <Checkbox isSelected={hours !== null} onChange={(on) => setHours(on ? { ...USUAL_SMS_HOURS, zone } : null)}>
          <span>
            Only at certain hours
            <span className="text-muted block text-[13px]">
              Outside of them it waits, and providers that can be told do not deliver it later than that. Service SMS
              and tests go at any time.
            </span>
          </span>
        </Checkbox>
        {hours && (
          <div className="pl-6.5">
            <HoursField value={hours} onChange={setHours} />
          </div>
        )}
      </fieldset>
      <details open={limitError || undefined} className="border-line rounded-md border px-3 py-2">
        <summary className="cursor-pointer font-medium">Name and limits</summary>
        <div className="flex flex-col gap-4 py-3">
          <TextField {...field('name', 'Name of the sender', 'What it is called in Tagwell.')} isRequired />
          <div className="grid gap-4 sm:grid-cols-3">
            <TextField
              {...field('perSecond', 'SMS a second', 'Empty: as fast as its provider is known to take them')}
              inputMode="numeric"
            />
            <TextField {...field('perHour', 'SMS an hour', 'Empty: no limit')} inputMode="numeric" />
            <TextField {...field('perDay', 'SMS a day', 'Empty: no limit')} inputMode="numeric" />
          </div>
          <TextField
            {...field('connections', 'Calls at once', 'At most, in each process that sends.')}
            inputMode="numeric"
            isRequired
          />
        </div>
      </details>
      {formMessage && <Banner tone="danger">{formMessage}</Banner>}
      <div className="flex flex-wrap items-center justify-end gap-2">
        {pending && (
          <p role="status" className="text-muted text-[13px]">
            Asking the provider…
          </p>
        )}
        {!sender && <ButtonLink href={here}>Cancel</ButtonLink>}
        <Button type="submit" variant="primary" isPending={pending}>
          {sender ? 'Test and save' : 'Test and add'}
        </Button>
      </div>
    </form>
  );
}

function Secret({
  label,
  field,
  help,
  name = 'secret',
}: Pick<Fields, 'field'> & { label: string; help: string; name?: SmsField }) {
  return <TextField {...field(name, label, help)} type="password" autoComplete="new-password" />;
}

function ElksFields({ field, secretHelp }: Fields) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <TextField {...field('.user', 'API user name', 'Begins with u.')} autoComplete="off" isRequired />
      <Secret label="API password" field={field} help={secretHelp} />
    </div>
  );
}

function TwilioFields({ field, secretHelp }: Fields) {
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField {...field('.accountSid', 'Account SID', 'Begins with AC.')} autoComplete="off" isRequired />
        <Secret label="Auth token" field={field} help={secretHelp} />
      </div>
      <TextField
        {...field(
          '.messagingServiceSid',
          'Messaging Service SID (optional)',
          'Begins with MG. Then Twilio chooses the number or name of each SMS.',
        )}
        autoComplete="off"
      />
    </>
  );
}

function SinchFields({ texts, set, field, secretHelp }: Fields) {
  return (
    <>
      <Select
        label="Region"
        value={texts['.region']}
        onChange={(region) => set({ '.region': region })}
        options={[
          { value: 'eu', label: 'Europe' },
          { value: 'us', label: 'United States' },
          { value: 'au', label: 'Australia' },
          { value: 'br', label: 'Brazil' },
          { value: 'ca', label: 'Canada' },
        ]}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField {...field('.servicePlanId', 'Service plan ID')} autoComplete="off" isRequired />
        <Secret label="API token" field={field} help={secretHelp} />
      </div>
      <Secret
        label="Secret of callbacks (optional)"
        field={field}
        name="hookSecret"
        help="If Sinch signs its callbacks for this plan (HMAC). Then reports without the right signature are refused."
      />
    </>
  );
}

function HttpFields({ texts, set, field, secretHelp }: Fields) {
  return (
    <>
      <p className="text-muted text-[13px]">
        Write the call as your provider’s documentation has it. Placeholders: <code>{'{{ to }}'}</code>,{' '}
        <code>{'{{ from }}'}</code>, <code>{'{{ text }}'}</code>, <code>{'{{ reference }}'}</code>,{' '}
        <code>{'{{ callback }}'}</code> (where reports go), <code>{'{{ secret }}'}</code>, and for how long the provider
        may try, empty if that does not matter: <code>{'{{ seconds }}'}</code>, or <code>{'{{ until }}'}</code> as ISO
        8601. In JSON write <code>{'{{ text | json }}'}</code>, in a form or an address{' '}
        <code>{'{{ text | url_encode }}'}</code>.
      </p>
      <div className="grid gap-4 sm:grid-cols-[8rem_1fr]">
        <Select
          label="Method"
          value={texts['.method']}
          onChange={(method) => set({ '.method': method })}
          options={['POST', 'PUT', 'GET'].map((method) => ({ value: method, label: method }))}
        />
        <TextField {...field('.url', 'Address', 'Begins with https://')} autoComplete="off" isRequired />
      </div>
      <Secret label="Secret" field={field} help={secretHelp} />
      <TextArea {...field('.headers', 'Headers', 'One a line')} rows={2} />
      {texts['.method'] !== 'GET' && (
        <>
          <Select
            label="Written as"
            value={texts['.bodyType']}
            onChange={(bodyType) => set({ '.bodyType': bodyType })}
            options={[
              { value: 'json', label: 'JSON' },
              { value: 'form', label: 'A form' },
            ]}
          />
          <TextArea {...field('.body', 'Body')} rows={7} />
        </>
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField {...field('.idPath', 'Where the answer has the id', 'Such as messages.0.id. Empty: nowhere')} />
        <TextField {...field('.throttleStatuses', 'Statuses that ask for less', 'Such as 429, 503')} />
        <TextField
          {...field('.okPath', 'What says that it was taken', 'Such as status. Empty: any answer of 200 to 299')}
        />
        <TextField {...field('.okValues', 'Its words for yes', 'With commas between them. Empty: any')} />
        <TextField {...field('.statusField', 'Reports: where the state is')} />
        <TextField {...field('.deliveredValues', 'Reports: words for delivered')} />
        <TextField {...field('.failedValues', 'Reports: words for failed')} />
      </div>
      <TextField
        {...field(
          'testTo',
          'Your number, for the test',
          'With + and its country code. A provider of this kind can only be asked by sending an SMS: it comes to you.',
        )}
        type="tel"
      />
    </>
  );
}
