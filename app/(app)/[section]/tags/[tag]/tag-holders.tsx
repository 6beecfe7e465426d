// The profiles that got the tag last, with where it came from.
import { Link } from '@/components/ui/link';
import { DateTime } from '@/components/ui/date-time';
import { CellLabel, cardClass, stackedClass, TableHead } from '@/components/ui/display';
import type { Holder } from '@/lib/profiles/holders';
import type { TagDetails } from '@/lib/tags/schema';

type Props = { slug: string; tag: Pick<TagDetails, 'id' | 'profiles'>; holders: Holder[] };

export function TagHolders({ slug, tag, holders }: Props) {
  if (tag.profiles === 0) return null;
  return (
    <section className={cardClass} aria-labelledby="holders">
      <header className="flex flex-wrap items-baseline justify-between gap-2 p-4 pb-2">
        <h2 id="holders" className="font-semibold">
          Who got it last
        </h2>
        <Link href={`/${slug}/profiles?has=${tag.id}`} className="text-accent-ink underline">
          {tag.profiles === 1 ? 'Show the profile' : `Show all ${tag.profiles.toLocaleString('en-GB')} profiles`}
        </Link>
      </header>
      <table className={`${stackedClass.table} max-md:[&_td]:px-4 [&_:is(td,th):first-child]:pl-4`}>
        <TableHead titles={['Name', 'Source', 'When']} stacked />
        <tbody className={stackedClass.body}>
          {holders.map(({ profileId, name, source, since }) => (
            <tr key={profileId} className={stackedClass.row}>
              <td className={stackedClass.cell}>
                <Link href={`/${slug}/profiles/${profileId}`} className="font-medium hover:underline">
                  <bdi>{name}</bdi>
                </Link>
              </td>
              <td className={stackedClass.cell}>
                <CellLabel>Source</CellLabel>
                {source}
              </td>
              <td className={`${stackedClass.cell} text-muted`}>
                <DateTime value={since} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
