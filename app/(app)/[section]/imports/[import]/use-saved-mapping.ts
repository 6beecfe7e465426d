'use client';
// Autosaves the wizard's choices, so that a person can leave and come back.
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { answerOf } from '@/components/ui/answer-of';
import { withDeadline } from '@/components/ui/with-deadline';
import { useLeaveGuard } from '@/components/ui/use-leave-guard';
import type { Result } from '@/lib/access/refusal';
import type { ImportId, SectionId } from '@/lib/db/ids';
import type { Mapping } from '@/lib/imports/schema';
import { saveMappingAction } from '../actions';

const SAVE_AFTER_MS = 600;

export type SavedMapping = {
  state: 'saved' | 'waiting' | 'saving' | 'refused';
  /** Why the current choices could not be saved. */
  message: string | null;
  /** Saves immediately. */
  save: () => Promise<Result<unknown>>;
};

/** `initial`: the choices that the server has or would default to. Choices count as saved only when the server has confirmed it. */
export function useSavedMapping(
  sectionId: SectionId,
  importId: ImportId,
  mapping: Mapping,
  initial: Mapping,
): SavedMapping {
  const current = JSON.stringify(mapping);
  const [saved, setSaved] = useState(() => JSON.stringify(initial));
  const [refused, setRefused] = useState<{ choices: string; message: string } | null>(null);
  const [saving, setSaving] = useState(false);
  const unsaved = useRef<string | null>(null);
  const isSaved = saved === current;
  const isRefused = refused?.choices === current;

  async function save() {
    setSaving(true);
    const result = await answerOf(withDeadline(sendMapping(sectionId, importId, current)));
    setSaving(false);
    if (result.ok) setSaved(current);
    setRefused(result.ok ? null : { choices: current, message: result.refusal.message });
    return result;
  }

  const saveNow = useEffectEvent(() => void save());
  useEffect(() => {
    unsaved.current = isSaved ? null : current;
    if (isSaved || isRefused || saving) return undefined;
    const timer = setTimeout(() => saveNow(), SAVE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [current, isSaved, isRefused, saving]);
  useEffect(() => {
    const here = window.location.pathname;
    return () => {
      // The person left before the delay was over. If only the file's format changes, the choices do not apply to it.
      if (unsaved.current === null || window.location.pathname === here) return;
      void answerOf(sendMapping(sectionId, importId, unsaved.current));
    };
  }, [sectionId, importId]);
  useLeaveGuard(!isSaved);

  const state = isSaved ? 'saved' : saving ? 'saving' : isRefused ? 'refused' : 'waiting';
  return { state, message: isRefused ? refused.message : null, save };
}

const sendMapping = (sectionId: SectionId, importId: ImportId, choices: string) =>
  saveMappingAction({ sectionId, importId, mapping: JSON.parse(choices) as Mapping });
