'use client';
// Into which flows how many would come if the dry run were applied.
import { useQuery } from '@tanstack/react-query';
import { Banner } from '@/components/ui/display';
import { getJson } from '@/components/ui/json';
import type { SyncRunId } from '@/lib/db/ids';
import type { FlowEntries } from '@/lib/flows/entries';

export function RunEntries({ slug, runId }: { slug: string; runId: SyncRunId }) {
  const { data } = useQuery({
    queryKey: ['run-entries', slug, runId],
    queryFn: () => getJson<{ flows: FlowEntries[]; fresh: number }>(`/data/${slug}/integrations/runs/${runId}/entries`),
  });
  if (!data || data.flows.length === 0) return null;
  const { flows, fresh } = data;
  return (
    <Banner>
      <p>This starts flows:</p>
      <ul>
        {flows.map(({ flowId, name, enters, state }) => (
          <li key={flowId}>
            {state === 'attention'
              ? `“${name}” needs attention: people who come are kept, and offered once it is fixed`
              : `${enters.toLocaleString('en-GB')} would ${state === 'paused' ? 'be kept for' : 'enter'} “${name}”`}
          </li>
        ))}
      </ul>
      {fresh > 0 && (
        <p>{fresh === 1 ? '1 new profile' : `${fresh.toLocaleString('en-GB')} new profiles`} may enter them as well.</p>
      )}
    </Banner>
  );
}
