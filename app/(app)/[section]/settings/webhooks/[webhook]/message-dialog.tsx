'use client';
// A message as sent, with every attempt.
import { useQuery } from '@tanstack/react-query';
import { readWith } from '@/components/ui/answer-of';
import { DateTime } from '@/components/ui/date-time';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import type { MessageView } from '@/lib/webhooks/schema';
import { readMessageAction } from '../actions';
import type { SectionRef } from '../webhook-dialog';

export function MessageDialog({
  section,
  message,
  onClose,
}: {
  section: SectionRef;
  message: MessageView;
  onClose: () => void;
}) {
  const full = useQuery({
    queryKey: ['webhook-message', section.slug, message.id, message.attempts],
    queryFn: () => readWith(readMessageAction({ sectionId: section.id, messageId: message.id })),
  });
  return (
    <Dialog title={message.type} isOpen onClose={onClose} wide>
      <p className="text-muted text-[13px]">
        webhook-id: <code className="select-all">{message.messageId}</code>
      </p>
      {full.isError && <Banner tone="danger">The message could not be read. Close this and try again.</Banner>}
      {full.data === null && <Banner>This message no longer exists.</Banner>}
      {full.data && (
        <>
          <pre
            // Scrollable content must be reachable by keyboard.
            tabIndex={0}
            className="bg-sunken border-line max-h-72 relative overflow-auto rounded-md border p-3 text-[13px]"
          >
            {JSON.stringify(JSON.parse(full.data.body), null, 2)}
          </pre>
          <h3 className="font-semibold">Attempts</h3>
          {full.data.attempts.length === 0 && <p className="text-muted">None yet.</p>}
          <ol className="flex flex-col gap-2">
            {full.data.attempts.map((attempt) => (
              <li key={attempt.id}>
                <DateTime value={attempt.at} exact />: {attempt.error ?? `HTTP ${attempt.statusCode}`}{' '}
                <span className="text-muted">in {attempt.milliseconds.toLocaleString('en-GB')} ms</span>
                {attempt.answer && <code className="text-muted block break-all">{attempt.answer}</code>}
              </li>
            ))}
          </ol>
          {message.status === 'waiting' && message.attempts > 0 && (
            <p className="text-muted">
              Next attempt: <DateTime value={message.nextAttemptAt} exact />
            </p>
          )}
        </>
      )}
    </Dialog>
  );
}
