import { Refused } from '@/app/refused';
import { requireSection } from '@/app/viewer';
import { readApprovalRule } from '@/lib/messages/approval';
import { readSenders } from '@/lib/sending/reads';
import { valueForPage } from '@/app/value-for-page';
import { ApprovalForm } from './approval-form';
import { SendersView } from './senders-view';

export const metadata = { title: 'Sending' };

export default async function SendingPage({ params }: { params: Promise<{ section: string }> }) {
  const { actor, section } = await requireSection((await params).section);
  const senders = await readSenders(actor, { sectionId: section.id });
  if (!senders.ok) return <Refused actor={actor} what="Sending" refusal={senders.refusal} />;
  const rule = await valueForPage(readApprovalRule(actor, { sectionId: section.id }));
  return (
    <>
      <SendersView section={{ id: section.id, slug: section.slug }} senders={senders.value} />
      <ApprovalForm section={{ id: section.id }} rule={rule} />
    </>
  );
}
