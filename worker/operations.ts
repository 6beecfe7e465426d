// Which step belongs to which kind of operation.
import { importStep } from '@/lib/imports/run';
import { bulkTagStep } from '@/lib/operations/bulk-tag';
import { mergeTagStep } from '@/lib/operations/merge-tag';
import type { OperationHandlers } from '@/lib/operations/run';
import { undoStep } from '@/lib/operations/undo';

export const operationHandlers: OperationHandlers = {
  bulk_tag: bulkTagStep,
  import: importStep,
  undo: undoStep,
  merge_tag: mergeTagStep,
};
