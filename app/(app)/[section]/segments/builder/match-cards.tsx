'use client';
// Beside the rules: the count, the rules in plain words, and a sample of matching profiles, live.
import { Link } from '@/components/ui/link';
import { TagLink } from '@/components/tags/tag-chip';
import { colouredFirst } from '@/components/tags/tag-colour';
import { Banner, cardClass } from '@/components/ui/display';
import { Refreshing } from '@/components/ui/refreshing';
import type { Rules } from '@/lib/segments/schema';
import { rulesInWords } from '@/lib/segments/words';
import { useBuilder } from '@/components/segments/builder-context';
import { useCount, useSample } from '@/components/segments/use-counts';
import { useNames } from '@/components/segments/use-names';

type Props = {
  /** The complete part of the rules; null if there is none. */
  rules: Rules | null;
  /** The rules refer to something hidden: nothing is counted until that is fixed. */
  lost: boolean;
};

/** `incomplete`: the number of conditions left out. */
export function MatchCard({ rules, lost, incomplete }: Props & { incomplete: number }) {
  const names = useNames();
  return (
    <section className={`${cardClass} shadow-raised px-4 py-3 xl:p-4 xl:shadow-none`} aria-labelledby="matching">
      <div className="flex items-baseline justify-between gap-3 xl:block">
        <h2 id="matching" className="text-muted text-[13px] font-medium">
          Profiles that match
        </h2>
        <TotalCount rules={lost ? null : rules} />
      </div>
      {incomplete > 0 && rules && (
        <p className="text-muted text-[13px]">
          Not counting {incomplete === 1 ? 'one incomplete condition' : `${incomplete} incomplete conditions`}.
        </p>
      )}
      {rules && (
        <p className="mt-2 line-clamp-8 break-words xl:line-clamp-none" title={rulesInWords(rules, names)}>
          {rulesInWords(rules, names)}
        </p>
      )}
    </section>
  );
}

export function SampleCard({ rules, lost }: Props) {
  if (!lost) return <Sample rules={rules} />;
  return (
    <Banner tone="danger">
      These rules refer to something that has been hidden. The segment cannot be counted or used until that is fixed:
      see the marked conditions.
    </Banner>
  );
}

function TotalCount({ rules }: { rules: Rules | null }) {
  const { slug } = useBuilder();
  const { data, error, isFetching, isPlaceholderData } = useCount(slug, rules, { urgent: true });
  if (!rules) return <p className="text-2xl font-semibold">–</p>;
  if (error) return <Banner tone="danger">{error.message}</Banner>;
  return (
    <p
      className={`text-2xl font-semibold tabular-nums ${isPlaceholderData || !data ? 'text-muted' : ''}`}
      aria-live="polite"
      aria-busy={isFetching}
      data-testid="total"
    >
      {data ? data.count.toLocaleString('en-GB') : 'Counting…'}
      {isFetching && data && <span className="text-muted ml-2 text-[13px] font-normal">counting…</span>}
    </p>
  );
}

function Sample({ rules }: { rules: Rules | null }) {
  const { slug } = useBuilder();
  const { data, isPlaceholderData, error } = useSample(slug, rules);
  if (!rules || error) return null;
  return (
    <Refreshing when={isPlaceholderData}>
      <section className={`${cardClass} p-4`} aria-labelledby="sample">
        <h2 id="sample" className="text-muted mb-2 text-[13px] font-medium">
          Newest profiles
        </h2>
        {!data && <p className="text-muted">Loading…</p>}
        {data?.profiles.length === 0 && <p>Nobody matches at the moment.</p>}
        <ul className="flex flex-col gap-2">
          {data?.profiles.map(({ id, name, keys, tags }) => (
            <li key={id} className="min-w-0">
              <Link href={`/${slug}/profiles/${id}`} className="block truncate font-medium hover:underline">
                {name}
              </Link>
              <span className="text-muted block truncate text-[13px]">{keys.map(({ key }) => key).join(' · ')}</span>
              <span className="flex flex-wrap gap-1">
                {colouredFirst(tags)
                  .slice(0, 3)
                  .map((tag) => (
                    <TagLink key={tag.id} tag={tag} />
                  ))}
                {tags.length > 3 && <span className="text-muted text-xs">+{tags.length - 3}</span>}
              </span>
            </li>
          ))}
        </ul>
      </section>
    </Refreshing>
  );
}
