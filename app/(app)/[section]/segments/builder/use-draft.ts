'use client';
// The draft with its history, kept in the browser as one edits: a reload, or a closed tab, loses nothing.
import { useEffect, useMemo, useReducer, useRef, useState } from 'react';
import { z } from 'zod';
import { completePart, saysTheSame, type Draft } from './draft';
import { beginWith, reduceHistory, type History } from './draft-history';

/** Raised whenever a draft's shape changes: older ones are not read. */
const VERSION = 2;
/** As many steps back as are kept over a reload. */
const STEPS_KEPT = 20;

const KeptSchema = z.object({
  version: z.literal(VERSION),
  past: z.array(z.custom<Draft>()),
  present: z.custom<Draft>(isDraft),
});
type Kept = z.output<typeof KeptSchema>;

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

function readKept(place: string): Kept | null {
  try {
    return KeptSchema.safeParse(JSON.parse(localStorage.getItem(place) ?? 'null')).data ?? null;
  } catch {
    return null;
  }
}

function keep(place: string, { past, present }: History): void {
  const kept: Kept = { version: VERSION, past: past.slice(-STEPS_KEPT), present };
  try {
    localStorage.setItem(place, JSON.stringify(kept));
  } catch {
    // The browser's room is used up: editing goes on, only a reload would lose it.
  }
}

/**
 * `place`: where it is kept. `beginning`: what a draft there begins with. `restored`: there was one already. `dirty`: it says
 * something else than the beginning. `elsewhere`: another tab writes at the same place; what is written here is not kept then.
 */
export function useDraft(place: string, beginning: Draft) {
  const [kept] = useState(() => readKept(place));
  const [history, dispatch] = useReducer(reduceHistory, kept, (found): History =>
    found ? { ...beginWith(found.present), past: found.past } : beginWith(beginning),
  );
  const [elsewhere, setElsewhere] = useState(false);
  const saved = useRef(false);
  const dirty = useMemo(() => !saysTheSame(history.present, beginning), [history.present, beginning]);
  useEffect(() => {
    const listen = (event: StorageEvent) => event.key === place && setElsewhere(event.newValue !== null);
    window.addEventListener('storage', listen);
    return () => window.removeEventListener('storage', listen);
  }, [place]);
  useEffect(() => {
    if (elsewhere || saved.current) return;
    if (dirty) keep(place, history);
    else localStorage.removeItem(place);
  }, [place, elsewhere, dirty, history]);
  return {
    draft: history.present,
    dispatch,
    dirty,
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    restored: kept !== null,
    elsewhere,
    /** It is saved: nothing is kept from now on. */
    forget: () => {
      saved.current = true;
      if (!elsewhere) localStorage.removeItem(place);
    },
  };
}
