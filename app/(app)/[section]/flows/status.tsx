// The state of a flow in a few words.
import { TriangleAlert } from 'lucide-react';
import { Badge, Banner } from '@/components/ui/display';
import type { FlowRow } from '@/lib/flows/queries';

type StatusFields = Pick<FlowRow, 'state' | 'version' | 'isChanged' | 'attention'>;

export function FlowStatus({ flow: { state, version, isChanged, attention } }: { flow: StatusFields }) {
  return (
    <>
      {state === 'draft' && <Badge>Draft</Badge>}
      {state === 'live' && <Badge tone="success">Live</Badge>}
      {state === 'paused' && <Badge tone="warning">Paused</Badge>}
      {state === 'stopped' && <Badge>Stopped</Badge>}
      {version !== null && isChanged && <Badge tone="info">Changes not published</Badge>}
      {attention.length > 0 && (
        <span title={attention.join(' ')}>
          <Badge tone="danger">
            <TriangleAlert aria-hidden className="mr-1 size-3" /> Needs attention
          </Badge>
        </span>
      )}
    </>
  );
}

/** The reasons, and what to do. */
export function AttentionBanner({ flow: { state, attention } }: { flow: StatusFields }) {
  if (attention.length === 0) return null;
  return (
    <Banner tone="danger">
      <p className="font-semibold">
        {state === 'live'
          ? 'This flow needs attention. Until then it lets nobody in, and whoever is in it stays where they are.'
          : 'This flow needs attention.'}
      </p>
      <ul className="list-disc pl-5">
        {attention.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
      <p>
        Choose something else where it is used{state === 'draft' ? '.' : ', and publish the changes. Nobody is lost.'}
      </p>
    </Banner>
  );
}
