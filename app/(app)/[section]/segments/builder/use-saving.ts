'use client';
// Saves a draft: as the segment it started from, or as a new one.
import { useRouter } from 'next/navigation';
import { useRef, useState } from 'react';
import { answerOf } from '@/components/ui/answer-of';
import { useToast } from '@/components/ui/toasts';
import type { RefusalData } from '@/lib/access/refusal';
import type { SectionId, SegmentId } from '@/lib/db/ids';
import { RulesSchema, type Rules } from '@/lib/segments/schema';
import { createSegmentAction, updateSegmentAction } from '../actions';
import type { Draft } from '@/components/segments/draft';

/** A segment as it is saved. `changedAt`: ISO 8601. */
export type SavedSegment = { id: SegmentId; name: string; description: string; rules: Rules; changedAt: string };

type Input = {
  section: { id: SectionId; slug: string };
  saved: SavedSegment | null;
  draft: Draft;
  /** Null if something is incomplete. */
  complete: Rules | null;
  onSaved: () => void;
};

/** `conflict`: somebody has changed the segment since. Stays `pending` until the saved segment is shown. */
export function useSaving({ section, saved, draft, complete, onSaved }: Input) {
  const router = useRouter();
  const toast = useToast();
  const [pending, setPending] = useState(false);
  const request = useRef({ id: '', fingerprint: '' });
  const [refusal, setRefusal] = useState<RefusalData | null>(null);
  const nameError = refusal?.field === 'name' ? refusal.message : undefined;

  async function save(how?: 'as new') {
    setRefusal(null);
    if (!complete) return;
    const checked = RulesSchema.safeParse(complete);
    if (!checked.success) {
      return setRefusal({ code: 'invalid', message: checked.error.issues[0]?.message ?? 'The rules are not valid.' });
    }
    const { name, description } = draft;
    const input = { sectionId: section.id, name, description, rules: complete };
    // If no answer arrived, the save may have happened: repeating the same input uses the same id.
    const fingerprint = JSON.stringify([how, input]);
    if (request.current.fingerprint !== fingerprint) request.current = { id: crypto.randomUUID(), fingerprint };
    const { id: requestId } = request.current;
    setPending(true);
    const result =
      saved && how !== 'as new'
        ? await answerOf(updateSegmentAction({ ...input, segmentId: saved.id, seen: draft.base }, requestId))
        : await answerOf(createSegmentAction(input, requestId));
    if (!result.ok) {
      if (result.refusal.code !== 'unavailable') request.current = { id: '', fingerprint: '' };
      setPending(false);
      return setRefusal(result.refusal);
    }
    onSaved();
    toast(`“${name.trim()}” is saved`);
    const id = 'id' in result.value ? result.value.id : saved!.id;
    router.push(`/${section.slug}/segments/${id}`);
    router.refresh();
  }

  return {
    save,
    pending,
    nameError,
    message: nameError ? undefined : refusal?.message,
    conflict: refusal?.code === 'conflict',
  };
}
