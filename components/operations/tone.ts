// The colour of an operation.
import type { Tone } from '@/components/ui/display';
import type { OperationView } from '@/lib/activity/schema';
import type { OperationStatus } from '@/lib/work/schema';

const TONES: Record<OperationStatus, Tone> = {
  queued: 'info',
  running: 'info',
  done: 'success',
  failed: 'danger',
  cancelled: 'warning',
};

/** Green only if everything requested was done. */
export function toneOf({ status, partial }: Pick<OperationView, 'status' | 'partial'>): Tone {
  return status === 'done' && partial ? 'warning' : TONES[status];
}
