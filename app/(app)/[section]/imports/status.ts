// The status of an import in a word.
import type { Tone } from '@/components/ui/display';
import { undoneInWords } from '@/lib/activity/words';
import type { ImportView } from '@/lib/imports/schema';

type StatusFields = Pick<ImportView, 'operationStatus' | 'undoneBy' | 'lastUndo' | 'counts'>;

export function statusOf({ operationStatus, undoneBy, lastUndo, counts }: StatusFields): { text: string; tone: Tone } {
  const undone = undoneBy === null ? null : undoneInWords({ lastUndo, isUndo: false });
  if (undone !== null) return { text: undone, tone: 'warning' };
  switch (operationStatus) {
    case null:
      return { text: 'Not started', tone: 'info' };
    case 'queued':
    case 'running':
      return { text: 'Running', tone: 'info' };
    case 'done':
      return (counts.rejected ?? 0) > 0 ? { text: 'Partly done', tone: 'warning' } : { text: 'Done', tone: 'success' };
    case 'failed':
      return { text: 'Stopped', tone: 'danger' };
    case 'cancelled':
      return { text: 'Cancelled', tone: 'warning' };
  }
}
