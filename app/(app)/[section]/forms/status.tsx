// The state of a form in a few words.
import { TriangleAlert } from 'lucide-react';
import { Badge, Banner } from '@/components/ui/display';
import type { FormRow } from '@/lib/forms/queries';

type StatusFields = Pick<FormRow, 'version' | 'open' | 'isChanged' | 'attention'>;

export function FormStatus({ form: { version, open, isChanged, attention } }: { form: StatusFields }) {
  return (
    <>
      {version === null ? <Badge>Draft</Badge> : open ? <Badge tone="success">Open</Badge> : <Badge>Closed</Badge>}
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

/** The reasons, and what to do. `waiting`: how many submissions wait for it. */
export function AttentionBanner({ reasons, waiting }: { reasons: readonly string[]; waiting: number }) {
  if (reasons.length === 0) return null;
  return (
    <Banner tone="danger">
      <p className="font-semibold">This form needs attention. It goes on taking submissions, which wait until then.</p>
      <ul className="list-disc pl-5">
        {reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
      <p>
        Choose something else where it is used, and publish the changes.
        {waiting > 0 &&
          ` Then ${waiting === 1 ? 'the submission that waits is applied' : `the ${waiting.toLocaleString('en-GB')} submissions that wait are applied`}: nobody is lost.`}
      </p>
    </Banner>
  );
}
