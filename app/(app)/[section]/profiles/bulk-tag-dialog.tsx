'use client';
// Tagging from the list: applies and removes tags, with preview, progress and undo. One person alone is changed by hand.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { EntriesChoice } from '@/components/flows/entries-choice';
import { TagPicker, type LaterTag } from '@/components/tags/tag-picker';
import { Banner } from '@/components/ui/display';
import { postJson } from '@/components/ui/json';
import { ReadFailed } from '@/components/ui/read-failed';
import type { TagId } from '@/lib/db/ids';
import type { FlowEntries } from '@/lib/flows/entries';
import type { BulkTagPreview } from '@/lib/operations/bulk-tag';
import type { HeldTagCount } from '@/lib/operations/held-tags';
import type { BulkSelection } from '@/lib/operations/selection';
import { listsInWords } from '@/lib/tags/claim-words';
import { bulkTagAction } from './actions';
import { BulkDialog, whomInWords } from './bulk-dialog';
import { BulkTagPlan, changesOf, type Choice } from './bulk-tag-plan';
import { useBulkWork, type BulkWorkProps } from './use-bulk-work';
import { useTagsOfOne } from './use-tags-of-one';

type Props = BulkWorkProps & {
  selection: BulkSelection;
  /** Number of selected profiles; null while counting. */
  size: number | null;
  /** The name of the only one. */
  person?: string;
  /** Why they could not be counted. */
  uncounted?: string;
};

export function BulkTagDialog({ selection, size, person, uncounted, ...about }: Props) {
  const { slug } = about.section;
  const [choices, setChoices] = useState<ReadonlyMap<TagId, Choice>>(new Map());
  const [fresh, setFresh] = useState<readonly LaterTag[]>([]);
  const [checking, setChecking] = useState(false);
  const [startsFlows, setStartsFlows] = useState(true);
  const work = useBulkWork(about);
  const single = useTagsOfOne(about);
  const [onlyId, ...moreIds] = selection.kind === 'ids' ? selection.ids : [];
  const one = onlyId !== undefined && moreIds.length === 0 ? { id: onlyId, name: person ?? 'the profile' } : null;
  const preview = usePreview(slug, selection);
  const applied = [...choices].filter(([, { apply }]) => apply).map(([id]) => id);
  const removed = [...choices].filter(([, { apply }]) => !apply).map(([id]) => id);
  const held = useHeldTags(slug, selection, removed);
  const entries = useEntries(slug, selection, applied, removed);
  const found = preview.data;
  const current = new Map(
    found?.tags.map(({ tagId, have }) => [tagId, have >= found.profiles ? ('all' as const) : ('some' as const)]),
  );
  const states = new Map(current);
  for (const [id, { apply }] of choices) {
    if (apply) states.set(id, 'all');
    else states.delete(id);
  }
  const changesNothing =
    found !== undefined &&
    fresh.length === 0 &&
    [...choices].every(([id, choice]) => changesOf(found, id, choice) === 0);

  function start() {
    const named = (apply: boolean) =>
      new Map([...choices].filter(([, choice]) => choice.apply === apply).map(([id, { name }]) => [id, name]));
    const [apply, remove] = [named(true), named(false)];
    if (one) {
      const lists = held.flatMap((tag) => tag.lists);
      const detail =
        lists.length > 0 ? `It was set by ${listsInWords(lists)}. Syncs keep it off this person now.` : undefined;
      void single.change(one, { apply, remove, create: fresh, detail });
    } else {
      void work.start(bulkTagAction, {
        selection,
        apply: [...apply.keys()],
        create: fresh,
        remove: [...remove.keys()],
        startsFlows,
      });
    }
  }

  const drop = (id: TagId) => setChoices((all) => new Map([...all].filter(([other]) => other !== id)));
  const choose = (id: TagId, choice: Choice) => setChoices((all) => new Map([...all, [id, choice]]));

  /** Pressing a tag chooses it; pressing it again drops the choice. `apply`: what the choice does. */
  function press({ id, name }: { id: TagId; name: string }, apply: boolean) {
    const chosen = choices.get(id);
    if (!chosen) choose(id, { name, apply });
    else if (chosen.apply !== apply) drop(id);
  }

  return (
    <BulkDialog
      title={size === null ? 'Tag profiles' : `Tag ${whomInWords(size, person)}`}
      work={one ? single : work}
      start={{
        label: 'Apply changes',
        canStart:
          choices.size + fresh.length > 0 && !changesNothing && !checking && (one !== null || !entries.counting),
        onStart: start,
      }}
      unsaved={choices.size + fresh.length > 0}
    >
      {uncounted && <Banner tone="danger">{uncounted}</Banner>}
      {preview.isError && !uncounted && (
        <ReadFailed onRetry={() => void preview.refetch()} retrying={preview.isFetching}>
          {`The changes could not be counted. ${preview.error.message}`}
        </ReadFailed>
      )}
      {size === null && !uncounted && <p className="text-muted">Counting…</p>}
      <TagPicker
        slug={slug}
        label="Tags to apply or to remove"
        autoFocus
        selection={states}
        onToggle={press}
        later={{ tags: fresh, onChange: setFresh, onChecking: setChecking }}
      />
      <BulkTagPlan
        choices={choices}
        fresh={fresh}
        preview={found}
        held={held}
        failed={preview.isError}
        person={one?.name}
        onChoose={choose}
        onDrop={drop}
        onDropFresh={(name) => setFresh((all) => all.filter((tag) => tag.name !== name))}
      />
      {!one && <EntriesChoice slug={slug} flows={entries.flows} startsFlows={startsFlows} onChange={setStartsFlows} />}
    </BulkDialog>
  );
}

/** Which of the tags integration lists hold, and on how many; empty until counted. */
function useHeldTags(slug: string, selection: BulkSelection, tagIds: readonly TagId[]): readonly HeldTagCount[] {
  const asked = [...tagIds].sort((left, right) => left - right);
  const { data } = useQuery({
    queryKey: ['bulk-held', slug, JSON.stringify(selection), asked.join()],
    queryFn: ({ signal }) =>
      postJson<HeldTagCount[]>(`/data/${slug}/profiles/preview-held`, { selection, tagIds: asked }, { signal }),
    enabled: asked.length > 0,
    placeholderData: keepPreviousData,
    gcTime: 0,
    staleTime: 0,
    retry: 1,
  });
  return data ?? [];
}

/** Into which flows how many would come; empty until counted. */
function useEntries(
  slug: string,
  selection: BulkSelection,
  apply: readonly TagId[],
  remove: readonly TagId[],
): { flows: readonly FlowEntries[]; counting: boolean } {
  const { data, isLoading } = useQuery({
    queryKey: ['bulk-entries', slug, JSON.stringify(selection), apply.join(), remove.join()],
    queryFn: ({ signal }) =>
      postJson<FlowEntries[]>(`/data/${slug}/profiles/preview-entries`, { selection, apply, remove }, { signal }),
    enabled: apply.length + remove.length > 0,
    gcTime: 0,
    staleTime: 0,
    retry: 1,
  });
  return { flows: data ?? [], counting: isLoading };
}

/** How many are chosen, and on how many of them each tag is. */
function usePreview(slug: string, selection: BulkSelection) {
  return useQuery({
    queryKey: ['bulk-preview', slug, JSON.stringify(selection)],
    queryFn: ({ signal }) => postJson<BulkTagPreview>(`/data/${slug}/profiles/preview`, { selection }, { signal }),
    // What was counted for an earlier dialog may be wrong by now.
    gcTime: 0,
    staleTime: 0,
    retry: false,
  });
}
