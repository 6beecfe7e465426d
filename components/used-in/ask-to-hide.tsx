'use client';
// Asks before something is hidden on which others depend. It can be shown again.
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Link } from '@/components/ui/link';
import type { Dependent } from '@/lib/used-in/queries';
import { USER_WORDS } from '@/lib/used-in/words';

/** So many are named; the others are counted. */
const NAMED = 20;

type Props = { slug: string; name: string; dependents: readonly Dependent[]; onHide: () => void; onClose: () => void };

export function AskToHide({ slug, name, dependents, onHide, onClose }: Props) {
  const more = dependents.length - NAMED;
  return (
    <Dialog
      alert
      title={`Hide “${name}”?`}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button variant="danger" onPress={onHide}>
            Hide
          </Button>
        </>
      }
    >
      <div>
        <p className="mb-1 font-medium">What this affects now</p>
        <ul className="list-disc pl-5">
          {dependents.slice(0, NAMED).map(({ kind, id, name: user, direct }) => (
            <li key={`${kind} ${id}`}>
              The {USER_WORDS[kind].one}{' '}
              <Link href={`/${slug}/${USER_WORDS[kind].path(id)}`} className="underline">
                {user}
              </Link>{' '}
              {direct ? USER_WORDS[kind].hidden.direct : USER_WORDS[kind].hidden.through}
            </li>
          ))}
          {more > 0 && <li>And {more.toLocaleString('en-GB')} more.</li>}
        </ul>
      </div>
      <p>Nothing is deleted, and it can be shown again: then all of them go on as before.</p>
    </Dialog>
  );
}
