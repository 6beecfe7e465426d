'use client';
// What is about to be sent, in the dialog that asks: what it says, to whom and not to whom, in which parts.
import { PartChips } from '@/components/messages/part-chips';
import type { AudienceCounts } from '@/lib/audience/schema';
import type { Topic } from '@/lib/consents/schema';
import { plainText } from '@/lib/mail-document/template';
import { variantName, variantsOf, type AbTest } from '@/lib/messages/ab-schema';
import { partsOf } from './ab-words';
import type { Draft } from './draft';
import { useSmsCost } from './sms-cost';

type Props = {
  slug: string;
  draft: Draft;
  topics: readonly Topic[];
  /** Of the audience, as of now. */
  counts: AudienceCounts | null;
};

const inWords = (people: number) => `${people.toLocaleString('en-GB')} ${people === 1 ? 'person' : 'people'}`;

export function SendFacts({ slug, draft, topics, counts }: Props) {
  const { content, kind, topicIds, audience } = draft;
  const text = content.channel === 'sms' ? content.text : [];
  const cost = useSmsCost({ slug, text, draft, counts });
  const ab = content.channel === 'email' ? content.ab : null;
  const names = topics.filter(({ id }) => topicIds.includes(id)).map(({ name }) => name);
  return (
    <>
      {content.channel === 'email' && (
        <>
          <dt>Subject</dt>
          <dd className="wrap-anywhere">
            {variantsOf(content).map(({ subject }, variant) => (
              <span key={variant} className="block">
                {ab && `${variantName(variant)}: `}
                <bdi>“{plainText(subject)}”</bdi>
              </span>
            ))}
          </dd>
        </>
      )}
      <dt>{kind === 'service' ? 'Kind' : 'About'}</dt>
      <dd className="wrap-anywhere">
        {kind === 'service' ? 'Service: whatever people have agreed to' : names.join(', ')}
      </dd>
      <dt>To</dt>
      <dd>
        {counts && inWords(counts.gets)}
        {counts && ab && <span className="block">{testInWords(ab, counts.gets)}</span>}
        {audience.include.length === 0 && (
          <span className="text-muted block text-[13px]">Everyone in this section</span>
        )}
        {audience.include.length > 0 && (
          <span className="mt-1 block">
            <PartChips slug={slug} label="Included" parts={audience.include} lost={[]} />
          </span>
        )}
      </dd>
      {audience.exclude.length > 0 && (
        <>
          <dt>Not to</dt>
          <dd>
            <PartChips slug={slug} label="Left out" parts={audience.exclude} lost={[]} />
          </dd>
        </>
      )}
      {cost && (
        <>
          <dt>Parts</dt>
          <dd>{cost.inWords}: providers are paid by them</dd>
        </>
      )}
    </>
  );
}

/** An A/B test sends to some first. */
function testInWords(ab: AbTest, people: number): string {
  const { rest } = partsOf(ab, people);
  if (rest === 0) return 'All of them now, each one of the variants.';
  const after = ab.hours === 1 ? 'an hour' : `${ab.hours} hours`;
  const winner = ab.decides === 'clicks' ? 'the one that more people clicked' : 'the one that somebody chooses';
  return `${inWords(people - rest)} first, each one of the variants. ${inWords(rest)} about ${after} later: ${winner}.`;
}
