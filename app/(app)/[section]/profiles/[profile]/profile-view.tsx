'use client';
// The 360 Profile view: identity, attributes, tags with their history, and the timeline.
import { useQueryClient } from '@tanstack/react-query';
import { Merge, Pencil, Trash2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState, type ReactNode } from 'react';
import { Button } from '@/components/ui/button';
import type { Attribute } from '@/lib/attributes/schema';
import type { Topic } from '@/lib/consents/schema';
import type { SectionId } from '@/lib/db/ids';
import type { KeptOffTag } from '@/lib/integrations/kept-off';
import type { Notes } from '@/lib/notes/reads';
import type { Glance } from '@/lib/people/glance';
import { enteredKeyspaces, type Keyspace, type ProfileDetails } from '@/lib/profiles/schema';
import { AttributesCard } from './attributes-card';
import { ConsentsCard } from './consents-card';
import { DeleteProfileDialog } from './delete-profile-dialog';
import { EditProfileDialog } from './edit-profile-dialog';
import { MergeWithDialog } from './merge-with-dialog';
import { Neighbours } from './neighbours';
import { NotesCard } from './notes-card';
import { ProfileHeader } from './profile-header';
import { ProfileTags } from './profile-tags';
import { Timeline, type TimelineStart } from './timeline';

type Props = {
  section: { id: SectionId; slug: string };
  profile: ProfileDetails;
  attributes: Attribute[];
  keyspaces: Keyspace[];
  glance: Glance;
  /** The topics that are offered. */
  topics: Topic[];
  /** The address of the person's preference page. */
  preferenceLink: string;
  notes: Notes;
  keptOff: KeptOffTag[];
  timeline: TimelineStart;
  /** Below the header. */
  notice: ReactNode;
  /** Cards of other subjects, below the attributes. */
  cards: ReactNode;
};

export function ProfileView({
  section,
  profile,
  attributes,
  keyspaces,
  glance,
  topics,
  preferenceLink,
  notes,
  keptOff,
  timeline,
  ...more
}: Props) {
  const { notice, cards } = more;
  const router = useRouter();
  const client = useQueryClient();
  const [open, setOpen] = useState<'edit' | 'merge' | 'delete' | null>(null);
  return (
    <>
      <Neighbours slug={section.slug} profileId={profile.id} />
      <ProfileHeader
        profile={profile}
        keyspaces={keyspaces}
        glance={glance}
        actions={
          <>
            <Button onPress={() => setOpen('edit')}>
              <Pencil aria-hidden className="size-4" /> Edit
            </Button>
            <Button variant="quiet" onPress={() => setOpen('merge')}>
              <Merge aria-hidden className="size-4" /> Merge with…
            </Button>
            <Button variant="quiet" onPress={() => setOpen('delete')}>
              <Trash2 aria-hidden className="size-4" /> Delete
            </Button>
          </>
        }
      />
      {notice}
      <div className="grid gap-4 xl:grid-cols-[minmax(0,1fr)_22rem] xl:grid-rows-[auto_1fr]">
        <ProfileTags section={section} profile={profile} keptOff={keptOff} />
        <div className="flex min-w-0 flex-col gap-4 xl:col-start-2 xl:row-span-2 xl:row-start-1">
          <AttributesCard
            section={section}
            profile={profile}
            attributes={attributes}
            keyspaces={enteredKeyspaces(keyspaces)}
          />
          <NotesCard section={section} profileId={profile.id} newest={notes} />
          <ConsentsCard section={section} profileId={profile.id} {...glance} topics={topics} link={preferenceLink} />
          {cards}
        </div>
        <Timeline slug={section.slug} profileId={profile.id} {...timeline} />
      </div>
      {open === 'edit' && (
        <EditProfileDialog
          section={section}
          profile={profile}
          attributes={attributes}
          keyspaces={enteredKeyspaces(keyspaces)}
          onClose={() => setOpen(null)}
          onSaved={() => {
            setOpen(null);
            void client.invalidateQueries({ queryKey: ['timeline', section.slug, profile.id] });
            router.refresh();
          }}
        />
      )}
      {open === 'merge' && <MergeWithDialog slug={section.slug} profile={profile} onClose={() => setOpen(null)} />}
      {open === 'delete' && <DeleteProfileDialog section={section} profile={profile} onClose={() => setOpen(null)} />}
    </>
  );
}
