import type { Tone } from '@/components/ui/display';
import type { MessageView } from '@/lib/webhooks/schema';

/** How the state of a message is said. */
export const OUTCOMES: Record<MessageView['status'], { label: string; tone: Tone }> = {
  waiting: { label: 'Waiting', tone: 'info' },
  delivered: { label: 'Delivered', tone: 'success' },
  failed: { label: 'Given up', tone: 'danger' },
};
