// The loops of the leader.
import { wakeMissed } from '@/lib/forms/work-job';
import { recoverReads } from '@/lib/integrations/lost-reads';
import { endMootQuestions } from '@/lib/integrations/moot';
import { startDueSyncs } from '@/lib/integrations/schedule';
import { readDueMailboxes } from '@/lib/bounces/read-mailbox';
import { lookForTriggers } from '@/lib/flows/look';
import { sendOut } from '@/lib/flows/send-out';
import { tick } from '@/lib/flows/tick';
import { startDueSends } from '@/lib/messages/due';
import { noteRefusals } from '@/lib/messages/refusals';
import { Deliveries } from '@/lib/webhooks/deliver';
import { makeMessages } from '@/lib/webhooks/messages';
import type { Loop } from '@/lib/work/loops';

const WEBHOOKS_EVERY_MS = 1_000;
const SENDS_EVERY_MS = 1_000;
const SYNCS_EVERY_MS = 20_000;
const FLOWS_EVERY_MS = 250;
const FLOWS_TELL_EVERY_MS = 1_000;
const FLOW_TRIGGERS_EVERY_MS = 15_000;
const REFUSALS_EVERY_MS = 5_000;
const SUBMISSIONS_EVERY_MS = 5_000;
const MAILBOXES_EVERY_MS = 2_000;
/** How long messages in transit may take when the loop stops; aborted ones are sent again. */
const SETTLE_MS = 5_000;

/** The loops. `onProblem`: the result of a message could not be recorded; it is sent again. */
export function loops(onProblem: (message: string, error: unknown) => void): Loop[] {
  const deliveries = new Deliveries({
    onError: (error) =>
      onProblem('the result of a webhook message could not be recorded; it will be sent again', error),
  });
  return [
    {
      name: 'webhooks',
      everyMs: WEBHOOKS_EVERY_MS,
      turn: async () => {
        await makeMessages();
        await deliveries.start();
      },
      close: () => deliveries.settle(SETTLE_MS),
    },
    {
      name: 'sends',
      everyMs: SENDS_EVERY_MS,
      turn: () => startDueSends(),
    },
    {
      name: 'flows',
      everyMs: FLOWS_EVERY_MS,
      turn: (signal) => tick({ signal, sparing: true }),
    },
    {
      name: 'what flows tell others',
      everyMs: FLOWS_TELL_EVERY_MS,
      turn: (signal) => sendOut({ signal }),
    },
    {
      name: 'flow triggers',
      everyMs: FLOW_TRIGGERS_EVERY_MS,
      turn: (signal) => lookForTriggers({ signal }),
    },
    {
      name: 'refusals',
      everyMs: REFUSALS_EVERY_MS,
      turn: (signal) => noteRefusals(signal),
    },
    {
      name: 'bounce mailboxes',
      everyMs: MAILBOXES_EVERY_MS,
      turn: (signal) => readDueMailboxes({ signal }),
    },
    {
      name: 'submissions',
      everyMs: SUBMISSIONS_EVERY_MS,
      turn: () => wakeMissed(),
    },
    {
      name: 'syncs',
      everyMs: SYNCS_EVERY_MS,
      turn: async () => {
        await recoverReads();
        await endMootQuestions();
        await startDueSyncs();
      },
    },
  ];
}
