'use client';
// Whether people who get tags or values by the import enter the flows that wait for that. Nobody does unless that is chosen.
import { useQuery } from '@tanstack/react-query';
import { EntriesChoice } from '@/components/flows/entries-choice';
import { useOperation } from '@/components/operations/use-operation';
import { cardClass } from '@/components/ui/display';
import { postJson } from '@/components/ui/json';
import type { OperationId } from '@/lib/db/ids';
import type { FlowEntries } from '@/lib/flows/entries';
import { hasOwnTags, type DryRunResult, type Mapping } from '@/lib/imports/schema';

type Props = {
  slug: string;
  mapping: Mapping;
  /** The dry run, if there is one: it says how many would enter. */
  dryRunId: OperationId | null;
  onChange: (startsFlows: boolean) => void;
};

export function FlowsStep({ slug, mapping, dryRunId, onChange }: Props) {
  const { apply, remove, startsFlows } = mapping;
  const columns = hasOwnTags(mapping);
  const { data: flows = [] } = useQuery({
    queryKey: ['flows-for-import', slug, apply.join(), remove.join(), columns],
    queryFn: ({ signal }) =>
      postJson<Omit<FlowEntries, 'enters'>[]>(`/data/${slug}/flows/for-import`, { apply, remove, columns }, { signal }),
  });
  const { data: dryRun } = useOperation(slug, dryRunId);
  const counted = dryRun?.status === 'done' ? ((dryRun.result ?? {}) as DryRunResult).flows : undefined;
  if (flows.length === 0) return null;
  return (
    <section className={`${cardClass} flex flex-col gap-3 p-4`} aria-labelledby="flows">
      <h2 id="flows" className="font-semibold">
        5. Flows
      </h2>
      <EntriesChoice
        slug={slug}
        flows={flows.map((flow) => ({
          ...flow,
          enters: counted ? (counted.find(({ flowId }) => flowId === flow.flowId)?.enters ?? 0) : null,
        }))}
        startsFlows={startsFlows}
        onChange={onChange}
        note={counted ? undefined : 'The dry run says how many would enter.'}
      />
    </section>
  );
}
