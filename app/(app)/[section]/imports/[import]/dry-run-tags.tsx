'use client';
// The tags that an import would apply and remove, and for how many profiles.
import { TagName } from '@/components/tags/tag-chip';
import { tableClass, TableHead } from '@/components/ui/display';
import type { TagOutcome } from '@/lib/imports/schema';

const SHOWN = 50;

export function DryRunTags({ tags }: { tags: TagOutcome[] }) {
  if (tags.length === 0) return null;
  const changed = (tag: TagOutcome) => tag.applied + tag.removed;
  const shown = tags.toSorted((one, other) => changed(other) - changed(one)).slice(0, SHOWN);
  return (
    <section aria-labelledby="dry-run-tags">
      <h3 id="dry-run-tags" className="mb-1 text-[13px] font-medium">
        Tags
      </h3>
      <div className="relative overflow-x-auto">
        <table className={tableClass.table}>
          <TableHead titles={['Tag', 'To apply', 'Already there', 'To remove']} />
          <tbody>
            {shown.map(({ name, colour, ...counts }) => (
              <tr key={name} className={tableClass.row}>
                <th scope="row" className={`${tableClass.cell} font-normal`}>
                  <TagName tag={{ name, colour }} />
                </th>
                {[counts.applied, counts.already, counts.removed].map((count, index) => (
                  <td key={index} className={tableClass.cell}>
                    {count.toLocaleString('en-GB')}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {tags.length > SHOWN && <p className="text-muted mt-2 text-[13px]">The {SHOWN} tags with the most changes.</p>}
    </section>
  );
}
