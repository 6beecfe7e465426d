// The segments that the profile is in now. Streams in after the page, since it evaluates all segments.
import { Link } from '@/components/ui/link';
import { cardClass } from '@/components/ui/display';
import type { UserActor } from '@/lib/access/actor';
import type { ProfileId, SectionId } from '@/lib/db/ids';
import { readSegmentsOfProfile } from '@/lib/segments/reads';
import { WhyNot } from './why-not';

type Props = { actor: UserActor; section: { id: SectionId; slug: string }; profileId: ProfileId };

export async function ProfileSegments({ actor, section, profileId }: Props) {
  const answer = await readSegmentsOfProfile(actor, { sectionId: section.id, profileId });
  if (!answer.ok) {
    return (
      <SegmentsCard>
        <p className="text-danger">{answer.refusal.message}</p>
      </SegmentsCard>
    );
  }
  const { mine, others } = answer.value;
  return (
    <SegmentsCard>
      {mine.length === 0 ? (
        <p className="text-muted">Not in any segment at the moment.</p>
      ) : (
        <ul className="flex flex-col gap-1">
          {mine.map(({ id, name }) => (
            <li key={id} className="flex items-baseline justify-between gap-2">
              <Link href={`/${section.slug}/segments/${id}`} className="min-w-0 truncate hover:underline">
                {name}
              </Link>
              <Link
                href={`/${section.slug}/segments/${id}/why/${profileId}`}
                aria-label={`Why it is in ${name}`}
                className="text-muted hover:text-ink shrink-0 text-[13px] underline"
              >
                Why?
              </Link>
            </li>
          ))}
        </ul>
      )}
      <WhyNot slug={section.slug} profileId={profileId} segments={others} />
    </SegmentsCard>
  );
}

export function SegmentsCard({ children }: { children: React.ReactNode }) {
  return (
    <section className={`${cardClass} h-fit p-4`} aria-labelledby="segments">
      <h2 id="segments" className="mb-2 font-semibold">
        Segments
      </h2>
      {children}
    </section>
  );
}
