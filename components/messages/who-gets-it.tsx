'use client';
// How many people get a message, why others who match do not, and some of each by name.
import clsx from 'clsx';
import { ChevronRight } from 'lucide-react';
import { useId, useState } from 'react';
import { Button as PlainButton } from 'react-aria-components';
import { Button } from '@/components/ui/button';
import { cardClass } from '@/components/ui/display';
import { Link } from '@/components/ui/link';
import { isChosen, type Audience, type AudienceCounts, type AudienceReason } from '@/lib/audience/schema';
import { reasonsFor, reasonWords } from './audience-words';
import { useAudienceSample, type AboutMessage, type useAudienceCounts } from './use-audience';

type Props = {
  slug: string;
  audience: Audience;
  about: AboutMessage;
  answer: ReturnType<typeof useAudienceCounts>;
};

export function WhoGetsIt({ slug, audience, about, answer }: Props) {
  const { data, error, isOutdated, isFetching } = answer;
  const counts = isChosen(audience, about.kind) ? (data?.counts ?? null) : null;
  const isLost = (data?.lost.length ?? 0) > 0;
  const id = useId();
  return (
    <section aria-labelledby={id} aria-busy={isFetching} className={clsx(cardClass, 'flex flex-col gap-3 p-4')}>
      <h3 id={id} className="text-[13px] font-medium">
        Who gets it
      </h3>
      {error ? (
        <div role="alert" className="flex flex-col items-start gap-2">
          <p className="text-danger">This could not be counted. {error.message}</p>
          <Button size="small" isPending={isFetching} onPress={() => void answer.refetch()}>
            Try again
          </Button>
        </div>
      ) : (
        <>
          {isChosen(audience, about.kind) ? (
            <Headline counts={counts} isLost={isLost} isOutdated={isOutdated} />
          ) : (
            <p role="status">Nobody yet: choose who gets it.</p>
          )}
          {counts && (
            <ul className={clsx('flex flex-col', isOutdated && 'opacity-60')}>
              {reasonsFor(about.kind, audience).map((reason) => (
                <ReasonRow
                  key={reason}
                  reason={reason}
                  people={counts[reason]}
                  matches={counts.matches}
                  sampleOf={{ slug, audience, about }}
                />
              ))}
            </ul>
          )}
          {counts && (
            <p className="text-muted text-[13px]">
              Counted as of now. It goes to those who match when sending starts; people who match later do not get it.
            </p>
          )}
        </>
      )}
    </section>
  );
}

type HeadlineProps = { counts: AudienceCounts | null; isLost: boolean; isOutdated: boolean };

function Headline({ counts, isLost, isOutdated }: HeadlineProps) {
  if (isLost) {
    return (
      <p role="status" className="text-danger font-medium">
        Nobody can get it until what is marked has been replaced or removed.
      </p>
    );
  }
  if (!counts) {
    return (
      <p role="status" className="flex h-13 items-center">
        <span aria-hidden className="bg-line inline-block h-7 w-32 animate-pulse rounded-md" />
        <span className="sr-only">Counting</span>
      </p>
    );
  }
  const number = (value: number) => value.toLocaleString('en-GB');
  return (
    <p role="status" className={clsx(isOutdated && 'opacity-60')}>
      <span className="block text-2xl font-semibold tabular-nums">
        {number(counts.gets)} {counts.gets === 1 ? 'person' : 'people'}
      </span>
      <span className="text-muted text-[13px]">
        {counts.matches === 0 ? 'Nobody matches.' : `of ${number(counts.matches)} who match`}
      </span>
    </p>
  );
}

type RowProps = {
  reason: AudienceReason;
  people: number;
  matches: number;
  sampleOf: Pick<Props, 'slug' | 'audience' | 'about'>;
};

/** Opens to show some of them. */
function ReasonRow({ reason, people, matches, sampleOf }: RowProps) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const { label, hint } = reasonWords(reason, sampleOf.about.channel, sampleOf.audience);
  const share = matches === 0 ? 0 : (people / matches) * 100;
  const shows = isOpen && people > 0;
  return (
    <li className="border-line border-b py-1 last:border-b-0">
      <PlainButton
        aria-expanded={shows}
        aria-controls={shows ? id : undefined}
        isDisabled={people === 0}
        onPress={() => setOpen(!isOpen)}
        className="data-[hovered]:bg-hover -mx-2 flex w-[calc(100%+1rem)] items-center gap-2 rounded px-2 py-1.5 text-left"
      >
        <ChevronRight
          aria-hidden
          className={clsx(
            'text-muted size-4 shrink-0 transition-transform',
            shows && 'rotate-90',
            people === 0 && 'invisible',
          )}
        />
        <span className={clsx('min-w-0 flex-1', reason === 'gets' && 'font-medium', people === 0 && 'text-muted')}>
          {label}
        </span>
        <span className={clsx('shrink-0 tabular-nums', people === 0 && 'text-muted')}>
          {people.toLocaleString('en-GB')}
        </span>
      </PlainButton>
      {people > 0 && (
        <div aria-hidden className="bg-sunken mb-1 ml-6 h-1 overflow-hidden rounded-full">
          <div
            className={clsx('h-full rounded-full', reason === 'gets' ? 'bg-accent' : 'bg-line-strong')}
            style={{ width: `max(2px, ${share}%)` }}
          />
        </div>
      )}
      {shows && (
        <div id={id} className="flex flex-col gap-1 pt-1 pb-2 pl-6">
          <p className="text-muted text-[13px]">{hint}</p>
          <Sample {...sampleOf} reason={reason} people={people} />
        </div>
      )}
    </li>
  );
}

function Sample({ reason, people, ...of }: RowProps['sampleOf'] & { reason: AudienceReason; people: number }) {
  const { data, error, isPending } = useAudienceSample({ ...of, reason });
  if (error) return <p className="text-danger text-[13px]">These people could not be loaded. {error.message}</p>;
  if (isPending) return <p className="text-muted text-[13px]">Loading some of them…</p>;
  const more = people - data.people.length;
  return (
    <ul className="flex flex-col text-[13px]">
      {data.people.map(({ id, name }) => (
        <li key={id} className="min-w-0">
          <Link
            href={`/${of.slug}/profiles/${id}`}
            target="_blank"
            className="text-accent-ink block truncate py-0.5 hover:underline"
          >
            <bdi>{name}</bdi>
            <span className="sr-only"> (opens in a new tab)</span>
          </Link>
        </li>
      ))}
      {more > 0 && <li className="text-muted">and {more.toLocaleString('en-GB')} more</li>}
    </ul>
  );
}
