'use client';
// The draft with its history, saved in the browser during editing: a reload or a closed tab loses nothing.
import { useEffect, useMemo, useReducer, useRef, useState } from 'react';
import { z } from 'zod';
import { startHistory, reduceHistory, type History } from '@/components/ui/edit-history';
import { completePart, isSameDraft, type Draft } from '@/components/segments/draft';

/** Increase it when a draft's shape changes: older drafts are then ignored. */
const VERSION = 2;
/** Undo steps that survive a reload. */
const STEPS_KEPT = 20;

const StoredSchema = z.object({
  version: z.literal(VERSION),
  past: z.array(z.custom<Draft>()),
  present: z.custom<Draft>(isDraft),
});
type StoredDraft = z.output<typeof StoredSchema>;

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

function readStored(storageKey: string): StoredDraft | null {
  try {
    return StoredSchema.safeParse(JSON.parse(localStorage.getItem(storageKey) ?? 'null')).data ?? null;
  } catch {
    return null;
  }
}

function store(storageKey: string, { past, present }: History<Draft>): void {
  const kept: StoredDraft = { version: VERSION, past: past.slice(-STEPS_KEPT), present };
  try {
    localStorage.setItem(storageKey, JSON.stringify(kept));
  } catch {
    // The storage quota is used up: editing continues, and only a reload would lose the draft.
  }
}

/**
 * `place`: the storage key. `beginning`: the initial draft. `restored`: a stored draft was found. `dirty`: the content differs from
 * the initial draft. `elsewhere`: another tab edits the same draft, so this one is not stored.
 */
export function useDraft(storageKey: string, initial: Draft) {
  const [kept] = useState(() => readStored(storageKey));
  const [history, dispatch] = useReducer(reduceHistory<Draft>, kept, (found): History<Draft> =>
    found ? { ...startHistory(found.present), past: found.past } : startHistory(initial),
  );
  const [editedElsewhere, setEditedElsewhere] = useState(false);
  const saved = useRef(false);
  const dirty = useMemo(() => !isSameDraft(history.present, initial), [history.present, initial]);
  useEffect(() => {
    const listen = (event: StorageEvent) => event.key === storageKey && setEditedElsewhere(event.newValue !== null);
    window.addEventListener('storage', listen);
    return () => window.removeEventListener('storage', listen);
  }, [storageKey]);
  useEffect(() => {
    if (editedElsewhere || saved.current) return;
    if (dirty) store(storageKey, history);
    else localStorage.removeItem(storageKey);
  }, [storageKey, editedElsewhere, dirty, history]);
  return {
    draft: history.present,
    dispatch,
    dirty,
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    restored: kept !== null,
    editedElsewhere,
    /** After saving: removes the stored draft and stores no more. */
    forget: () => {
      saved.current = true;
      if (!editedElsewhere) localStorage.removeItem(storageKey);
    },
  };
}
