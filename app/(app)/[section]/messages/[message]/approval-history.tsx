// Who asked for approval of a message, and what was decided.
import { DateTime } from '@/components/ui/date-time';
import { cardClass } from '@/components/ui/display';
import type { ApprovalEntry } from '@/lib/messages/approval-schema';
import type { InJson } from '@/components/ui/in-json';

export type ShownApproval = InJson<ApprovalEntry>;

export function ApprovalHistory({ entries }: { entries: readonly ShownApproval[] }) {
  if (entries.length === 0) return null;
  return (
    <section aria-labelledby="approvals" className={`${cardClass} flex flex-col gap-2 p-4`}>
      <h2 id="approvals" className="font-medium">
        Approval
      </h2>
      <ol className="flex flex-col">
        {entries.map(({ sendId, state, askedBy, askedAt, decidedBy, decidedAt, note }) => (
          <li key={sendId} className="border-line border-b py-2 text-[13px] last:border-b-0">
            {state === 'withdrawn' && <p>Taken back before anybody decided</p>}
            {(state === 'approved' || state === 'returned') && (
              <p>
                {state === 'approved' ? 'Approved' : 'Sent back'} by {decidedBy ?? 'somebody'}{' '}
                {decidedAt && <DateTime value={decidedAt} />}
              </p>
            )}
            {note && <p className="my-1 wrap-anywhere whitespace-pre-line">“{note}”</p>}
            <p className="text-muted">
              {askedBy ?? 'A client of the API'} asked <DateTime value={askedAt} />
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}
