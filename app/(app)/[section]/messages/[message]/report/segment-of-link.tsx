// Makes a segment of those who clicked a link, in one press.
import { Filter } from 'lucide-react';
import { Link } from '@/components/ui/link';
import type { ReportLink } from '@/lib/messages/report-schema';

type Props = { slug: string; message: { id: number; name: string }; link: ReportLink };

export function SegmentOfLink({ slug, message, link: { key, place, address } }: Props) {
  const query = new URLSearchParams({
    message: String(message.id),
    link: key,
    name: `${message.name}: clicked ${place}`.slice(0, 100),
  });
  return (
    <Link
      href={`/${slug}/segments/new?${query}`}
      aria-label={`Make a segment: clicked ${place} (${address})`}
      className="text-accent-ink inline-flex items-center gap-1 text-[13px] underline"
    >
      <Filter aria-hidden className="size-3.5" /> Segment of these
    </Link>
  );
}
