// The notice on messages that refer to something hidden or gone.
import { TriangleAlert } from 'lucide-react';
import { Badge, Banner } from '@/components/ui/display';

/** Renders nothing without reasons. */
export function AttentionBadge({ reasons }: { reasons: readonly string[] }) {
  if (reasons.length === 0) return null;
  return (
    <span title={reasons.join(' ')}>
      <Badge tone="danger">
        <TriangleAlert aria-hidden className="mr-1 size-3" /> Needs attention
      </Badge>
    </span>
  );
}

/** The reasons, and what to do. */
export function AttentionBanner({ reasons }: { reasons: readonly string[] }) {
  if (reasons.length === 0) return null;
  return (
    <Banner tone="danger">
      <p className="font-semibold">This message needs attention. It cannot be sent until it is fixed.</p>
      <ul className="list-disc pl-5">
        {reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
      <p>Remove it where it is used, in the content or in Send To, or choose something else.</p>
    </Banner>
  );
}
