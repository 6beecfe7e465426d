'use client';
// What runs in the background of the section, read every few seconds while this tab is visible.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { getJson } from '@/components/ui/json';
import type { BackgroundWork } from '@/lib/activity/schema';

const WORK = 'background-work';
const BUSY_MS = 2_000;
const QUIET_MS = 20_000;

const optionsFor = (slug: string) => ({
  queryKey: [WORK, slug],
  queryFn: () => getJson<BackgroundWork>(`/data/${slug}/operations/background`),
  // A refresh of what the page shows leaves it out.
  meta: { background: true },
});

/** Reads it again and again; `at`: when it was last read. Used once in a page; the others use `useBackgroundWork`. */
export function usePolledWork(slug: string): { work: BackgroundWork | undefined; at: number } {
  const { data, dataUpdatedAt } = useQuery({
    ...optionsFor(slug),
    refetchInterval: ({ state: { data: work } }) =>
      work && work.running.length + work.ended.length > 0 ? BUSY_MS : QUIET_MS,
    refetchOnWindowFocus: 'always',
    retry: false,
  });
  return { work: data, at: dataUpdatedAt };
}

/** What was last read; undefined before that. */
export function useBackgroundWork(slug: string): BackgroundWork | undefined {
  return useQuery({ ...optionsFor(slug), enabled: false }).data;
}

/** Reads it now: for what has just started or stopped work. */
export function useCheckWork(slug: string): () => void {
  const client = useQueryClient();
  return useCallback(() => void client.invalidateQueries({ queryKey: [WORK, slug] }), [client, slug]);
}
