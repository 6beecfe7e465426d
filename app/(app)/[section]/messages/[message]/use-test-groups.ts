'use client';
// The section's test groups, read when somebody is about to send a test.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getJson } from '@/components/ui/json';
import type { TestGroup } from '@/lib/messages/test-groups-schema';

const keyOf = (slug: string) => ['test-groups', slug];

export function useTestGroups(slug: string) {
  const client = useQueryClient();
  const groups = useQuery({
    queryKey: keyOf(slug),
    queryFn: ({ signal }) => getJson<TestGroup[]>(`/data/${slug}/messages/test-groups`, signal),
  });
  return { ...groups, readAgain: () => client.invalidateQueries({ queryKey: keyOf(slug) }) };
}
