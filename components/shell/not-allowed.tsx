// What a marketer sees on a page for Admins: the names of people to ask.
import { ButtonLink } from '@/components/ui/button';
import { EmptyState } from '@/components/ui/display';
import { ROLE_NAMES } from '@/lib/accounts/schema';
import type { Role } from '@/lib/access/actor';

type Props = {
  what: string;
  people: { name: string; email: string; role: Role }[];
  /** Where one may go instead. */
  instead?: { href: string; label: string };
};

export function NotAllowed({ what, people, instead }: Props) {
  return (
    <EmptyState
      heading="h1"
      title={`${what} is for Account Owners and Admins`}
      action={instead && <ButtonLink href={instead.href}>{instead.label}</ButtonLink>}
    >
      <span className="mb-3 block">Ask one of them:</span>
      {people.map((person) => (
        <span key={person.email} className="block">
          <a className="text-accent-ink font-medium underline" href={`mailto:${person.email}`}>
            {person.name}
          </a>{' '}
          ({ROLE_NAMES[person.role]})
        </span>
      ))}
    </EmptyState>
  );
}
