import clsx from 'clsx';
import { Star } from 'lucide-react';
import type { TagRow } from '@/lib/tags/schema';
import type { Favourites } from './use-favourites';

type StarProps = { tag: Pick<TagRow, 'id' | 'name' | 'favourite'>; favourites: Favourites };

/** Marks a tag as a favourite, or no longer. */
export function FavouriteStar({ tag, favourites }: StarProps) {
  const isFavourite = favourites.isFavourite(tag);
  return (
    <button
      type="button"
      aria-pressed={isFavourite}
      aria-label={`Favourite: ${tag.name}`}
      title={isFavourite ? 'No longer a favourite' : 'Make it a favourite'}
      onClick={() => favourites.toggle(tag)}
      className={clsx(
        'flex size-7 items-center justify-center rounded-md',
        isFavourite ? 'text-warning' : 'text-line-strong hover:text-ink',
      )}
    >
      <Star aria-hidden className="size-4" fill={isFavourite ? 'currentColor' : 'none'} />
    </button>
  );
}
