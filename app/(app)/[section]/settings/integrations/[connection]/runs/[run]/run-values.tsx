'use client';
// What a dry run would change in profiles besides tags: which fields come along, and for how many people they differ.
import { useQuery } from '@tanstack/react-query';
import { getJson } from '@/components/ui/json';
import type { RunHead } from '@/lib/integrations/run-views';
import type { ValueCounts } from '@/lib/integrations/run-values';
import type { FieldMapping } from '@/lib/integrations/schema';
import { people } from '../../../words';

/** `attribute`: its name. */
export type MappedField = Pick<FieldMapping, 'field' | 'existing'> & { attribute: string };

type Props = { slug: string; run: RunHead; fields: readonly MappedField[] };

export function RunValues({ slug, run: { id, counts }, fields }: Props) {
  const found = useQuery({
    queryKey: ['run-values', slug, id],
    queryFn: ({ signal }) => getJson<ValueCounts[]>(`/data/${slug}/integrations/runs/${id}/values`, signal),
    gcTime: 0,
    retry: false,
  });
  return (
    <div className="mt-2" role="status">
      {found.isPending && <p>Counting the values that would change…</p>}
      {found.data?.length === 0 && <p>No attribute of people who are here already would change.</p>}
      {found.data && found.data.length > 0 && (
        <>
          <p>Attributes of people who are here already would change too:</p>
          <ul className="list-disc pl-5">
            {found.data.map((value) => (
              <li key={value.code}>
                {value.name}: {changesInWords(value)}
              </li>
            ))}
          </ul>
        </>
      )}
      {found.isError && (
        <p>
          These fields come along, also for the {people(counts.matched)} found here. How many would change could not be
          counted: {fields.map(fieldInWords).join('; ')}.
        </p>
      )}
      {counts.create > 0 && <p>New profiles get the fields that the CRM has of them.</p>}
    </div>
  );
}

const changesInWords = ({ filled, replaced, cleared }: ValueCounts): string =>
  [
    filled > 0 && `filled for ${people(filled)}`,
    replaced > 0 && `overwritten for ${people(replaced)}`,
    cleared > 0 && `emptied for ${people(cleared)}`,
  ]
    .filter(Boolean)
    .join(', ');

const fieldInWords = ({ field, attribute, existing }: MappedField): string =>
  `${field} to ${attribute} (${existing === 'fill' ? 'where it is empty' : 'overwrites'})`;
