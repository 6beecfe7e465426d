'use client';
// Chooses the profile to merge with. The comparison of both is a page of its own.
import { ProfileFinder } from '@/components/profiles/profile-finder';
import { Dialog } from '@/components/ui/dialog';
import { useOpen } from '@/components/ui/when-online';
import type { ProfileDetails } from '@/lib/profiles/schema';

type Props = { slug: string; profile: ProfileDetails; onClose: () => void };

export function MergeWithDialog({ slug, profile, onClose }: Props) {
  const open = useOpen();
  return (
    <Dialog title={`Merge ${profile.name} with…`} isOpen onClose={onClose} unsaved={false}>
      <p className="text-muted">Choose the other entry of the same person. You see both before anything is merged.</p>
      <ProfileFinder
        slug={slug}
        label="The other entry"
        except={profile.id}
        onChoose={({ id }) => open(`/${slug}/profiles/${profile.id}/merge/${id}`)}
      />
    </Dialog>
  );
}
