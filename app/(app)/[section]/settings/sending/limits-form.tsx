'use client';
// How many marketing messages somebody gets at most, from all messages and flows of the section together.
import { useRouter } from 'next/navigation';
import { useId, useState } from 'react';
import { Button } from '@/components/ui/button';
import { Banner, cardClass } from '@/components/ui/display';
import { DraftField } from '@/components/ui/draft-field';
import { Checkbox } from '@/components/ui/field';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { SectionId } from '@/lib/db/ids';
import type { Limit, SendLimits } from '@/lib/messages/limits-schema';
import { setSendLimitsAction } from './actions';

const MOST = 1_000;
const LONGEST = 365;

export function LimitsForm({ section, limits }: { section: { id: SectionId }; limits: SendLimits }) {
  const router = useRouter();
  const toast = useToast();
  const id = useId();
  const [draft, setDraft] = useState(limits);
  const { refusal, pending, submit } = useSubmission();
  const isSame = JSON.stringify(draft) === JSON.stringify(limits);
  return (
    <form
      aria-labelledby={id}
      className={`${cardClass} mt-6 flex max-w-2xl flex-col gap-4 p-4`}
      onSubmit={submit(setSendLimitsAction, { sectionId: section.id, limits: draft }, () => {
        toast('Saved. It holds for messages and flows from now on.');
        router.refresh();
      })}
    >
      <div>
        <h2 id={id} className="font-medium">
          How much people get
        </h2>
        <p className="text-muted text-[13px]">
          Counted for each person, over all messages and flows. People who have had that many are skipped; a step of a
          flow may have them wait. Service messages are neither counted nor held back.
        </p>
      </div>
      {refusal && <Banner tone="danger">{refusal.message}</Banner>}
      <LimitFields
        label="Marketing emails have a limit"
        things="Emails"
        limit={draft.email}
        usual={{ most: 3, days: 7 }}
        onChange={(email) => setDraft((now) => ({ ...now, email }))}
      />
      <LimitFields
        label="Marketing SMS have a limit"
        things="SMS"
        limit={draft.sms}
        usual={{ most: 2, days: 7 }}
        onChange={(sms) => setDraft((now) => ({ ...now, sms }))}
      />
      <div>
        <Button type="submit" variant="primary" isPending={pending} isDisabled={isSame}>
          Save
        </Button>
      </div>
    </form>
  );
}

type FieldsProps = {
  label: string;
  things: string;
  limit: Limit | null;
  usual: Limit;
  onChange: (limit: Limit | null) => void;
};

function LimitFields({ label, things, limit, usual, onChange }: FieldsProps) {
  return (
    <div className="flex flex-col gap-2">
      <Checkbox isSelected={limit !== null} onChange={(isOn) => onChange(isOn ? usual : null)}>
        {label}
      </Checkbox>
      {limit && (
        <div className="grid max-w-72 grid-cols-2 gap-4">
          <NumberField
            label={`${things} at most`}
            value={limit.most}
            max={MOST}
            onChange={(most) => onChange({ ...limit, most })}
          />
          <NumberField
            label="in days"
            value={limit.days}
            max={LONGEST}
            onChange={(days) => onChange({ ...limit, days })}
          />
        </div>
      )}
    </div>
  );
}

type NumberProps = { label: string; value: number; max: number; onChange: (value: number) => void };

const NumberField = ({ label, value, max, onChange }: NumberProps) => (
  <DraftField<number>
    label={label}
    inputMode="numeric"
    value={value}
    show={String}
    read={(text) => {
      const number = /^\d{1,6}$/.test(text.trim()) ? Number(text) : NaN;
      return number >= 1 && number <= max
        ? { value: number }
        : { problem: `Enter 1 to ${max.toLocaleString('en-GB')}.` };
    }}
    onChange={onChange}
  />
);
