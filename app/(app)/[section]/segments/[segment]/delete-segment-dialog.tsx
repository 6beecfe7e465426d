'use client';
// Deleting a segment cannot be undone; profiles and tags are not affected.
import { Link } from '@/components/ui/link';
import { useRouter } from 'next/navigation';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { SectionId, SegmentId } from '@/lib/db/ids';
import type { UsingThing } from '@/lib/used-in/queries';
import { USER_WORDS } from '@/lib/used-in/words';
import { deleteSegmentAction } from '../actions';

type Props = {
  section: { id: SectionId; slug: string };
  segment: { id: SegmentId; name: string; usedIn: UsingThing[] };
  onClose: () => void;
};

export function DeleteSegmentDialog({ section, segment, onClose }: Props) {
  const router = useRouter();
  const toast = useToast();
  const { refusal, pending, send } = useSubmission({ leaves: true });
  const used = segment.usedIn.length > 0;

  async function remove() {
    const result = await send(deleteSegmentAction, { sectionId: section.id, segmentId: segment.id });
    if (!result.ok) return;
    toast(`“${segment.name}” has been deleted`);
    router.push(`/${section.slug}/segments`);
    router.refresh();
  }

  return (
    <Dialog
      alert
      title={`Delete “${segment.name}”?`}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button variant="danger" onPress={() => void remove()} isPending={pending} isDisabled={used}>
            Delete
          </Button>
        </>
      }
    >
      {refusal && <Banner tone="danger">{refusal.message}</Banner>}
      {used ? (
        <div>
          <p>These {kindsOf(segment.usedIn)} use it. Remove it there first:</p>
          <ul className="list-disc pl-5">
            {segment.usedIn.map(({ kind, id, name }) => (
              <li key={`${kind} ${id}`}>
                <Link href={`/${section.slug}/${USER_WORDS[kind].edit(id)}`} className="underline">
                  {name}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ) : (
        <p>
          The segment and its size history are deleted for good. Profiles and their tags stay as they are. API clients
          can no longer use the segment.
        </p>
      )}
    </Dialog>
  );
}

/** 'segments', or 'segments and flows'. */
const kindsOf = (users: readonly UsingThing[]) =>
  [...new Set(users.map(({ kind }) => USER_WORDS[kind].many))].join(' and ');
