import { Refused } from '@/app/refused';
import { requireSection } from '@/app/viewer';
import { PageHeader } from '@/components/ui/display';
import { readSenders } from '@/lib/sending/reads';
import { smsNameOf } from '@/lib/sms/sender-name';
import { SmsForm } from '../sms-form';

export const metadata = { title: 'Add an SMS sender' };

export default async function NewSmsSenderPage({ params }: { params: Promise<{ section: string }> }) {
  const { actor, section } = await requireSection((await params).section);
  const senders = await readSenders(actor, { sectionId: section.id });
  if (!senders.ok) return <Refused actor={actor} what="Sending" refusal={senders.refusal} />;
  return (
    <>
      <PageHeader title="Add an SMS sender">
        SMS go out through a provider that you have an account with. The account is tested before it is kept.
      </PageHeader>
      <SmsForm section={{ id: section.id, slug: section.slug }} sender={null} suggestedFrom={smsNameOf(section.name)} />
    </>
  );
}
