// What uses something, in a line of its page.
import { Link } from '@/components/ui/link';
import type { UsingThing } from '@/lib/used-in/queries';
import { USER_WORDS } from '@/lib/used-in/words';

/** So many are named; the others are counted. */
const NAMED = 5;

export function UsedBy({ slug, users }: { slug: string; users: readonly UsingThing[] }) {
  if (users.length === 0) return null;
  const more = users.length - NAMED;
  return (
    <p className="text-muted mt-4 text-[13px]">
      Used in{' '}
      {users.slice(0, NAMED).map(({ kind, id, name }, at) => (
        <span key={`${kind} ${id}`}>
          {at > 0 && ', '}
          the {USER_WORDS[kind].one}{' '}
          <Link href={`/${slug}/${USER_WORDS[kind].path(id)}`} className="underline">
            {name}
          </Link>
        </span>
      ))}
      {more > 0 && ` and ${more.toLocaleString('en-GB')} more`}. If this is deleted, what uses it needs attention.
    </p>
  );
}
