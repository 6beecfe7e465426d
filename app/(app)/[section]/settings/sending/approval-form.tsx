'use client';
// Who approves messages before they go out.
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { Banner, cardClass } from '@/components/ui/display';
import { RadioGroup } from '@/components/ui/field';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { SectionId } from '@/lib/db/ids';
import type { ApprovalRule } from '@/lib/messages/approval-schema';
import { setApprovalRuleAction } from './actions';

const OPTIONS = [
  { value: 'none' as const, label: 'Nobody', hint: 'Messages go out without approval.' },
  {
    value: 'anyone' as const,
    label: 'A second person',
    hint: 'Anybody else who works in this section, service messages: an Account Owner or Admin.',
  },
  { value: 'admins' as const, label: 'An Account Owner or Admin', hint: 'Other than the person who asks.' },
];

type Props = { section: { id: SectionId }; rule: ApprovalRule };

export function ApprovalForm({ section, rule }: Props) {
  const toast = useToast();
  const [approval, setApproval] = useState(rule);
  const [saved, setSaved] = useState(rule);
  const { refusal, pending, submit } = useSubmission();
  return (
    <form
      aria-labelledby="approval"
      className={`${cardClass} mt-6 flex max-w-2xl flex-col gap-3 p-4`}
      onSubmit={submit(setApprovalRuleAction, { sectionId: section.id, approval }, () => {
        setSaved(approval);
        toast('Saved. It holds for messages from now on.');
      })}
    >
      <h2 id="approval" className="font-medium">
        Approval
      </h2>
      <p className="text-muted text-[13px]">
        What was approved is what is sent: a message that is changed is asked about again. Nobody approves what they
        have asked about themselves, so where only one person works, nothing would go out.
      </p>
      {refusal && <Banner tone="danger">{refusal.message}</Banner>}
      <RadioGroup
        label="Who approves messages before they go out"
        value={approval}
        options={OPTIONS}
        onChange={setApproval}
      />
      <div>
        <Button type="submit" variant="primary" isPending={pending} isDisabled={approval === saved}>
          Save
        </Button>
      </div>
    </form>
  );
}
