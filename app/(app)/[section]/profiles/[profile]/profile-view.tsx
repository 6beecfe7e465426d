'use client';
// The 360 Profile view: identity, attributes, tags with their history, and the timeline.
import { useQueryClient } from '@tanstack/react-query';
import { Merge, Pencil, Trash2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState, type ReactNode } from 'react';
import { Button } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { cardClass, PageHeader } from '@/components/ui/display';
import type { Attribute } from '@/lib/attributes/schema';
import { formatAttributeValue } from '@/lib/attributes/values';
import type { SectionId } from '@/lib/db/ids';
import { enteredKeyspaces, type Keyspace, type ProfileDetails } from '@/lib/profiles/schema';
import { DeleteProfileDialog } from './delete-profile-dialog';
import { EditProfileDialog } from './edit-profile-dialog';
import { MergeWithDialog } from './merge-with-dialog';
import { ProfileTags } from './profile-tags';
import { Timeline, type TimelineStart } from './timeline';

type Props = {
  section: { id: SectionId; slug: string };
  profile: ProfileDetails;
  attributes: Attribute[];
  keyspaces: Keyspace[];
  timeline: TimelineStart;
  /** Cards of other subjects, below the attributes. */
  cards: ReactNode;
};

export function ProfileView({ section, profile, attributes, keyspaces, timeline, cards }: Props) {
  const router = useRouter();
  const client = useQueryClient();
  const [open, setOpen] = useState<'edit' | 'merge' | 'delete' | null>(null);
  return (
    <>
      <PageHeader
        title={profile.name}
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
      >
        {profile.keys.map(({ keyspaceId, key }) => (
          <span key={`${keyspaceId} ${key}`} className="mr-4 inline-block">
            <span className="text-xs">{keyspaces.find(({ id }) => id === keyspaceId)?.name}</span>{' '}
            <span className="text-ink select-all">{key}</span>
          </span>
        ))}
      </PageHeader>
      <div className="flex flex-col gap-4 xl:flex-row">
        <div className="flex min-w-0 flex-1 flex-col gap-4">
          <ProfileTags section={section} profile={profile} />
          <Timeline slug={section.slug} profileId={profile.id} {...timeline} />
        </div>
        <div className="flex flex-col gap-4 xl:w-80">
          <section className={`${cardClass} h-fit p-4`} aria-labelledby="attributes">
            <h2 id="attributes" className="mb-2 font-semibold">
              Attributes
            </h2>
            <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5">
              {attributes.map((attribute) => (
                <div key={attribute.id} className="contents">
                  <dt className="text-muted">{attribute.name}</dt>
                  <dd className="min-w-0 break-words">
                    {formatAttributeValue(profile.attributes[attribute.code]) || <span className="text-muted">–</span>}
                  </dd>
                </div>
              ))}
            </dl>
            <p className="text-muted mt-3 text-[13px]">
              Added <DateTime value={profile.createdAt} exact />
            </p>
          </section>
          {cards}
        </div>
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
