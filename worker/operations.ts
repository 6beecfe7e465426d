// What runs which kind of operation.
import { importRun } from '@/lib/imports/run';
import { bulkTagStep } from '@/lib/operations/bulk-tag';
import { mergeTagStep } from '@/lib/operations/merge-tag';
import type { OperationHandlers } from '@/lib/operations/schema';
import { apiTagsStep } from '@/lib/clients/segment-jobs';
import { undoStep } from '@/lib/operations/undo';

export const operationHandlers: OperationHandlers = {
  bulk_tag: () => ({ step: bulkTagStep }),
  api_tags: () => ({ step: apiTagsStep }),
  import: () => importRun({ dry: false }),
  dry_run: () => importRun({ dry: true }),
  undo: () => ({ step: undoStep }),
  merge_tag: () => ({ step: mergeTagStep }),
};
