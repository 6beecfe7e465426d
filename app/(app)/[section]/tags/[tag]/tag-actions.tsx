'use client';
// What can be done with a tag from its page. Editing, merging and hiding are for Admins.
import { useQueryClient } from '@tanstack/react-query';
import { EyeOff, Merge, Pencil } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { OperationProgress } from '@/components/operations/operation-progress';
import { Button, ButtonLink } from '@/components/ui/button';
import type { OperationId } from '@/lib/db/ids';
import type { TagDetails } from '@/lib/tags/schema';
import { FavouriteStar } from '../favourite-star';
import type { OpenDialog, SectionRef } from '../open-dialog';
import { TagDialogs } from '../tag-dialogs';
import { useFavourites } from '../use-favourites';

type Props = { section: SectionRef; tag: TagDetails; isAdmin: boolean };

export function TagActions({ section, tag, isAdmin }: Props) {
  const router = useRouter();
  const client = useQueryClient();
  const favourites = useFavourites(section);
  const [dialog, setDialog] = useState<OpenDialog | null>(null);
  const [merge, setMerge] = useState<OperationId | null>(null);
  const refresh = () => {
    router.refresh();
    void client.invalidateQueries({ queryKey: ['tags', section.slug] });
    void client.invalidateQueries({ queryKey: ['tags-table', section.slug] });
  };
  return (
    <>
      <FavouriteStar tag={tag} favourites={favourites} />
      <ButtonLink href={`/${section.slug}/profiles?has=${tag.id}`}>Show the profiles</ButtonLink>
      {isAdmin && (
        <>
          <Button onPress={() => setDialog({ kind: 'merge', tag, into: null })}>
            <Merge aria-hidden className="size-4" /> Merge…
          </Button>
          <Button onPress={() => setDialog({ kind: 'hide', tag })}>
            <EyeOff aria-hidden className="size-4" /> Hide…
          </Button>
          <Button variant="primary" onPress={() => setDialog({ kind: 'edit', tag })}>
            <Pencil aria-hidden className="size-4" /> Edit
          </Button>
        </>
      )}
      {dialog && (
        <TagDialogs section={section} dialog={dialog} onDialog={setDialog} onDone={refresh} onMergeStarted={setMerge} />
      )}
      {merge !== null && (
        <div className="w-full">
          <OperationProgress key={merge} slug={section.slug} operationId={merge} onEnd={refresh} />
        </div>
      )}
    </>
  );
}
