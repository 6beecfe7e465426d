'use client';
// The live count of an audience, some of its people, and what can be chosen. Outdated counts are cancelled in the
// database.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getJson, postJson } from '@/components/ui/json';
import { useDebounced } from '@/components/ui/use-debounced';
import type { AudienceAnswer, AudienceChoices } from '@/lib/audience/reads';
import { isChosen, type Audience, type AudienceReason } from '@/lib/audience/schema';
import type { Channel } from '@/lib/consents/schema';
import type { MessageId, ProfileId, TopicId } from '@/lib/db/ids';
import type { MessageKind } from '@/lib/suppression/may-receive';

const FRESH_MS = 15_000;

/** What the message is, as far as it decides who gets it. `exceptRecipientsOf`: everyone who got this one before is left out. `failedOf`: only those for whom this one failed. */
export type AboutMessage = {
  channel: Channel;
  kind: MessageKind;
  topicIds: readonly TopicId[];
  exceptRecipientsOf?: MessageId;
  failedOf?: MessageId;
};

/** Who gets a message, as it is chosen now. */
export type Among = { audience: Audience; about: AboutMessage };

type Wanted = { slug: string; audience: Audience; about: AboutMessage };

/** How many people get it, and why others do not. */
export function useAudienceCounts({ slug, audience, about }: Wanted) {
  const now = JSON.stringify({ audience, ...about });
  const text = useDebounced(now);
  const answer = useQuery({
    queryKey: ['audience', slug, text],
    queryFn: ({ signal }) =>
      postJson<AudienceAnswer>(`/data/${slug}/messages/audience`, JSON.parse(text), { signal, urgent: true }),
    enabled: isChosen(audience, about.kind),
    staleTime: FRESH_MS,
    retry: false,
    placeholderData: keepPreviousData,
  });
  return { ...answer, isOutdated: now !== text || answer.isPlaceholderData };
}

/** How many of those who were chosen are left out again; undefined while that is not known. */
export function useLeftOut(slug: string, audience: Audience): number | undefined {
  const text = useDebounced(JSON.stringify({ audience }));
  const { data } = useQuery({
    queryKey: ['audience-left-out', slug, text],
    queryFn: ({ signal }) =>
      postJson<{ people: number }>(`/data/${slug}/messages/audience/left-out`, JSON.parse(text), { signal }),
    enabled: audience.exclude.length > 0,
    staleTime: FRESH_MS,
    retry: false,
    placeholderData: keepPreviousData,
  });
  return data?.people;
}

/** Ten of those with a reason. */
export function useAudienceSample({ slug, audience, about, reason }: Wanted & { reason: AudienceReason }) {
  const text = useDebounced(JSON.stringify({ audience, ...about, reason }));
  return useQuery({
    queryKey: ['audience-sample', slug, text],
    queryFn: ({ signal }) =>
      postJson<{ people: { id: ProfileId; name: string }[] }>(
        `/data/${slug}/messages/audience/sample`,
        JSON.parse(text),
        { signal },
      ),
    staleTime: FRESH_MS,
    retry: false,
    placeholderData: keepPreviousData,
  });
}

/** The section's segments by name, and the messages that have gone out. */
export const useAudienceChoices = (slug: string) =>
  useQuery({
    queryKey: ['audience-choices', slug],
    queryFn: ({ signal }) => getJson<AudienceChoices>(`/data/${slug}/messages/audience`, signal),
    staleTime: FRESH_MS,
  });
