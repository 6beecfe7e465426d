'use client';
// Connects the made-up CRM of a demo installation by one press.
import { FlaskConical } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { Button } from '@/components/ui/button';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import { connectMadeUpCrmAction } from './actions';
import type { SectionRef } from './words';

export function TryMadeUp({ section }: { section: SectionRef }) {
  const router = useRouter();
  const toast = useToast();
  const { pending, send } = useSubmission({ leaves: true });

  async function connect() {
    const result = await send(connectMadeUpCrmAction, { sectionId: section.id });
    if (result.ok) router.push(`/${section.slug}/settings/integrations/${result.value.id}/lists`);
    else toast(result.refusal.message, { tone: 'danger' });
  }

  return (
    <Button isPending={pending} onPress={() => void connect()}>
      <FlaskConical aria-hidden className="size-4" /> Try it with a made-up CRM
    </Button>
  );
}
