'use client';
// Exact combinations of a few tags: the page's tags, or a subset if they are too many.
import { CombinationsChart } from '@/components/charts/combinations-chart';
import { cardClass } from '@/components/ui/display';
import { Checkbox } from '@/components/ui/field';
import type { TagId } from '@/lib/db/ids';
import type { TagLabel } from '@/lib/tags/schema';
import { OverlapResult } from './overlap-result';
import { OverlapAge } from './overlap-age';
import { useOverlap } from './use-overlap';

type Props = {
  slug: string;
  chosen: readonly TagLabel[];
  most: number;
  /** The subset in the URL; null if there is none. */
  asked: readonly number[] | null;
  onAsk: (ids: TagId[]) => void;
  mayCount: boolean;
};

export function CombinationsPanel({ slug, chosen, most, asked, onAsk, mayCount }: Props) {
  const tooMany = chosen.length > most;
  const wanted = tooMany && asked ? chosen.filter(({ id }) => asked.includes(id)) : chosen;
  const ids = wanted.slice(0, most).map(({ id }) => id);
  const overlap = useOverlap(slug, ids, mayCount && ids.length >= 2);
  return (
    <section className={`${cardClass} p-4`} aria-labelledby="combinations">
      <header className="mb-3 flex flex-wrap items-center gap-x-4 gap-y-2">
        <h2 id="combinations" className="font-semibold">
          Exact combinations
        </h2>
        {ids.length >= 2 && (
          <div className="ml-auto">
            <OverlapAge overlap={overlap} tags={ids.length} />
          </div>
        )}
      </header>
      {tooMany && <TagChoice chosen={chosen} ids={ids} most={most} onAsk={onAsk} />}
      {ids.length < 2 ? (
        <p>Choose at least two tags.</p>
      ) : (
        <OverlapResult overlap={overlap} tags={ids.length}>
          {({ everyone, tags, combinations }) => (
            <CombinationsChart slug={slug} everyone={everyone} tags={tags} combinations={combinations ?? []} />
          )}
        </OverlapResult>
      )}
    </section>
  );
}

type ChoiceProps = { chosen: readonly TagLabel[]; ids: TagId[]; most: number; onAsk: (ids: TagId[]) => void };

function TagChoice({ chosen, ids, most, onAsk }: ChoiceProps) {
  const full = ids.length >= most;
  return (
    <fieldset className="mb-4">
      <legend className="text-muted mb-2 text-[13px]">
        Choose at most {most} of the {chosen.length} tags{full ? ': to add one, remove another first' : ''}.
      </legend>
      <div className="flex flex-wrap gap-x-4 gap-y-2">
        {chosen.map(({ id, name }) => {
          const on = ids.includes(id);
          return (
            <Checkbox
              key={id}
              isSelected={on}
              isDisabled={full && !on}
              onChange={() => onAsk(on ? ids.filter((item) => item !== id) : [...ids, id])}
            >
              <span className={full && !on ? 'text-muted max-w-48 truncate' : 'max-w-48 truncate'}>{name}</span>
            </Checkbox>
          );
        })}
      </div>
    </fieldset>
  );
}
