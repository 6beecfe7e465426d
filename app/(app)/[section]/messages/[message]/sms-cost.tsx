'use client';
// How many parts the SMS takes in all, as providers are paid by them.
import { useQuery } from '@tanstack/react-query';
import { cardClass } from '@/components/ui/display';
import { postJson } from '@/components/ui/json';
import type { AudienceCounts } from '@/lib/audience/schema';
import type { SmsCost as Cost } from '@/lib/messages/sms-cost';
import type { SmsText } from '@/lib/messages/sms-pieces';
import type { Draft } from './draft';

type Props = {
  slug: string;
  text: SmsText;
  draft: Pick<Draft, 'audience' | 'kind' | 'topicIds' | 'settings'>;
  /** Of the audience; null: not known yet. */
  counts: AudienceCounts | null;
};

const number = (value: number) => value.toLocaleString('en-GB');

/** How many parts all of them take; null: not known, or nobody gets it. */
export function useSmsCost({ slug, text, draft: { audience, kind, topicIds, settings }, counts }: Props) {
  const gets = counts?.gets ?? 0;
  const asked = { text, audience, kind, topicIds, settings };
  const { data } = useQuery({
    queryKey: ['sms-cost', slug, asked],
    queryFn: ({ signal }) => postJson<Cost | null>(`/data/${slug}/messages/sms-cost`, asked, { signal }),
    enabled: gets > 0 && text.length > 0,
    retry: false,
  });
  if (!data || gets === 0) return null;
  const { people, least, most, average } = data;
  const parts = Math.round(average * gets);
  const isExact =
    least === most && (people === gets || text.every(({ type }) => type !== 'variable' && type !== 'only'));
  const inWords = `${isExact ? '' : 'About '}${number(parts)} ${parts === 1 ? 'part' : 'parts'}`;
  return { people, least, most, average, isExact, inWords };
}

export function SmsCost(props: Props) {
  const cost = useSmsCost(props);
  if (!cost) return null;
  const { people, least, most, average, isExact, inWords } = cost;
  return (
    <section aria-labelledby="cost" className={`${cardClass} flex flex-col gap-1 p-4`}>
      <h2 id="cost" className="text-[13px] font-medium">
        What it takes
      </h2>
      <p>{inWords}</p>
      <p className="text-muted text-[13px]">
        {least === most
          ? `${least} for each person`
          : `From ${least} to ${most} for each person, ${average.toFixed(1)} on average`}
        {!isExact && `, as of ${number(people)} of them`}. Providers are paid by parts.
      </p>
    </section>
  );
}
