'use client';
// `g` and then a letter goes to a page.
import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import { isBusy } from '@/components/ui/hotkeys';
import { PAGES } from './places';

/** The letter has to come within this time after the `g`. */
const WITHIN_MS = 1_500;
const PATHS = new Map(PAGES.flatMap(({ key, path }) => (key === undefined ? [] : [[key, path] as const])));

export function useGoKeys(slug: string): void {
  const router = useRouter();
  useEffect(() => {
    let pressedAt = Number.NEGATIVE_INFINITY;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isBusy(event.target)) return;
      const path = event.timeStamp - pressedAt <= WITHIN_MS ? PATHS.get(event.key) : undefined;
      pressedAt = event.key === 'g' ? event.timeStamp : Number.NEGATIVE_INFINITY;
      if (path === undefined) return;
      // The letter means something else by itself.
      event.preventDefault();
      event.stopPropagation();
      router.push(`/${slug}${path}`);
    };
    document.addEventListener('keydown', onKeyDown, true);
    return () => document.removeEventListener('keydown', onKeyDown, true);
  }, [router, slug]);
}
