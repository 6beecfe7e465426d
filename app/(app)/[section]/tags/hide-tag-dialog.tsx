'use client';
// Hiding cannot be undone: the dialog first shows the current impact.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@/components/ui/link';
import { readWith } from '@/components/ui/answer-of';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { ReadFailed } from '@/components/ui/read-failed';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { TagLabel } from '@/lib/tags/schema';
import { USER_WORDS } from '@/lib/used-in/words';
import { USER_KINDS } from '@/lib/uses/schema';
import { hideTagAction, readHideImpactAction } from './actions';
import type { SectionRef } from './open-dialog';

type Props = { section: SectionRef; tag: TagLabel; onClose: () => void; onDone: () => void };

export function HideTagDialog({ section, tag, onClose, onDone }: Props) {
  const toast = useToast();
  const { refusal, pending, send } = useSubmission();
  const impact = useQuery({
    queryKey: ['hide-impact', section.slug, tag.id],
    queryFn: () => readWith(readHideImpactAction({ sectionId: section.id, tagId: tag.id })),
    refetchInterval: 3_000,
    staleTime: 0,
    // The dialog has a retry button.
    retry: false,
  });

  async function hide() {
    const result = await send(hideTagAction, { sectionId: section.id, tagId: tag.id });
    if (!result.ok) return;
    toast(`“${tag.name}” has been hidden`);
    onDone();
  }

  /** The known impact: a tag cannot be hidden before it has been shown. */
  const known = impact.isError ? undefined : impact.data;
  return (
    <Dialog
      alert
      title={`Hide “${tag.name}”?`}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button variant="danger" onPress={() => void hide()} isPending={pending} isDisabled={known === undefined}>
            Hide
          </Button>
        </>
      }
    >
      {refusal && <Banner tone="danger">{refusal.message}</Banner>}
      {impact.isError && (
        <ReadFailed onRetry={() => void impact.refetch()} retrying={impact.isFetching}>
          What this affects could not be loaded, so the tag cannot be hidden yet.
        </ReadFailed>
      )}
      <div>
        <p className="mb-1 font-medium">What this affects now</p>
        {!known && !impact.isError && <p className="text-muted">Loading…</p>}
        <ul className="list-disc pl-5">
          {known && (
            <li>
              {known.profiles === 0
                ? 'No profile has it.'
                : `${known.profiles.toLocaleString('en-GB')} ${known.profiles === 1 ? 'profile has' : 'profiles have'} it.`}
            </li>
          )}
          {known?.users.map(({ kind, id, name, direct }) => (
            <li key={`${kind} ${id}`}>
              The {USER_WORDS[kind].one}{' '}
              <Link href={`/${section.slug}/${USER_WORDS[kind].path(id)}`} className="underline">
                {name}
              </Link>{' '}
              {direct ? USER_WORDS[kind].hidden.direct : USER_WORDS[kind].hidden.through}
            </li>
          ))}
          {known &&
            USER_KINDS.filter((kind) => !known.users.some((user) => user.kind === kind)).map((kind) => (
              <li key={kind}>{USER_WORDS[kind].none}</li>
            ))}
        </ul>
      </div>
      <p>
        Hidden Tags will not appear in Profiles or any activities within your account, but they will not be deleted.
      </p>
      <p>
        Are you sure you want to proceed? <strong>This action cannot be undone.</strong>
      </p>
    </Dialog>
  );
}
