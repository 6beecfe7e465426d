// The notice on segments that refer to something hidden.
import { TriangleAlert } from 'lucide-react';
import { ButtonLink } from '@/components/ui/button';
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

/** The reasons, and a link to the editor. */
export function AttentionBanner({ reasons, fixHref }: { reasons: readonly string[]; fixHref: string }) {
  if (reasons.length === 0) return null;
  return (
    <div className="mb-4">
      <Banner tone="danger">
        <div className="flex flex-wrap items-start justify-between gap-3">
          <div className="min-w-0 flex-1">
            <p className="font-semibold">This segment needs attention. It cannot be used until it is fixed.</p>
            <ul className="list-disc pl-5">
              {reasons.map((reason) => (
                <li key={reason}>{reason}</li>
              ))}
            </ul>
          </div>
          <ButtonLink href={fixHref}>Fix it</ButtonLink>
        </div>
      </Banner>
    </div>
  );
}
