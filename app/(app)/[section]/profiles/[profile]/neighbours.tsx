'use client';
// Back to the list that one came from, and to the profiles before and after this one on its page: keys [ and ].
import { ArrowLeft, ChevronDown, ChevronUp } from 'lucide-react';
import { useRememberedList } from '@/components/profiles/remembered-list';
import { ButtonLink, IconButton } from '@/components/ui/button';
import { useHotkeys } from '@/components/ui/hotkeys';
import { useOpen } from '@/components/ui/when-online';
import type { ProfileId } from '@/lib/db/ids';

export function Neighbours({ slug, profileId }: { slug: string; profileId: ProfileId }) {
  const open = useOpen();
  const list = useRememberedList(slug, profileId);
  const index = list?.ids.indexOf(profileId) ?? -1;
  const [before, after] = [list?.ids[index - 1], list?.ids[index + 1]];
  const openProfile = (id: number | undefined) => {
    if (id !== undefined) open(`/${slug}/profiles/${id}`);
  };
  useHotkeys({ '[': () => openProfile(before), ']': () => openProfile(after) });
  return (
    <nav aria-label="List" className="-mt-2 mb-2 flex h-8 items-center gap-1">
      <ButtonLink
        size="small"
        variant="quiet"
        href={list?.path ?? `/${slug}/profiles`}
        returnsTo={`/${slug}/profiles/${profileId}`}
      >
        <ArrowLeft aria-hidden className="size-3.5" /> {list ? 'Back to the list' : 'All profiles'}
      </ButtonLink>
      {list && list.ids.length > 1 && (
        <>
          <IconButton
            label="Previous profile ( [ )"
            isDisabled={before === undefined}
            onPress={() => openProfile(before)}
          >
            <ChevronUp aria-hidden className="size-4" />
          </IconButton>
          <IconButton label="Next profile ( ] )" isDisabled={after === undefined} onPress={() => openProfile(after)}>
            <ChevronDown aria-hidden className="size-4" />
          </IconButton>
          <span className="text-muted text-[13px]">
            {index + 1} of {list.ids.length} on the page
          </span>
        </>
      )}
    </nav>
  );
}
