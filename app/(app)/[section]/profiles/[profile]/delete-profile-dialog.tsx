'use client';
// Erasure cannot be undone: the dialog asks for the person's name.
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { TextField } from '@/components/ui/field';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { SectionId } from '@/lib/db/ids';
import type { ProfileDetails } from '@/lib/profiles/schema';
import { eraseProfileAction } from '../actions';

type Props = { section: { id: SectionId; slug: string }; profile: ProfileDetails; onClose: () => void };

export function DeleteProfileDialog({ section, profile, onClose }: Props) {
  const router = useRouter();
  const toast = useToast();
  const [typed, setTyped] = useState('');
  const { refusal, pending, send } = useSubmission({ leaves: true });

  async function erase() {
    const result = await send(eraseProfileAction, { sectionId: section.id, profileId: profile.id });
    if (!result.ok) return;
    toast('The profile and its data have been deleted');
    router.push(`/${section.slug}/profiles`);
  }

  return (
    <Dialog
      alert
      title={`Delete ${profile.name}?`}
      isOpen
      onClose={onClose}
      unsaved={false}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            variant="danger"
            isDisabled={typed.trim() !== profile.name}
            isPending={pending}
            onPress={() => void erase()}
          >
            Delete for good
          </Button>
        </>
      }
    >
      {refusal && <Banner tone="danger">{refusal.message}</Banner>}
      <p>
        This deletes the profile with its keys, attributes, tags and timeline, and its rejected import rows. Tag
        statistics stay, without the person. <strong>This cannot be undone.</strong>
      </p>
      <TextField
        label={`Type “${profile.name}” to continue`}
        value={typed}
        onChange={setTyped}
        autoFocus
        autoComplete="off"
      />
    </Dialog>
  );
}
