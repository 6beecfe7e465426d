import Link from 'next/link';
import { redirect } from 'next/navigation';
import { Suspense } from 'react';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { EmptyState } from '@/components/ui/display';
import { ButtonLink } from '@/components/ui/button';
import { readAttributes } from '@/lib/attributes/reads';
import { readRemainingProfile } from '@/lib/people/merge-two';
import { readTimeline } from '@/lib/people/reads';
import { TIMELINE_MENU } from '@/lib/people/timeline';
import { readKeyspaces, readProfile, readSameKeysElsewhere } from '@/lib/profiles/reads';
import { ProfileSegments, SegmentsCard } from './profile-segments';
import { ProfileView } from './profile-view';

export const metadata = { title: 'Profile' };

type Props = { params: Promise<{ section: string; profile: string }> };

export default async function ProfilePage({ params }: Props) {
  const { section: slug, profile: profileId } = await params;
  const { actor, section, sections } = await requireSection(slug);
  const of = { sectionId: section.id };
  const found = await readProfile(actor, { ...of, profileId });
  if (!found.ok) {
    const remaining = await valueForPage(readRemainingProfile(actor, { ...of, profileId }));
    if (remaining !== null) redirect(`/${slug}/profiles/${remaining}`);
    return (
      <EmptyState title="Profile not found" action={<ButtonLink href={`/${slug}/profiles`}>All profiles</ButtonLink>}>
        It may have been deleted, or it is in another section.
      </EmptyState>
    );
  }
  const profile = found.value;
  const others = sections.map((item) => item.id).filter((item) => item !== section.id);
  const [attributes, keyspaces, timeline, sameKeys] = await Promise.all([
    valueForPage(readAttributes(actor, of)),
    valueForPage(readKeyspaces(actor, {})),
    valueForPage(readTimeline(actor, { ...of, profileId: profile.id })),
    valueForPage(readSameKeysElsewhere(actor, { ...of, others, keys: profile.keys })),
  ]);
  return (
    <>
      <ProfileView
        section={{ id: section.id, slug }}
        profile={profile}
        attributes={attributes}
        keyspaces={keyspaces}
        timeline={{ first: timeline, menu: TIMELINE_MENU }}
        cards={
          <Suspense fallback={<SegmentsCard>Loading…</SegmentsCard>}>
            <ProfileSegments actor={actor} section={{ id: section.id, slug }} profileId={profile.id} />
          </Suspense>
        }
      />
      {sameKeys.length > 0 && (
        <p className="text-muted mt-4">
          Also in section{' '}
          {sameKeys.map((place) => (
            <Link
              key={`${place.slug}/${place.profileId}`}
              href={`/${place.slug}/profiles/${place.profileId}`}
              className="mr-2 underline"
            >
              {place.section}
            </Link>
          ))}
        </p>
      )}
    </>
  );
}
