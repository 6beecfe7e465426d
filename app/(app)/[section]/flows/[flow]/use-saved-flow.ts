'use client';
import { z } from 'zod';
import { useSavedDraft } from '@/components/ui/use-saved-draft';
import type { FlowId, SectionId } from '@/lib/db/ids';
import { FlowDocumentSchema } from '@/lib/flows/schema';
import { saveFlowAction } from '../actions';

const DraftSchema = z.object({ document: FlowDocumentSchema });
type Draft = z.output<typeof DraftSchema>;

/** Revisions as texts that are in the same order. */
export const seenOf = (revision: number): string => String(revision).padStart(10, '0');
export const revisionOf = (seen: string): number => Number(seen);

/** Saves a flow while somebody works on it. */
export const useSavedFlow = (of: { sectionId: SectionId; flowId: FlowId }, saved: Draft, revision: number) =>
  useSavedDraft({
    keptAs: `flow:${of.flowId}`,
    schema: DraftSchema,
    saved,
    changedAt: seenOf(revision),
    send: async ({ document, seen }, requestId) => {
      const result = await saveFlowAction({ ...of, document, revision: revisionOf(seen) }, requestId);
      return result.ok ? { ok: true, value: { changedAt: seenOf(result.value.revision) } } : result;
    },
  });
