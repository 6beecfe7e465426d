'use client';
// The uses of something, by kind: a single one by name, several behind a press.
import { Link } from '@/components/ui/link';
import { Button, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { popoverClass } from '@/components/ui/popover-class';
import type { Dependent, UsersOfThing } from '@/lib/used-in/queries';
import { USER_WORDS } from '@/lib/used-in/words';

type Props = { slug: string; name: string; usedIn: readonly UsersOfThing[] };

export function UsedIn({ slug, name, usedIn }: Props) {
  if (usedIn.length === 0) return <span className="text-muted">nothing</span>;
  return (
    <span className="inline-flex max-w-full min-w-0 flex-col leading-tight md:flex">
      {usedIn.map((users) => (
        <OfKind key={users.kind} slug={slug} name={name} users={users} alone={usedIn.length === 1} />
      ))}
    </span>
  );
}

type OfKindProps = { slug: string; name: string; users: UsersOfThing; alone: boolean };

function OfKind({ slug, name, users: { kind, count, named }, alone }: OfKindProps) {
  const { one, many, path } = USER_WORDS[kind];
  const [first] = named;
  if (count === 1 && first) {
    return (
      <Link
        href={`/${slug}/${path(first.id)}`}
        className={`${alone ? 'line-clamp-2 wrap-anywhere' : 'truncate'} underline`}
        title={`The ${one} “${first.name}”`}
      >
        {first.name}
      </Link>
    );
  }
  const words = `${count.toLocaleString('en-GB')} ${many}`;
  return (
    <DialogTrigger>
      <Button aria-label={`${words} use ${name}: show them`} className="text-left underline">
        {words}
      </Button>
      <Popover className={`${popoverClass} max-h-80 max-w-72 overflow-auto`}>
        <Dialog aria-label={`${many[0]!.toUpperCase()}${many.slice(1)} that use ${name}`} className="outline-none">
          <ul className="flex flex-col gap-1">
            {named.map((user, index) => (
              <li key={user.id}>
                <Link
                  ref={index === 0 ? takeFocus : undefined}
                  href={`/${slug}/${path(user.id)}`}
                  className="hover:underline"
                >
                  {user.name}
                </Link>
              </li>
            ))}
            {count > named.length && (
              <li className="text-muted">and {(count - named.length).toLocaleString('en-GB')} older</li>
            )}
          </ul>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

/** For the first link of a list that has just opened. */
const takeFocus = (link: HTMLAnchorElement | null) => link?.focus({ preventScroll: true });

/** The effect of hiding a thing on its dependents: ': 2 segments need attention now'; empty if there are none. */
export function attentionInWords(hidden: boolean, dependents: readonly Dependent[], thingId: number): string {
  const counts = new Map<Dependent['kind'], number>();
  for (const { usedId, kind } of dependents) if (usedId === thingId) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  if (!hidden || counts.size === 0) return '';
  const list = [...counts].map(([kind, count]) =>
    count === 1 ? `one ${USER_WORDS[kind].one}` : `${count} ${USER_WORDS[kind].many}`,
  );
  const single = counts.size === 1 && [...counts.values()][0] === 1;
  return `: ${list.join(' and ')} ${single ? 'needs' : 'need'} attention now`;
}
