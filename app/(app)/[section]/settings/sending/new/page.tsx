import { Refused } from '@/app/refused';
import { requireSection } from '@/app/viewer';
import { PageHeader } from '@/components/ui/display';
import { readSenders } from '@/lib/sending/reads';
import { SenderForm } from '../sender-form';

export const metadata = { title: 'Add a sender' };

export default async function NewSenderPage({ params }: { params: Promise<{ section: string }> }) {
  const { actor, section } = await requireSection((await params).section);
  const senders = await readSenders(actor, { sectionId: section.id });
  if (!senders.ok) return <Refused actor={actor} what="Sending" refusal={senders.refusal} />;
  return (
    <>
      <PageHeader title="Add a sender">
        The connection is tested before it is kept. Your mail provider’s help calls these settings “SMTP”.
      </PageHeader>
      <SenderForm section={{ id: section.id, slug: section.slug }} sender={null} suggestedName={section.name} />
    </>
  );
}
