import Link from 'next/link';
import { notFound } from 'next/navigation';
import { requireSection } from '@/app/viewer';
import { ButtonLink } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Badge, cardClass, EmptyState, PageHeader } from '@/components/ui/display';
import { ProfileIdSchema, SegmentIdSchema } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { getProfile } from '@/lib/profiles/queries';
import { openSegment } from '@/lib/segments/definitions';
import { explainFor } from '@/lib/segments/explain';
import { endOfDay } from '@/lib/segments/members';
import { getSegment } from '@/lib/segments/queries';
import { DaySchema } from '@/lib/segments/schema';
import { vocabularyOf } from '@/lib/segments/vocabulary';
import { dayInWords, namesIn } from '@/lib/segments/words';
import { AttentionBanner } from '../../../attention';
import { VerdictTree } from './verdict-tree';

export const metadata = { title: 'Why in or out' };

type Props = {
  params: Promise<{ section: string; segment: string; profile: string }>;
  searchParams: Promise<{ at?: string | string[] }>;
};

export default async function WhyPage({ params, searchParams }: Props) {
  const { section: slug, segment: rawSegment, profile: rawProfile } = await params;
  const { actor, section } = await requireSection(slug);
  const [segmentId, profileId] = [SegmentIdSchema.safeParse(rawSegment), ProfileIdSchema.safeParse(rawProfile)];
  const segment = segmentId.success ? await getSegment(pool(), section.id, segmentId.data) : undefined;
  if (!segment) notFound();
  const home = `/${slug}/segments/${segment.id}`;
  const profile = profileId.success ? await getProfile(pool(), section.id, profileId.data) : undefined;
  if (!profile) {
    return (
      <EmptyState title="This profile is not there" action={<ButtonLink href={home}>Back to the segment</ButtonLink>}>
        Somebody has deleted it, or it is in another section.
      </EmptyState>
    );
  }
  if (segment.attention.length > 0) {
    return (
      <>
        <PageHeader title={segment.name} />
        <AttentionBanner reasons={segment.attention} mendAt={`${home}/edit`} />
      </>
    );
  }
  const opened = await openSegment(pool(), section.id, segment.id);
  const day = DaySchema.safeParse((await searchParams).at).data;
  const asOf = day === undefined ? undefined : { at: await endOfDay(pool(), day, opened.rules.timeZone) };
  const verdict = await explainFor(pool(), section.id, opened, profile.id, asOf);
  if (!verdict) notFound();
  const rules = [opened.rules, ...[...opened.definitions.segments.values()].map((used) => used.rules)];
  const vocabulary = await vocabularyOf(pool(), { accountId: actor.accountId, sectionId: section.id }, rules);
  return (
    <>
      <PageHeader
        title={`Why ${profile.name} is ${verdict.holds ? 'in' : 'not in'} it`}
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
            The profile was added later, <DateTime value={verdict.addedLater} exact />: it was in no segment then.
          </p>
        )}
        <VerdictTree verdict={verdict} names={namesIn(vocabulary)} slug={slug} />
      </section>
    </>
  );
}
