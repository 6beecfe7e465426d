import { requireSection } from '@/app/viewer';
import { PageHeader } from '@/components/ui/display';
import { NewMessage } from './new-message';

export const metadata = { title: 'New message' };

export default async function NewMessagePage({ params }: { params: Promise<{ section: string }> }) {
  const { section } = await requireSection((await params).section);
  return (
    <>
      <PageHeader title="New message">Name it → write it → choose who gets it → send or schedule it.</PageHeader>
      <NewMessage section={{ id: section.id, slug: section.slug }} />
    </>
  );
}
