'use client';
// The profile's tags as chips, by group, and the picker behind `t`. The toast after each change offers undo.
import { useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useEffect, useOptimistic, useRef, useState, useTransition } from 'react';
import { Button as AriaButton, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { TagPicker } from '@/components/tags/tag-picker';
import { answerOf, hasAnswered } from '@/components/ui/answer-of';
import { buttonClass } from '@/components/ui/button-class';
import { cardClass, Kbd } from '@/components/ui/display';
import { useHotkeys } from '@/components/ui/hotkeys';
import { popoverClass } from '@/components/ui/popover-class';
import { useToast } from '@/components/ui/toasts';
import type { SectionId, TagId } from '@/lib/db/ids';
import type { KeptOffTag } from '@/lib/integrations/kept-off';
import type { HeldTag, ProfileDetails } from '@/lib/profiles/schema';
import { keepsOffInWords, listsInWords } from '@/lib/tags/claim-words';
import type { TagLabel } from '@/lib/tags/schema';
import { changeProfileTagsAction } from '../actions';
import { KeptOffTags } from './kept-off-tags';
import { TagGroups } from './tag-groups';

/** `held`: the tag as it was on the profile before it was removed. */
type Change = { tag: TagLabel; group: string; apply: boolean; held?: HeldTag };

const fresh = ({ tag, group }: Change): HeldTag => ({
  ...tag,
  group,
  description: '',
  since: null,
  source: null,
  by: null,
  through: null,
  operationId: null,
  lists: [],
  alsoSet: null,
});

/** With a tag where the server will have it: by name. */
function placed(tags: readonly HeldTag[], tag: HeldTag): HeldTag[] {
  const next = tags.findIndex(({ name }) => name.localeCompare(tag.name, 'en', { sensitivity: 'base' }) > 0);
  return next < 0 ? [...tags, tag] : [...tags.slice(0, next), tag, ...tags.slice(next)];
}

export function ProfileTags({
  section,
  profile,
  keptOff,
}: {
  section: { id: SectionId; slug: string };
  profile: ProfileDetails;
  keptOff: readonly KeptOffTag[];
}) {
  const router = useRouter();
  const toast = useToast();
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [detailed, setDetailed] = useState(false);
  const [, startTransition] = useTransition();
  const [tags, expect] = useOptimistic(profile.tags, (now: HeldTag[], change: Change) => {
    const others = now.filter(({ id }) => id !== change.tag.id);
    return change.apply ? placed(others, change.held ?? fresh(change)) : others;
  });
  const card = useRef<HTMLElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  /** The chip that gets the focus once the one that had it has gone; null: the button that adds tags. */
  const focusNext = useRef<TagId | null | undefined>(undefined);
  useHotkeys({
    t: () => {
      // Where the focus returns to when the picker closes.
      opener.current?.focus();
      setOpen(true);
    },
  });

  useEffect(() => {
    const id = focusNext.current;
    if (id === undefined) return;
    focusNext.current = undefined;
    // Its name: at “Remove”, a second Enter would remove it too.
    const chip = id === null ? null : card.current?.querySelector<HTMLElement>(`[data-tag="${id}"] button`);
    (chip ?? opener.current)?.focus();
  }, [tags]);

  function change(wanted: Change, undo = false) {
    const { tag, apply } = wanted;
    startTransition(async () => {
      expect(wanted);
      const result = await answerOf(
        changeProfileTagsAction({
          sectionId: section.id,
          profileId: profile.id,
          apply: apply ? [tag.id] : [],
          remove: apply ? [] : [tag.id],
          undo,
        }),
      );
      if (hasAnswered(result)) {
        await client.invalidateQueries({ queryKey: ['timeline', section.slug, profile.id] });
        void client.invalidateQueries({ queryKey: ['tags', section.slug] });
        router.refresh();
      }
      if (!result.ok) return toast(result.refusal.message, { tone: 'danger' });
      if (undo || result.value.applied + result.value.removed === 0) return;
      const lists = (apply ? undefined : wanted.held?.lists) ?? [];
      toast(`“${tag.name}” ${apply ? 'applied' : 'removed'}`, {
        detail:
          lists.length > 0 ? `It was set by ${listsInWords(lists)}. Syncs keep it off this person now.` : undefined,
        about: [`tag ${tag.id} of ${profile.id}`],
        action: {
          label: 'Undo',
          run: () => {
            focusNext.current = apply ? null : tag.id;
            change({ ...wanted, apply: !apply }, true);
          },
        },
      });
    });
  }

  /** `shown`: the tags in the order in which their chips stand. */
  function remove(tag: HeldTag, shown: readonly HeldTag[]) {
    const index = shown.findIndex(({ id }) => id === tag.id);
    focusNext.current = (shown[index + 1] ?? shown[index - 1])?.id ?? null;
    change({ tag, group: tag.group, apply: false, held: tag });
  }

  return (
    <section ref={card} className={`${cardClass} min-w-0 p-4`} aria-labelledby="tags">
      <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
        <h2 id="tags" className="font-semibold">
          Tags {tags.length > 0 && <span className="text-muted font-normal">{tags.length}</span>}
        </h2>
        <span className="flex items-center gap-2">
          {tags.length > 0 && (
            <AriaButton
              aria-pressed={detailed}
              onPress={() => setDetailed(!detailed)}
              className={buttonClass({ size: 'small', variant: 'quiet' })}
            >
              {detailed ? 'Hide sources' : 'Show sources'}
            </AriaButton>
          )}
          <DialogTrigger isOpen={open} onOpenChange={setOpen}>
            <AriaButton ref={opener} className={buttonClass({ size: 'small' })}>
              <Plus aria-hidden className="size-3.5" /> Add or remove <Kbd>t</Kbd>
            </AriaButton>
            <Popover placement="bottom end" className={`${popoverClass} w-80 max-w-[90vw]`}>
              <Dialog aria-label="Tags of this profile" className="outline-none">
                <TagPicker
                  slug={section.slug}
                  label="Tags of this profile"
                  autoFocus
                  selection={new Map(tags.map(({ id }) => [id, 'all' as const]))}
                  noteOn={(id) => {
                    const lists = tags.find((tag) => tag.id === id)?.lists ?? [];
                    return lists.length > 0 ? keepsOffInWords(lists) : null;
                  }}
                  onToggle={(tag, apply) => {
                    const held = apply ? undefined : tags.find(({ id }) => id === tag.id);
                    change({ tag, group: tag.group ?? '', apply, held });
                  }}
                />
              </Dialog>
            </Popover>
          </DialogTrigger>
        </span>
      </div>
      {tags.length === 0 ? (
        <p className="text-muted">
          No tags yet.<span className="max-sm:hidden pointer-coarse:hidden"> Press t to add one.</span>
        </p>
      ) : (
        <TagGroups tags={tags} detailed={detailed} onRemove={remove} />
      )}
      <KeptOffTags section={section} profileId={profile.id} keptOff={keptOff} />
    </section>
  );
}
