'use client';
// Pairs of the chosen tags: the matrix, its legend, and the strongest overlaps in words.
import type { UseQueryResult } from '@tanstack/react-query';
import { RefreshCw } from 'lucide-react';
import { OverlapMatrix } from '@/components/charts/overlap-matrix';
import type { Measure } from '@/components/charts/overlap-measures';
import { Button } from '@/components/ui/button';
import { cardClass } from '@/components/ui/display';
import { MeasureToggle } from './measure-toggle';
import { OverlapResult } from './overlap-result';
import { OverlapAge } from './overlap-age';
import { StrongestOverlaps } from './strongest-overlaps';
import { useRefresh, type OverlapData } from './use-overlap';

type Props = {
  slug: string;
  overlap: UseQueryResult<OverlapData>;
  /** Number of chosen tags. */
  tags: number;
  measure: Measure;
  onMeasure: (measure: Measure) => void;
};

export function PairsPanel({ slug, overlap, tags, measure, onMeasure }: Props) {
  const refresh = useRefresh(slug, overlap);
  return (
    <section className={`${cardClass} p-4`} aria-labelledby="pairs">
      <header className="mb-3 flex flex-wrap items-center gap-x-4 gap-y-2">
        <h2 id="pairs" className="font-semibold">
          Two tags at once
        </h2>
        <MeasureToggle value={measure} onChange={onMeasure} />
        <div className="ml-auto flex items-center gap-2">
          <OverlapAge overlap={overlap} tags={tags} />
          <Button size="small" isDisabled={overlap.isFetching} onPress={refresh}>
            <RefreshCw aria-hidden className="size-3.5" /> Refresh
          </Button>
        </div>
      </header>
      <OverlapResult overlap={overlap} tags={tags}>
        {(picture) => (
          <>
            <OverlapMatrix slug={slug} overlap={picture} measure={measure} />
            <p className="text-muted mt-3 max-w-prose text-[13px]">
              {measure === 'share' &&
                'Of the profiles with the tag on the left, how many also have the tag above, in percent. '}
              {measure === 'lift' &&
                'How many profiles have both tags, compared with what chance would give: 1 is as many, 2 is twice as many, 0.5 is half as many. '}
              The diagonal shows how many profiles have the tag. Each cell opens as a segment.
            </p>
            <h3 className="mt-5 mb-2 font-semibold">The strongest overlaps</h3>
            <StrongestOverlaps slug={slug} overlap={picture} />
          </>
        )}
      </OverlapResult>
    </section>
  );
}
