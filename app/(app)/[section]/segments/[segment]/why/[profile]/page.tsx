import { Link } from '@/components/ui/link';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { ButtonLink } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Badge, cardClass, EmptyState, PageHeader } from '@/components/ui/display';
import { readProfile } from '@/lib/profiles/reads';
import { readSegment, readVerdict } from '@/lib/segments/reads';
import { DaySchema } from '@/lib/attributes/comparison';
import { dayInWords } from '@/lib/attributes/comparison-words';
import { namesIn } from '@/lib/segments/words';
import { AttentionBanner } from '../../../attention';
import { VerdictTree } from './verdict-tree';

export const metadata = { title: 'Why in or out' };

type Props = {
  params: Promise<{ section: string; segment: string; profile: string }>;
  searchParams: Promise<{ at?: string | string[] }>;
};

export default async function WhyPage({ params, searchParams }: Props) {
  const { section: slug, segment: segmentId, profile: profileId } = await params;
  const { actor, section } = await requireSection(slug);
  const of = { sectionId: section.id };
  const segment = await valueForPage(readSegment(actor, { ...of, segmentId }));
  const home = `/${slug}/segments/${segment.id}`;
  const found = await readProfile(actor, { ...of, profileId });
  if (!found.ok) {
    return (
      <EmptyState
        heading="h1"
        title="Profile not found"
        action={<ButtonLink href={home}>Back to the segment</ButtonLink>}
      >
        It may have been deleted, or it is in another section.
      </EmptyState>
    );
  }
  if (segment.attention.length > 0) {
    return (
      <>
        <PageHeader title={segment.name} />
        <AttentionBanner reasons={segment.attention} fixHref={`${home}/edit`} />
      </>
    );
  }
  const profile = found.value;
  const day = DaySchema.safeParse((await searchParams).at).data;
  const asked = { ...of, segmentId: segment.id, profileId: profile.id, day };
  const { verdict, vocabulary } = await valueForPage(readVerdict(actor, asked));
  return (
    <>
      <PageHeader
        title={`Why ${profile.name} is ${verdict.holds ? '' : 'not '}in this segment`}
        actions={
          <>
            <ButtonLink href={`/${slug}/profiles/${profile.id}`}>Open the profile</ButtonLink>
            <ButtonLink href={home}>Open the segment</ButtonLink>
          </>
        }
      >
        <Link href={home} className="underline">
          {segment.name}
        </Link>{' '}
        · {profile.keys.map(({ key }) => key).join(' · ')}
      </PageHeader>
      <section className={`${cardClass} p-4`} aria-label="Condition by condition">
        <p className="mb-3 flex flex-wrap items-center gap-2">
          <Badge tone={verdict.holds ? 'success' : 'warning'}>{verdict.holds ? 'In' : 'Not in'}</Badge>
          {day === undefined
            ? 'As it is now.'
            : `As it was at the end of ${dayInWords(day)}; attributes and keys as they are now.`}
        </p>
        {verdict.addedLater && (
          <p className="mb-3">
            The profile was only added on <DateTime value={verdict.addedLater} exact />, so it was not in any segment
            then.
          </p>
        )}
        <VerdictTree verdict={verdict} names={namesIn(vocabulary)} slug={slug} />
      </section>
    </>
  );
}
