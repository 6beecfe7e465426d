import type { Tone } from '@/components/ui/display';
import type { MessageView } from '@/lib/webhooks/schema';

/** The state of a message in words. */
export const OUTCOMES: Record<MessageView['status'], { label: string; tone: Tone }> = {
  waiting: { label: 'Waiting', tone: 'info' },
  delivered: { label: 'Delivered', tone: 'success' },
  failed: { label: 'Failed', tone: 'danger' },
};
