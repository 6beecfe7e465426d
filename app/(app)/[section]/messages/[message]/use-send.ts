'use client';
// A send, read again while it goes out.
import { useQuery } from '@tanstack/react-query';
import { getJson } from '@/components/ui/json';
import type { SendView } from '@/lib/messages/sends';
import type { InJson } from '@/components/ui/in-json';

export type ShownSend = InJson<SendView>;

const FAST_MS = 1_000;
const SLOW_MS = 5_000;

export const hasEnded = ({ status }: Pick<ShownSend, 'status'>): boolean =>
  status === 'done' || status === 'cancelled' || status === 'nobody' || status === 'returned';

/** `initial`: as the server rendered it. */
export function useSend(slug: string, initial: ShownSend) {
  const found = useQuery({
    queryKey: ['send', slug, initial.id],
    queryFn: ({ signal }) => getJson<ShownSend>(`/data/${slug}/messages/sends/${initial.id}`, signal),
    initialData: initial,
    refetchInterval: ({ state }) => {
      const send = state.data ?? initial;
      if (hasEnded(send)) return false;
      const isClose = send.status === 'scheduled' && Date.parse(send.startsAt) < Date.now() + 10_000;
      return send.status === 'preparing' || send.status === 'sending' || isClose ? FAST_MS : SLOW_MS;
    },
    retry: true,
  });
  return { send: found.data, error: found.error, refetch: found.refetch };
}
