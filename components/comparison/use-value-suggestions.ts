'use client';
import { useQuery } from '@tanstack/react-query';
import { getJson } from '@/components/ui/json';
import type { AttributeId } from '@/lib/db/ids';

/** Frequent values of a text attribute, once `enabled`. Empty until they have come: typing does not wait for them. */
export function useValueSuggestions(slug: string, attributeId: AttributeId | undefined, enabled: boolean): string[] {
  const { data } = useQuery({
    queryKey: ['value-suggestions', slug, attributeId],
    queryFn: () => getJson<string[]>(`/data/${slug}/attributes/values?attribute=${attributeId}`),
    enabled: enabled && attributeId !== undefined,
    staleTime: 60_000,
  });
  return data ?? [];
}
