'use client';
// Which operations this tab shows in place, in a dialog or on a page. Their end needs no announcement.
import { useEffect } from 'react';
import { useCheckWork } from './use-background-work';

/** How many places show each operation that has not ended. */
const watching = new Map<string, number>();
/** Operations whose end was shown. */
const endShown = new Set<string>();

/** Identifies an operation, also for toasts about it. */
export const operationKey = (slug: string, operationId: number) => `${slug} ${operationId}`;

/** Registers that the operation is shown for as long as the caller is mounted. Also checks what runs at its start and end. */
export function useShownHere(slug: string, operationId: number | null, ended: boolean): void {
  const check = useCheckWork(slug);
  useEffect(() => {
    if (operationId === null) return undefined;
    check();
    const key = operationKey(slug, operationId);
    if (ended) {
      endShown.add(key);
      return undefined;
    }
    // A retry makes it run again.
    endShown.delete(key);
    watching.set(key, (watching.get(key) ?? 0) + 1);
    return () => {
      const left = (watching.get(key) ?? 1) - 1;
      if (left > 0) watching.set(key, left);
      else watching.delete(key);
    };
  }, [slug, operationId, ended, check]);
}

/** Whether the operation's end will be shown in place. */
export const willShowEnd = (slug: string, operationId: number): boolean =>
  watching.has(operationKey(slug, operationId));

/** Whether the operation's end was shown in place. */
export const hasShownEnd = (slug: string, operationId: number): boolean =>
  endShown.has(operationKey(slug, operationId));
