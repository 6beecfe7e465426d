import type { Metadata } from 'next';
import type { SearchParams } from 'nuqs/server';
import { cache } from 'react';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { DateTime } from '@/components/ui/date-time';
import { cardClass } from '@/components/ui/display';
import type { UserActor } from '@/lib/access/actor';
import type { SectionId } from '@/lib/db/ids';
import { readKeyspaces } from '@/lib/profiles/reads';
import { readExportColumns } from '@/lib/profiles/reads';
import { readSegment, readSegmentSizes, readVocabulary } from '@/lib/segments/reads';
import { DaySchema } from '@/lib/attributes/comparison';
import { namesIn, rulesInWords } from '@/lib/segments/words';
import { readUsersOfSegment } from '@/lib/used-in/reads';
import { AttentionBanner } from '../attention';
import { CommonTags } from './common-tags';
import { loadMembers } from './member-params';
import { findMembers } from './members';
import { MembersView } from './members-view';
import { SegmentHeader } from './segment-header';
import { SizesCard } from './sizes-card';

type Props = { params: Promise<{ section: string; segment: string }>; searchParams: Promise<SearchParams> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { section: slug, segment: segmentId } = await params;
  const { actor, section } = await requireSection(slug);
  const found = await readSegmentOnce(actor, section.id, segmentId);
  return { title: found.ok ? found.value.name : 'Segment' };
}

/** The title and the page ask for the same segment. */
const readSegmentOnce = cache((actor: UserActor, sectionId: SectionId, segmentId: string) =>
  readSegment(actor, { sectionId, segmentId }),
);

export default async function SegmentPage({ params, searchParams }: Props) {
  const { section: slug, segment: segmentId } = await params;
  const { actor, section } = await requireSection(slug);
  const of = { sectionId: section.id };
  const segment = await valueForPage(readSegmentOnce(actor, section.id, segmentId));
  const query = await loadMembers(searchParams);
  const well = segment.attention.length === 0;
  const [vocabulary, keyspaces, sizes, columns, usedIn, members] = await Promise.all([
    valueForPage(readVocabulary(actor, { ...of, rules: [segment.rules] })),
    valueForPage(readKeyspaces(actor, {})),
    valueForPage(readSegmentSizes(actor, { ...of, segmentId: segment.id })),
    valueForPage(readExportColumns(actor, of)),
    valueForPage(readUsersOfSegment(actor, { ...of, segmentId: segment.id })),
    well ? findMembers(actor, { ...of, segmentId: segment.id, timeZone: segment.rules.timeZone }, query) : null,
  ]);
  const place = { id: section.id, slug };
  const { timeZone } = segment.rules;
  return (
    <>
      <SegmentHeader
        section={place}
        segment={{ id: segment.id, name: segment.name, usedIn, well }}
        at={query.view === 'then' && DaySchema.safeParse(query.at).success ? query.at : null}
        columns={columns}
      >
        {segment.description && <span className="mr-2">{segment.description}</span>}
        <span className="text-[13px]">
          Changed <DateTime value={segment.changedAt} />
          {segment.changedBy && ` by ${segment.changedBy}`}
        </span>
      </SegmentHeader>
      <AttentionBanner reasons={segment.attention} fixHref={`/${slug}/segments/${segment.id}/edit`} />
      <p className={`${cardClass} mb-4 px-4 py-3 break-words`}>
        {rulesInWords(segment.rules, namesIn(vocabulary))}
        <span className="text-muted block text-[13px]">Days begin and end in {timeZone.replaceAll('_', ' ')}.</span>
      </p>
      <div className="flex flex-col gap-4 xl:flex-row">
        <div className="min-w-0 flex-1">
          {members && (
            <MembersView
              section={place}
              segmentId={segment.id}
              keyspaces={keyspaces}
              timeZone={timeZone}
              members={members}
            />
          )}
        </div>
        <div className="grid h-fit grid-cols-1 gap-4 lg:grid-cols-2 xl:w-80 xl:grid-cols-1">
          <SizesCard
            key={segment.changedAt.getTime()}
            slug={slug}
            segmentId={segment.id}
            initial={{ ...sizes, sizes: sizes.sizes.map(({ at, profiles }) => ({ at: at.toISOString(), profiles })) }}
          />
          {well && <CommonTags slug={slug} segmentId={segment.id} />}
        </div>
      </div>
    </>
  );
}
