// The status of a message in a few words.
import type { Tone } from '@/components/ui/display';
import type { MessageRow } from '@/lib/messages/queries';

type StatusFields = Pick<MessageRow, 'isDraft' | 'isUsedByApi' | 'send'>;

/** `tone` undefined: nothing to notice. */
export function statusOf({ isDraft, isUsedByApi, send }: StatusFields): { text: string; tone?: Tone } {
  if (isUsedByApi) return { text: 'Sent by the API', tone: 'success' };
  if (send?.status === 'nobody') return { text: 'Nobody to send to', tone: 'warning' };
  if (send?.status === 'returned') return { text: 'Sent back', tone: 'warning' };
  if (isDraft || !send) return { text: 'Draft' };
  switch (send.status) {
    case 'asked':
      return { text: 'Waits for approval', tone: 'warning' };
    case 'scheduled':
      return { text: 'Scheduled', tone: 'info' };
    case 'preparing':
      return { text: 'Preparing', tone: 'info' };
    case 'sending':
      return { text: 'Sending', tone: 'info' };
    case 'paused':
      if (send.pauseKind === 'choice') return { text: 'Choose a variant', tone: 'warning' };
      return { text: 'Paused', tone: 'warning' };
    case 'done':
      return { text: 'Sent', tone: 'success' };
    case 'cancelled':
      return { text: 'Cancelled', tone: 'warning' };
  }
}
