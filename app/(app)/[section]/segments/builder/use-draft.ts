'use client';
// The draft with its history, kept in the browser as one edits: a reload, or a closed tab, loses nothing.
import { useEffect, useReducer, useRef } from 'react';
import { z } from 'zod';
import type { Draft } from './draft';
import { completePart } from './draft';
import { beginWith, reduceHistory, type History } from './draft-history';

/** Raised whenever a draft's shape changes: older ones are not read. */
const VERSION = 1;
/** As many steps back as are kept over a reload. */
const STEPS_KEPT = 20;

const KeptSchema = z.object({
  version: z.literal(VERSION),
  /** The saved segment that it began from; null for a new one. */
  base: z.string().nullable(),
  past: z.array(z.custom<Draft>()),
  present: z.custom<Draft>(isDraft),
});

/** What is kept was written by this code; the check is that it can still be read. */
function isDraft(value: unknown): boolean {
  try {
    const draft = value as Draft;
    completePart(draft.root);
    return typeof draft.name === 'string' && typeof draft.timeZone === 'string';
  } catch {
    return false;
  }
}

function readKept(place: string): z.output<typeof KeptSchema> | undefined {
  try {
    return KeptSchema.safeParse(JSON.parse(localStorage.getItem(place) ?? 'null')).data;
  } catch {
    return undefined;
  }
}

/** Forgets what was kept. */
export function forgetDraft(place: string): void {
  localStorage.removeItem(place);
}

/**
 * `place`: where it is kept. `base`: what it began from, such as the time of the segment's last change: a draft that began
 * from another state is still taken up, and `outdated` says so. `restored`: it was there already.
 */
export function useDraft(place: string, base: string | null, saved: () => Draft) {
  const kept = useRef<z.output<typeof KeptSchema> | null | undefined>(undefined);
  if (kept.current === undefined) kept.current = readKept(place) ?? null;
  const [history, dispatch] = useReducer(reduceHistory, undefined, (): History => {
    const found = kept.current;
    return found ? { ...beginWith(found.present), past: found.past } : beginWith(saved());
  });
  const { past, present } = history;
  const dirty = past.length > 0;
  useEffect(() => {
    if (!dirty) return forgetDraft(place);
    const value = { version: VERSION, base: kept.current?.base ?? base, past: past.slice(-STEPS_KEPT), present };
    try {
      localStorage.setItem(place, JSON.stringify(value));
    } catch {
      // The browser's room is used up: editing goes on, only a reload would lose it.
    }
  }, [place, base, dirty, past, present]);
  return {
    draft: present,
    dispatch,
    dirty,
    canUndo: past.length > 0,
    canRedo: history.future.length > 0,
    restored: kept.current !== null,
    outdated: kept.current !== null && kept.current.base !== base,
    startOver: () => {
      kept.current = null;
      dispatch({ type: 'reset', draft: saved() });
    },
  };
}
