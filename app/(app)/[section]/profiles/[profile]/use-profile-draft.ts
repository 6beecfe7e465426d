'use client';
// What was typed about a profile and not saved yet, in the edit dialog or in a row of the attributes: kept for this tab, so that
// neither Escape nor a reload loses it.
import { useState, useSyncExternalStore } from 'react';
import { z } from 'zod';
import type { ProfileId, SectionId } from '@/lib/db/ids';

/** By field (`key:1`, `city`): the text, and the profile's value when it was typed. */
const DraftSchema = z.record(z.string(), z.object({ text: z.string(), base: z.string() }));
export type Draft = z.output<typeof DraftSchema>;

const NONE: Draft = {};
const drafts = new Map<string, Draft>();
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function draftOf(storageKey: string): Draft {
  const known = drafts.get(storageKey);
  if (known) return known;
  const stored = readStored(storageKey);
  drafts.set(storageKey, stored);
  return stored;
}

function readStored(storageKey: string): Draft {
  try {
    return DraftSchema.safeParse(JSON.parse(sessionStorage.getItem(storageKey) ?? '{}')).data ?? NONE;
  } catch {
    return NONE;
  }
}

function keep(storageKey: string, draft: Draft): void {
  drafts.set(storageKey, draft);
  try {
    if (Object.keys(draft).length > 0) sessionStorage.setItem(storageKey, JSON.stringify(draft));
    else sessionStorage.removeItem(storageKey);
  } catch {
    // Session storage is unavailable: editing works, and only a reload would lose the text.
  }
  for (const listener of listeners) listener();
}

export type ProfileDraft = {
  /** The changed fields alone. */
  draft: Draft;
  /** `current`: the profile's present value. */
  type: (field: string, text: string, current: string) => void;
  /** Drops one field, or all of them. */
  forget: (field?: string) => void;
};

/** The draft of a profile, shared by all that show it. */
export function useProfileDraft(sectionId: SectionId, profileId: ProfileId): ProfileDraft {
  const storageKey = `tagwell-profile-edit:${sectionId}:${profileId}`;
  const draft = useSyncExternalStore(
    subscribe,
    () => draftOf(storageKey),
    () => NONE,
  );
  return {
    draft,
    type: (field, text, current) => {
      const now = draftOf(storageKey);
      const base = now[field]?.base ?? current;
      const { [field]: _before, ...others } = now;
      keep(storageKey, text === base ? others : { ...others, [field]: { text, base } });
    },
    forget: (field) => {
      if (field === undefined) return keep(storageKey, NONE);
      const { [field]: _dropped, ...others } = draftOf(storageKey);
      keep(storageKey, others);
    },
  };
}

/** Whether there was a draft when this was first shown, until `seen` is called. */
export function useRestored(draft: Draft): [restored: boolean, seen: () => void] {
  const [restored, setRestored] = useState(() => Object.keys(draft).length > 0);
  return [restored, () => setRestored(false)];
}
