'use client';
// The versions that were published, who is still in each, and the way to begin again with one of them.
import { useQuery } from '@tanstack/react-query';
import { Button } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import type { InJson } from '@/components/ui/in-json';
import { getJson } from '@/components/ui/json';
import type { FlowVersionRow } from '@/lib/flows/queries';
import type { FlowDocument } from '@/lib/flows/schema';

/** The document is plain data. */
type Version = Omit<InJson<FlowVersionRow>, 'document'> & { document: FlowDocument };

type Props = {
  slug: string;
  flowId: number;
  /** Takes a version as the draft. */
  onTake: (version: number, document: FlowDocument) => void;
  onClose: () => void;
};

export function VersionsDialog({ slug, flowId, onTake, onClose }: Props) {
  const { data, error } = useQuery({
    queryKey: ['flow-versions', slug, flowId],
    queryFn: () => getJson<Version[]>(`/data/${slug}/flows/${flowId}/versions`),
    gcTime: 0,
  });
  return (
    <Dialog
      title="Versions"
      isOpen
      onClose={onClose}
      unsaved={false}
      actions={
        <Button variant="primary" onPress={onClose}>
          Done
        </Button>
      }
    >
      <p className="text-muted">
        Each time that the flow is published, a version is made that stays as it is. People in it go through it to the
        end.
      </p>
      {error && <Banner tone="danger">{error.message}</Banner>}
      {!data && !error && <p className="text-muted">Loading…</p>}
      <ol className="flex flex-col">
        {data?.map(({ version, at, by, inside, document }) => (
          <li
            key={version}
            className="border-line flex items-center justify-between gap-3 border-b py-2 last:border-b-0"
          >
            <span className="min-w-0">
              <span className="font-medium">Version {version}</span>
              <span className="text-muted block text-[13px]">
                <DateTime value={at} />
                {by && ` by ${by}`} ·{' '}
                {inside === 0 ? 'nobody in it now' : `${inside.toLocaleString('en-GB')} in it now`}
              </span>
            </span>
            <Button
              size="small"
              aria-label={`Make version ${version} the draft`}
              onPress={() => onTake(version, document)}
            >
              Make it the draft
            </Button>
          </li>
        ))}
      </ol>
    </Dialog>
  );
}
