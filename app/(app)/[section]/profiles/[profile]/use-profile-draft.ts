'use client';
// Unsaved input of the edit dialog: kept for this tab, so that a reload loses nothing.
import { useState } from 'react';
import { z } from 'zod';
import type { ProfileId, SectionId } from '@/lib/db/ids';

/** By field (`key:1`, `city`): the text, and the profile's value when it was typed. */
const DraftSchema = z.record(z.string(), z.object({ text: z.string(), base: z.string() }));
type Draft = z.output<typeof DraftSchema>;

function readStored(storageKey: string): Draft {
  try {
    return DraftSchema.safeParse(JSON.parse(sessionStorage.getItem(storageKey) ?? '{}')).data ?? {};
  } catch {
    return {};
  }
}

function store(storageKey: string, draft: Draft): void {
  try {
    if (Object.keys(draft).length > 0) sessionStorage.setItem(storageKey, JSON.stringify(draft));
    else sessionStorage.removeItem(storageKey);
  } catch {
    // Session storage is unavailable: editing works, and only a reload would lose the text.
  }
}

/** `restored`: the draft is from before a reload. It contains only changed fields. */
export function useProfileDraft(sectionId: SectionId, profileId: ProfileId) {
  const storageKey = `tagwell-profile-edit:${sectionId}:${profileId}`;
  const [draft, setDraft] = useState(() => readStored(storageKey));
  const [restored, setRestored] = useState(() => Object.keys(draft).length > 0);
  const change = (next: Draft) => {
    store(storageKey, next);
    setDraft(next);
  };
  return {
    draft,
    restored,
    /** `current`: the profile's present value. */
    type: (field: string, text: string, current: string) => {
      const base = draft[field]?.base ?? current;
      const { [field]: _before, ...others } = draft;
      change(text === base ? others : { ...others, [field]: { text, base } });
    },
    forget: () => {
      setRestored(false);
      change({});
    },
  };
}
