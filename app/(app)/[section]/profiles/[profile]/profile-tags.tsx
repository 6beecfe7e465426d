'use client';
// The profile's tags as chips, and the picker behind `t`. The toast after each change offers undo.
import { useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useOptimistic, useState, useTransition } from 'react';
import { Button as AriaButton, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { TagChip } from '@/components/tags/tag-chip';
import { TagPicker } from '@/components/tags/tag-picker';
import { answerOf } from '@/components/ui/answer-of';
import { buttonClass } from '@/components/ui/button-class';
import { cardClass, Kbd } from '@/components/ui/display';
import { useHotkeys } from '@/components/ui/hotkeys';
import { popoverClass } from '@/components/ui/popover-class';
import { useToast } from '@/components/ui/toasts';
import type { SectionId } from '@/lib/db/ids';
import type { HeldTag, ProfileDetails } from '@/lib/profiles/schema';
import type { TagLabel } from '@/lib/tags/schema';
import { changeProfileTagsAction } from '../actions';

type Change = { tag: TagLabel; apply: boolean };

const fresh = (tag: Change['tag']): HeldTag => ({
  ...tag,
  description: '',
  since: null,
  source: null,
  by: null,
  through: null,
  operationId: null,
});

export function ProfileTags({
  section,
  profile,
}: {
  section: { id: SectionId; slug: string };
  profile: ProfileDetails;
}) {
  const router = useRouter();
  const toast = useToast();
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [, startTransition] = useTransition();
  const [tags, expect] = useOptimistic(profile.tags, (now: HeldTag[], { tag, apply }: Change) =>
    apply ? [...now.filter(({ id }) => id !== tag.id), fresh(tag)] : now.filter(({ id }) => id !== tag.id),
  );
  useHotkeys({ t: () => setOpen(true) });

  function change({ tag, apply }: Change, isUndo = false) {
    startTransition(async () => {
      expect({ tag, apply });
      const result = await answerOf(
        changeProfileTagsAction({
          sectionId: section.id,
          profileId: profile.id,
          apply: apply ? [tag.id] : [],
          remove: apply ? [] : [tag.id],
        }),
      );
      await client.invalidateQueries({ queryKey: ['timeline', section.slug, profile.id] });
      void client.invalidateQueries({ queryKey: ['tags', section.slug] });
      router.refresh();
      if (!result.ok) return toast(result.refusal.message, { tone: 'danger' });
      if (isUndo || result.value.applied + result.value.removed === 0) return;
      toast(`“${tag.name}” ${apply ? 'applied' : 'removed'}`, {
        action: { label: 'Undo', run: () => change({ tag, apply: !apply }, true) },
      });
    });
  }

  return (
    <section className={`${cardClass} p-4`} aria-labelledby="tags">
      <div className="mb-2 flex items-center justify-between gap-2">
        <h2 id="tags" className="font-semibold">
          Tags
        </h2>
        <DialogTrigger isOpen={open} onOpenChange={setOpen}>
          <AriaButton className={buttonClass({ size: 'small' })}>
            <Plus aria-hidden className="size-3.5" /> Add or remove <Kbd>t</Kbd>
          </AriaButton>
          <Popover placement="bottom end" className={`${popoverClass} w-80 max-w-[90vw]`}>
            <Dialog aria-label="Tags of this profile" className="outline-none">
              <TagPicker
                slug={section.slug}
                label="Tags of this profile"
                autoFocus
                selection={new Map(tags.map(({ id }) => [id, 'all' as const]))}
                onToggle={(tag, apply) => change({ tag, apply })}
              />
            </Dialog>
          </Popover>
        </DialogTrigger>
      </div>
      {tags.length === 0 ? (
        <p className="text-muted">No tags yet. Press t to add one.</p>
      ) : (
        <ul className="flex flex-wrap gap-1.5" aria-label="Tags on this profile">
          {tags.map((tag) => (
            <li key={tag.id} className="max-w-full">
              <TagChip tag={tag} onRemove={() => change({ tag, apply: false })} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
