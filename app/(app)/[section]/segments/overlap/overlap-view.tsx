'use client';
// The overlap of tags: pairs, the strongest in words, and exact combinations of a few. The state is in the URL; results are fetched
// from the browser, since counting can take a while.
import { Link } from '@/components/ui/link';
import { useQueryStates } from 'nuqs';
import { useTagLabels } from '@/components/tags/use-tags';
import { Banner, cardClass, EmptyState, PageHeader } from '@/components/ui/display';
import type { TagId } from '@/lib/db/ids';
import type { TagLabel } from '@/lib/tags/schema';
import { ChosenTags } from './chosen-tags';
import { CombinationsPanel } from './combinations-panel';
import { PairsPanel } from './pairs-panel';
import { overlapParsers } from './search-params';
import { useOverlap } from './use-overlap';

type Props = {
  slug: string;
  /** The tags that are shown if the URL has none. */
  largest: TagId[];
  /** Names of these and of the tags in the URL, as they were when the page was loaded. */
  first: TagLabel[];
  most: { shown: number; combined: number };
  /** The default number of tags. */
  atFirst: number;
};

export function OverlapView({ slug, largest, first, most, atFirst }: Props) {
  const [params, setParams] = useQueryStates(overlapParsers);
  const requested = [...new Set(params.tags ?? largest)] as TagId[];
  const { labels, isComplete } = useTagLabels(slug, requested);
  const atLoad = isComplete ? [] : first;
  const found = requested.flatMap((id) => labels.get(id) ?? atLoad.find((tag) => tag.id === id) ?? []);
  const chosen = found.slice(0, most.shown);
  const overlap = useOverlap(
    slug,
    chosen.map(({ id }) => id),
    chosen.length >= 2,
  );

  return (
    <>
      <PageHeader title="Tag overlap">
        <Link href={`/${slug}/segments`} className="underline">
          All segments
        </Link>
        {' · Which tags go together, and on how many profiles'}
      </PageHeader>
      <ChosenTags
        slug={slug}
        tags={chosen}
        most={most.shown}
        onChange={(tags) => void setParams({ tags })}
        atFirst={atFirst}
        onReset={() => void setParams({ tags: null, combine: null })}
      />
      {params.tags !== null && (
        <LeftOut
          gone={isComplete ? requested.length - found.length : 0}
          overLimit={found.length - chosen.length}
          most={most.shown}
        />
      )}
      {chosen.length < 2 ? (
        <div className={cardClass}>
          <EmptyState
            title={chosen[0] ? `Which tags does “${chosen[0].name}” overlap with?` : 'Choose the tags to compare'}
          >
            Add {chosen[0] ? 'one more tag' : 'two tags'} or more, up to {most.shown}, or start with the largest{' '}
            {atFirst}.
          </EmptyState>
        </div>
      ) : (
        <div className="flex flex-col gap-4">
          <PairsPanel
            slug={slug}
            overlap={overlap}
            tags={chosen.length}
            measure={params.show}
            onMeasure={(show) => void setParams({ show })}
          />
          {/* Below the pairs, and so not before them: their matrix would push it down. */}
          {overlap.data && (
            <CombinationsPanel
              slug={slug}
              chosen={chosen}
              most={most.combined}
              asked={params.combine}
              onAsk={(combine) => void setParams({ combine })}
              // One after the other, since each keeps the database busy.
              mayCount={overlap.isSuccess && !overlap.isFetching}
            />
          )}
        </div>
      )}
    </>
  );
}

/** Tags in the URL that the chart cannot show. */
function LeftOut({ gone, overLimit, most }: { gone: number; overLimit: number; most: number }) {
  if (gone === 0 && overLimit === 0) return null;
  return (
    <div className="mb-4">
      <Banner tone="warning">
        {gone > 0 &&
          `${gone === 1 ? 'A tag' : `${gone} tags`} in this link ${gone === 1 ? 'is hidden or belongs' : 'are hidden or belong'} to another section, and ${gone === 1 ? 'was' : 'were'} left out. `}
        {overLimit > 0 &&
          `The chart can show ${most} tags: ${overLimit} more ${overLimit === 1 ? 'is' : 'are'} left out.`}
      </Banner>
    </div>
  );
}
