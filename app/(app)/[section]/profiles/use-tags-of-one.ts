'use client';
// Tags of one person from the list: an ordinary change by hand, with undo in the message.
import { answerOf } from '@/components/ui/answer-of';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { ProfileId, TagId } from '@/lib/db/ids';
import { listed } from '@/lib/attributes/comparison-words';
import type { NewTag } from '@/lib/tags/schema';
import { changeProfileTagsAction } from './actions';
import type { BulkWork, BulkWorkProps } from './use-bulk-work';

export type Person = { id: ProfileId; name: string };

/** `detail`: a second line of the message. */
export type TagsOfOne = {
  apply: ReadonlyMap<TagId, string>;
  remove: ReadonlyMap<TagId, string>;
  create: readonly NewTag[];
  detail?: string;
};

/** `change` is for the person; the rest as of a bulk operation, which is never left running. */
export function useTagsOfOne({ section, onStarted, onChanged, onClose }: BulkWorkProps): Omit<BulkWork, 'start'> & {
  change: (person: Person, tags: TagsOfOne) => Promise<void>;
} {
  const toast = useToast();
  const { refusal, pending, send } = useSubmission();

  async function change({ id, name }: Person, { apply, remove, create, detail }: TagsOfOne) {
    const of = { sectionId: section.id, profileId: id };
    const result = await send(changeProfileTagsAction, {
      ...of,
      apply: [...apply.keys()],
      remove: [...remove.keys()],
      create,
    });
    if (!result.ok) return;
    const { changed } = result.value;
    const applied = changed.apply.map((tagId) => apply.get(tagId)).filter((known) => known !== undefined);
    const fresh = changed.apply.length > applied.length ? create.map((tag) => tag.name) : [];
    const removed = changed.remove.map((tagId) => remove.get(tagId)!);
    const undo = async () => {
      const back = await answerOf(
        changeProfileTagsAction({ ...of, apply: changed.remove, remove: changed.apply, undo: true }),
      );
      if (!back.ok) return toast(back.refusal.message, { tone: 'danger' });
      onChanged();
    };
    const words = changeInWords([...applied, ...fresh], removed, name);
    toast(words ?? `Nothing needed to change for ${name}`, {
      detail: removed.length > 0 ? detail : undefined,
      ...(words && { action: { label: 'Undo', run: () => void undo() } }),
    });
    onChanged();
    onStarted?.();
    onClose();
  }

  return { refusal, pending, change, close: onClose, running: null };
}

/** '“VIP” applied to Mikko Möller', '“VIP” and “Lead” applied to Mikko Möller, “Partner” removed'. */
function changeInWords(applied: readonly string[], removed: readonly string[], person: string): string | null {
  const names = (tags: readonly string[]) =>
    listed(
      tags.map((tag) => `“${tag}”`),
      'and',
    );
  if (applied.length > 0) {
    return `${names(applied)} applied to ${person}${removed.length > 0 ? `, ${names(removed)} removed` : ''}`;
  }
  return removed.length > 0 ? `${names(removed)} removed from ${person}` : null;
}
