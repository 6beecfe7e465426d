'use client';
// The list that somebody came from to a profile: kept for this tab, so that the profile leads to its neighbours and back.
import { useEffect, useSyncExternalStore } from 'react';
import { z } from 'zod';
import type { ProfileId } from '@/lib/db/ids';

/** `path`: the list's own address, with its filters. `ids`: the profiles of its page, in their order. */
const ListSchema = z.object({ path: z.string().startsWith('/'), ids: z.array(z.number()) });
export type RememberedList = z.output<typeof ListSchema>;

const keyOf = (slug: string) => `tagwell-list:${slug}`;

/** Remembers the list that is shown. */
export function useRememberList(slug: string, ids: readonly ProfileId[]): void {
  const shown = ids.join();
  useEffect(() => {
    const list: RememberedList = { path: location.pathname + location.search, ids: shown.split(',').map(Number) };
    try {
      sessionStorage.setItem(keyOf(slug), JSON.stringify(list));
    } catch {
      // Session storage is unavailable: a profile then leads to all profiles.
    }
  }, [slug, shown]);
}

function stored(slug: string): string | null {
  try {
    return sessionStorage.getItem(keyOf(slug));
  } catch {
    return null;
  }
}

const never = () => () => undefined;

/** The list last shown in this tab, if the profile is on it. */
export function useRememberedList(slug: string, id: ProfileId): RememberedList | null {
  const text = useSyncExternalStore(
    never,
    () => stored(slug),
    () => null,
  );
  if (text === null) return null;
  const list = readList(text);
  return list?.ids.includes(id) ? list : null;
}

function readList(text: string): RememberedList | null {
  try {
    return ListSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
