import { Refused } from '@/app/refused';
import { requireSection } from '@/app/viewer';
import { readApprovalRule } from '@/lib/messages/approval';
import { readSendLimits } from '@/lib/messages/limits';
import { readSenders } from '@/lib/sending/reads';
import { valueForPage } from '@/app/value-for-page';
import { readFormRule } from '@/lib/forms/rule';
import { ApprovalForm } from './approval-form';
import { LimitsForm } from './limits-form';
import { ConfirmationForm } from './confirmation-form';
import { SendersView } from './senders-view';

export const metadata = { title: 'Sending' };

export default async function SendingPage({ params }: { params: Promise<{ section: string }> }) {
  const { actor, section } = await requireSection((await params).section);
  const senders = await readSenders(actor, { sectionId: section.id });
  if (!senders.ok) return <Refused actor={actor} what="Sending" refusal={senders.refusal} />;
  const of = { sectionId: section.id };
  const [limits, rule, forms] = await Promise.all([
    valueForPage(readSendLimits(actor, of)),
    valueForPage(readApprovalRule(actor, of)),
    valueForPage(readFormRule(actor, of)),
  ]);
  return (
    <>
      <SendersView section={{ id: section.id, slug: section.slug }} senders={senders.value} />
      <LimitsForm section={{ id: section.id }} limits={limits} />
      <ApprovalForm section={{ id: section.id }} rule={rule} />
      <ConfirmationForm section={{ id: section.id, slug: section.slug }} {...forms} />
    </>
  );
}
