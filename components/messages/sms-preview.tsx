'use client';
// The text as somebody would get it, as a phone shows it: filled by what sends messages.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { PersonSteps } from '@/components/messages/person-steps';
import type { Among } from '@/components/messages/use-audience';
import { ProfileFinder, type FoundProfile } from '@/components/profiles/profile-finder';
import { Button } from '@/components/ui/button';
import { Banner } from '@/components/ui/display';
import { postJson } from '@/components/ui/json';
import { useDebounced } from '@/components/ui/use-debounced';
import type { SmsPreview as Preview } from '@/lib/messages/preview-sms';
import type { MessageSettings } from '@/lib/messages/schema';
import { attributesOfSms, type SmsText } from '@/lib/messages/sms-pieces';

/** `from`: what it says it is from; null: there is no sender yet. `among`: who gets it, to look at some of them one after the other. */
type Props = { slug: string; text: SmsText; settings: MessageSettings; from: string | null; among?: Among };

export function SmsPreview({ slug, text, settings, from, among }: Props) {
  const [person, setPerson] = useState<FoundProfile | null>(null);
  const [isChoosing, setChoosing] = useState(false);
  const asked = useDebounced(JSON.stringify({ text, settings, profileId: person?.id ?? null }));
  const { data, error } = useQuery({
    queryKey: ['sms-preview', slug, asked],
    queryFn: ({ signal }) => postJson<Preview>(`/data/${slug}/messages/preview-sms`, JSON.parse(asked), { signal }),
    placeholderData: (before) => before,
  });
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <span className="text-muted min-w-0 truncate text-[13px]">
          {person ? (
            <>
              As <bdi>{person.name}</bdi>
            </>
          ) : (
            'As somebody of whom nothing is known'
          )}
        </span>
        <Button size="small" onPress={() => setChoosing(!isChoosing)}>
          {isChoosing ? 'Close' : 'As somebody'}
        </Button>
        {person && (
          <Button size="small" variant="quiet" onPress={() => setPerson(null)}>
            Nobody
          </Button>
        )}
      </div>
      {among && (
        <PersonSteps
          slug={slug}
          attributeIds={attributesOfSms(text)}
          among={among}
          person={person}
          onChoose={setPerson}
        />
      )}
      {isChoosing && (
        <ProfileFinder
          slug={slug}
          label="As whom"
          onChoose={(profile) => {
            setPerson(profile);
            setChoosing(false);
          }}
        />
      )}
      {error && <Banner tone="danger">The preview could not be made. {error.message}</Banner>}
      {data && <Bubble from={from} sms={data} />}
    </div>
  );
}

function Bubble({ from, sms: { text, isCounted, parts, units, encoding } }: { from: string | null; sms: Preview }) {
  return (
    <figure className="flex flex-col gap-1.5">
      {from !== null && (
        <figcaption className="text-muted text-center text-[13px]">
          <bdi>{from}</bdi>
        </figcaption>
      )}
      {text.trim() === '' ? (
        <p className="text-muted bg-sunken max-w-80 rounded-2xl rounded-bl-sm px-4 py-3">Nothing is written yet.</p>
      ) : (
        <>
          <p
            dir="auto"
            tabIndex={0}
            className="bg-sunken max-h-[60vh] max-w-80 overflow-y-auto rounded-2xl rounded-bl-sm px-4 py-3 wrap-anywhere whitespace-pre-wrap"
          >
            {text}
          </p>
          <p className="text-muted text-[13px] tabular-nums">
            {parts === 1 ? 'One part' : `${parts} parts`}, {units.toLocaleString('en-GB')} characters
            {encoding === 'ucs2' && ' in Unicode'}
            {isCounted && ', with its links as they are sent'}
          </p>
        </>
      )}
    </figure>
  );
}
