// What an operation was about: its tags, how its profiles were chosen, and which they were.
import { Link } from '@/components/ui/link';
import { TagLink } from '@/components/tags/tag-chip';
import type { OperationView } from '@/lib/activity/schema';
import type { BulkAbout } from '@/lib/operations/bulk-about';
import type { OperationEffect } from '@/lib/profiles/schema';
import type { TagLabel } from '@/lib/tags/schema';

/** By the operation's count: what it did to profiles, and the words for the list of them. */
const LISTS: readonly { count: string; effect: OperationEffect; words: string }[] = [
  { count: 'created', effect: 'created', words: 'Profiles that it created' },
  { count: 'updated', effect: 'updated', words: 'Profiles that it updated' },
  { count: 'changed', effect: 'updated', words: 'Profiles that it changed' },
  { count: 'applied', effect: 'tagged', words: 'Profiles that got a tag' },
  { count: 'removed', effect: 'untagged', words: 'Profiles that lost a tag' },
];

type Props = { slug: string; operation: OperationView; about: BulkAbout | null };

export function About({ slug, operation, about }: Props) {
  const lists = LISTS.filter(({ count }) => (operation.counts[count] ?? 0) > 0);
  const [applied, removed] = labelsOf(operation);
  if (!about && lists.length === 0) return null;
  return (
    <dl className="mb-4 grid max-w-2xl grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5">
      {about && <Tags label={applied} tags={about.applied} />}
      {about && <Tags label={removed} tags={about.removed} />}
      {about && (
        <>
          <dt className="text-muted">Chosen</dt>
          <dd className="wrap-anywhere">{about.chosen}</dd>
        </>
      )}
      {lists.length > 0 && (
        <>
          <dt className="text-muted">Profiles</dt>
          <dd className="flex flex-wrap gap-x-4 gap-y-1">
            {lists.map(({ effect, words }) => (
              <Link key={effect} href={`/${slug}/profiles?by=${operation.id}&did=${effect}`} className="underline">
                {words}
              </Link>
            ))}
          </dd>
        </>
      )}
    </dl>
  );
}

/** What happened to the tags that the operation applied and removed; an undo and a redo are about those of an earlier one. */
function labelsOf({ undoOf, isUndo, status, undoable }: OperationView): [string, string] {
  if (undoOf === null) return ['Applied', 'Removed'];
  if (status === 'done' && !undoable) return isUndo ? ['Not removed', 'Not applied'] : ['Not applied', 'Not removed'];
  return isUndo ? ['Removed again', 'Applied again'] : ['Applied again', 'Removed again'];
}

function Tags({ label, tags }: { label: string; tags: readonly TagLabel[] }) {
  if (tags.length === 0) return null;
  return (
    <>
      <dt className="text-muted">{label}</dt>
      <dd className="flex flex-wrap gap-1">
        {tags.map((tag) => (
          <TagLink key={tag.id} tag={tag} />
        ))}
      </dd>
    </>
  );
}
