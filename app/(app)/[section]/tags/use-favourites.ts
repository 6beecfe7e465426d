'use client';
// Stars and unstars tags. A star changes at once; the order of the table only with the next page, so that no row jumps away.
import { useMemo, useState } from 'react';
import { answerOf } from '@/components/ui/answer-of';
import { useToast } from '@/components/ui/toasts';
import type { TagId } from '@/lib/db/ids';
import { setFavouriteTagAction } from './actions';
import type { SectionRef } from './open-dialog';

type Starred = { id: TagId; name: string; favourite: boolean };

export type Favourites = {
  isFavourite: (tag: Starred) => boolean;
  toggle: (tag: Starred) => void;
};

export function useFavourites(section: SectionRef): Favourites {
  const toast = useToast();
  const [changed, setChanged] = useState<ReadonlyMap<TagId, boolean>>(new Map());
  // The same object until a star changes, so that the rows are not rendered again.
  return useMemo(() => {
    const set = (id: TagId, favourite: boolean) => setChanged((before) => new Map(before).set(id, favourite));
    const isFavourite = ({ id, favourite }: Starred) => changed.get(id) ?? favourite;

    async function toggle(tag: Starred) {
      const favourite = !isFavourite(tag);
      set(tag.id, favourite);
      const result = await answerOf(setFavouriteTagAction({ sectionId: section.id, tagId: tag.id, favourite }));
      if (result.ok) return;
      set(tag.id, !favourite);
      toast(result.refusal.message, { tone: 'danger' });
    }

    return { isFavourite, toggle: (tag) => void toggle(tag) };
  }, [changed, section.id, toast]);
}
