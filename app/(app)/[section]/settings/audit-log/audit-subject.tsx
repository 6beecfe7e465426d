import { Link } from '@/components/ui/link';
import type { AuditRow } from '@/lib/audit/queries';

/** The page of what an entry is about, below the section's address, by the kind of its subject. */
const PAGES: Record<string, string> = {
  import: 'imports',
  operation: 'activity',
  profile: 'profiles',
  segment: 'segments',
  tag: 'tags',
};

type Props = {
  slug: string;
  /** It belongs to the section of the address. */
  isHere: boolean;
  entry: Pick<AuditRow, 'summary' | 'subject'>;
  /** What the profiles of the entries are called, by id. The log itself names nobody, so that it can outlive them. */
  names: ReadonlyMap<string, string>;
};

/** What was done, with a link to what it was done to if that has a page. */
export function AuditSubject({ slug, isHere, entry: { summary, subject }, names }: Props) {
  const [kind = '', id] = subject?.split(':') ?? [];
  const page = PAGES[kind];
  if (!isHere || !page || !id) return summary;
  const link = (text: string) => (
    <Link href={`/${slug}/${page}/${id}`} className="underline">
      <bdi>{text}</bdi>
    </Link>
  );
  if (kind !== 'profile') return link(summary);
  const name = names.get(id);
  return (
    <>
      {summary} · {name === undefined ? 'no longer there' : link(name)}
    </>
  );
}

/** The ids of the profiles that entries are about. */
export const profilesIn = (entries: readonly Pick<AuditRow, 'subject'>[]): number[] => [
  ...new Set(entries.flatMap(({ subject }) => (subject?.startsWith('profile:') ? Number(subject.slice(8)) : []))),
];
