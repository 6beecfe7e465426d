'use client';
// The tags that lists keep off the person since somebody removed them by hand, and the way to let the person in again.
import { useRouter } from 'next/navigation';
import { Button } from '@/components/ui/button';
import { TagLink } from '@/components/tags/tag-chip';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { ProfileId, SectionId } from '@/lib/db/ids';
import type { KeptOffTag } from '@/lib/integrations/kept-off';
import { listsInWords } from '@/lib/tags/claim-words';
import type { TagLabel } from '@/lib/tags/schema';
import { letInAction } from '../../tags/[tag]/actions';

type Props = {
  section: { id: SectionId; slug: string };
  profileId: ProfileId;
  keptOff: readonly KeptOffTag[];
};

export function KeptOffTags({ section, profileId, keptOff }: Props) {
  const router = useRouter();
  const toast = useToast();
  const { pending, send } = useSubmission();
  if (keptOff.length === 0) return null;

  async function letIn(tag: TagLabel) {
    const result = await send(letInAction, { sectionId: section.id, tagId: tag.id, profileIds: [profileId] });
    router.refresh();
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger' });
    toast('Let in again', { detail: 'The next sync applies the tag if the person is still on the list.' });
  }

  return (
    <ul className="border-line mt-3 flex flex-col gap-1 border-t pt-3" aria-label="Tags that are kept off">
      {keptOff.map(({ tag, lists }) => (
        <li key={tag.id} className="flex flex-wrap items-center gap-x-2 gap-y-1 text-[13px]">
          <span className="text-muted">Kept off by hand:</span>
          <TagLink tag={tag} />
          <span className="text-muted wrap-anywhere">
            syncs of {listsInWords(lists.map((name) => ({ name })))} leave it off
          </span>
          <Button
            size="small"
            aria-label={`Let in again: ${tag.name}`}
            isPending={pending}
            onPress={() => void letIn(tag)}
          >
            Let in again
          </Button>
        </li>
      ))}
    </ul>
  );
}
