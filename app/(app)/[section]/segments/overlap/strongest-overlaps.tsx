// The strongest overlaps in words, each a link to its segment.
import { Link } from '@/components/ui/link';
import { liftInWords, percent, type Pairs } from '@/components/charts/overlap-measures';
import { overlapInWords, strongestOverlaps } from './strongest';

const SHOWN = 5;

export function StrongestOverlaps({ slug, overlap }: { slug: string; overlap: Pairs }) {
  const strongest = strongestOverlaps(overlap, SHOWN);
  if (strongest.length === 0)
    return (
      <p>No two of these tags, each on at least 20 profiles, appear together clearly more often than by chance.</p>
    );
  return (
    <ol className="flex list-decimal flex-col gap-1.5 pl-5">
      {strongest.map((item) => (
        <li key={`${item.less.id} ${item.more.id}`}>
          <Link
            href={`/${slug}/segments/new?has=${item.less.id},${item.more.id}`}
            className="underline decoration-line-strong underline-offset-2 hover:decoration-current"
          >
            {overlapInWords(item)}: <span className="whitespace-nowrap">{percent(item.share)}</span>
          </Link>
          <span className="text-muted">, {liftInWords(item.lift)}</span>
        </li>
      ))}
    </ol>
  );
}
