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

type Props = { slug: string; isHere: boolean; entry: Pick<AuditRow, 'summary' | 'subject'> };

/** What was done, as a link to what it was done to if that has a page. `isHere`: it belongs to the section of the address. */
export function AuditSubject({ slug, isHere, entry: { summary, subject } }: Props) {
  const [kind = '', id] = subject?.split(':') ?? [];
  const page = PAGES[kind];
  if (!isHere || !page || !id) return summary;
  return (
    <Link href={`/${slug}/${page}/${id}`} className="hover:underline">
      {summary}
    </Link>
  );
}
