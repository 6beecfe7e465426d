'use client';
// The draft with its history, saved in the browser during editing: a reload or a closed tab loses nothing.
import { useEffect, useMemo, useReducer, useRef, useState } from 'react';
import { z } from 'zod';
import { completePart, saysTheSame, type Draft } from './draft';
import { beginWith, reduceHistory, type History } from './draft-history';

/** Increase it when a draft's shape changes: older drafts are then ignored. */
const VERSION = 2;
/** Undo steps that survive a reload. */
const STEPS_KEPT = 20;

const KeptSchema = z.object({
  version: z.literal(VERSION),
  past: z.array(z.custom<Draft>()),
  present: z.custom<Draft>(isDraft),
});
type Kept = z.output<typeof KeptSchema>;

/** Stored drafts were written by this code; this only checks that they can still be read. */
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
    // The storage quota is used up: editing continues, and only a reload would lose the draft.
  }
}

/**
 * `place`: the storage key. `beginning`: the initial draft. `restored`: a stored draft was found. `dirty`: the content differs from
 * the initial draft. `elsewhere`: another tab edits the same draft, so this one is not stored.
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
    /** After saving: removes the stored draft and stores no more. */
    forget: () => {
      saved.current = true;
      if (!elsewhere) localStorage.removeItem(place);
    },
  };
}
