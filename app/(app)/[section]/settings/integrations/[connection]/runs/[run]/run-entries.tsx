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
    queryFn: () => getJson<FlowEntries[]>(`/data/${slug}/integrations/runs/${runId}/entries`),
  });
  if (!data || data.length === 0) return null;
  return (
    <Banner>
      <p>This starts flows:</p>
      <ul>
        {data.map((flow) => (
          <li key={flow.flowId}>{inWords(flow)}</li>
        ))}
      </ul>
    </Banner>
  );
}

function inWords({ name, enters, state, unsure = 0 }: FlowEntries): string {
  if (state === 'attention') return `“${name}” needs attention: people who come are kept, and offered once it is fixed`;
  const may =
    unsure === 0 ? '' : `, and ${unsure.toLocaleString('en-GB')} new ${unsure === 1 ? 'contact' : 'contacts'} may`;
  return `${enters.toLocaleString('en-GB')} would ${state === 'paused' ? 'be kept for' : 'enter'} “${name}”${may}`;
}
