import type { Metadata } from 'next';
import { Link } from '@/components/ui/link';
import { redirect } from 'next/navigation';
import { cache, Suspense } from 'react';
import { publicOrigin } from '@/app/public-origin';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { cardClass, EmptyState } from '@/components/ui/display';
import { ButtonLink } from '@/components/ui/button';
import type { UserActor } from '@/lib/access/actor';
import { readAttributes } from '@/lib/attributes/reads';
import type { SectionId } from '@/lib/db/ids';
import { readTopics } from '@/lib/consents/reads';
import { readDuplicatesOf } from '@/lib/duplicates/reads';
import { readFlowsOfProfile, readLiveFlows } from '@/lib/flows/reads';
import { readKeptOffTags } from '@/lib/integrations/claim-reads';
import { readNotes } from '@/lib/notes/reads';
import { readPreferencePath } from '@/lib/preferences/reads';
import { readGlance } from '@/lib/people/glance';
import { readRemainingProfile } from '@/lib/people/merge-two';
import { readTimeline } from '@/lib/people/reads';
import { TIMELINE_MENU } from '@/lib/people/timeline';
import { readKeyspaces, readProfile, readSameKeysElsewhere } from '@/lib/profiles/reads';
import { DuplicatesNotice } from './duplicates-notice';
import { FlowsCard } from './profile-flows';
import { ProfileSegments, SegmentsCard } from './profile-segments';
import { ProfileView } from './profile-view';

type Props = { params: Promise<{ section: string; profile: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { section: slug, profile: profileId } = await params;
  const { actor, section } = await requireSection(slug);
  const found = await readProfileOnce(actor, section.id, profileId);
  return { title: found.ok ? found.value.name : 'Profile' };
}

/** The title and the page ask for the same profile. */
const readProfileOnce = cache((actor: UserActor, sectionId: SectionId, profileId: string) =>
  readProfile(actor, { sectionId, profileId }),
);

export default async function ProfilePage({ params }: Props) {
  const { section: slug, profile: profileId } = await params;
  const { actor, section, sections } = await requireSection(slug);
  const of = { sectionId: section.id };
  const found = await readProfileOnce(actor, section.id, profileId);
  if (!found.ok) {
    const remaining = await valueForPage(readRemainingProfile(actor, { ...of, profileId }));
    if (remaining !== null) redirect(`/${slug}/profiles/${remaining}`);
    return (
      <EmptyState
        heading="h1"
        title="Profile not found"
        action={<ButtonLink href={`/${slug}/profiles`}>All profiles</ButtonLink>}
      >
        It may have been deleted, or it is in another section.
      </EmptyState>
    );
  }
  const profile = found.value;
  const others = sections.map((item) => item.id).filter((item) => item !== section.id);
  const [attributes, keyspaces, glance, topics, path, notes, timeline, sameKeys, duplicates, keptOff, flows, live] =
    await Promise.all([
      valueForPage(readAttributes(actor, of)),
      valueForPage(readKeyspaces(actor, {})),
      valueForPage(readGlance(actor, { ...of, profileId: profile.id })),
      valueForPage(readTopics(actor, of)),
      valueForPage(readPreferencePath(actor, { ...of, profileId: profile.id })),
      valueForPage(readNotes(actor, { ...of, profileId: profile.id })),
      valueForPage(readTimeline(actor, { ...of, profileId: profile.id })),
      valueForPage(readSameKeysElsewhere(actor, { ...of, others, keys: profile.keys })),
      valueForPage(readDuplicatesOf(actor, { ...of, profileId: profile.id })),
      valueForPage(readKeptOffTags(actor, { ...of, profileId: profile.id })),
      valueForPage(readFlowsOfProfile(actor, { ...of, profileId: profile.id })),
      valueForPage(readLiveFlows(actor, of)),
    ]);
  return (
    <>
      <ProfileView
        section={{ id: section.id, slug }}
        profile={profile}
        attributes={attributes}
        keyspaces={keyspaces}
        glance={glance}
        topics={topics}
        preferenceLink={`${await publicOrigin()}${path}`}
        notes={notes}
        keptOff={keptOff}
        timeline={{ first: timeline, menu: TIMELINE_MENU }}
        notice={
          duplicates.length > 0 && (
            <DuplicatesNotice section={{ id: section.id, slug }} profileId={profile.id} pairs={duplicates} />
          )
        }
        cards={
          <>
            {sameKeys.length > 0 && <ElsewhereCard places={sameKeys} />}
            {flows.length + live.length > 0 && (
              <FlowsCard section={{ id: section.id, slug }} profile={profile} flows={flows} live={live} />
            )}
            <Suspense fallback={<SegmentsCard>Loading…</SegmentsCard>}>
              <ProfileSegments actor={actor} section={{ id: section.id, slug }} profileId={profile.id} />
            </Suspense>
          </>
        }
      />
    </>
  );
}

type Place = { section: string; slug: string; profileId: number };

function ElsewhereCard({ places }: { places: readonly Place[] }) {
  return (
    <section className={`${cardClass} h-fit p-4`} aria-labelledby="elsewhere">
      <h2 id="elsewhere" className="mb-2 font-semibold">
        Also in section
      </h2>
      <ul className="flex flex-col gap-1">
        {places.map(({ slug, profileId, section }) => (
          <li key={`${slug}/${profileId}`} className="min-w-0 wrap-anywhere">
            <Link href={`/${slug}/profiles/${profileId}`} className="hover:underline">
              {section}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
