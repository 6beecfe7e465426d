'use client';
// Who approves messages before they go out.
import type { SectionId } from '@/lib/db/ids';
import type { ApprovalRule } from '@/lib/messages/approval-schema';
import { setApprovalRuleAction } from './actions';
import { RuleForm } from './rule-form';

const OPTIONS = [
  { value: 'none' as const, label: 'Nobody', hint: 'Messages go out without approval.' },
  {
    value: 'anyone' as const,
    label: 'A second person',
    hint: 'Anybody else who works in this section, service messages: an Account Owner or Admin.',
  },
  { value: 'admins' as const, label: 'An Account Owner or Admin', hint: 'Other than the person who asks.' },
];

export const ApprovalForm = ({ section, rule }: { section: { id: SectionId }; rule: ApprovalRule }) => (
  <RuleForm
    title="Approval"
    explains="What was approved is what is sent: a message that is changed is asked about again. Nobody approves what they have asked about themselves, so where only one person works, nothing would go out."
    label="Who approves messages before they go out"
    rule={rule}
    options={OPTIONS}
    action={setApprovalRuleAction}
    input={(approval) => ({ sectionId: section.id, approval })}
    holdsFor="messages"
  />
);
