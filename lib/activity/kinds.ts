// All kinds of operations. A new kind is declared in its subject's folder and listed here; nothing else needs to know
// it.
import { tagJobKind } from '@/lib/clients/tag-job-kind';
import { findDuplicatesKind } from '@/lib/duplicates/look';
import { olderVersionsKind } from '@/lib/flows/older-versions';
import { dryRunKind, importKind } from '@/lib/imports/kinds';
import { syncDryRunKind, syncKind } from '@/lib/integrations/kinds';
import { letInKind } from '@/lib/integrations/let-in';
import { removeListTagKind } from '@/lib/integrations/remove-from-all';
import { bulkAttributeKind } from '@/lib/operations/bulk-attribute';
import { bulkTagKind } from '@/lib/operations/bulk-tag';
import { mergeTagKind } from '@/lib/operations/merge-tag';
import { bulkDeleteKind } from '@/lib/people/bulk-delete';
import { redoKind, undoKind } from './undo';
import type { OperationKind } from '@/lib/work/kind';

export const OPERATION_KINDS: readonly OperationKind[] = [
  bulkTagKind,
  bulkAttributeKind,
  bulkDeleteKind,
  tagJobKind,
  importKind,
  dryRunKind,
  undoKind,
  redoKind,
  mergeTagKind,
  syncKind,
  syncDryRunKind,
  letInKind,
  removeListTagKind,
  findDuplicatesKind,
  olderVersionsKind,
];
