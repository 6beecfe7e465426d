'use client';
import { z } from 'zod';
import { useSavedDraft } from '@/components/ui/use-saved-draft';
import type { FormId, SectionId } from '@/lib/db/ids';
import { FormDocumentSchema } from '@/lib/forms/schema';
import { saveFormAction } from '../actions';

const DraftSchema = z.object({ name: z.string(), document: FormDocumentSchema });
export type Draft = z.output<typeof DraftSchema>;

/** Saves a form while somebody works on it. `changedAt`: ISO 8601. */
export const useSavedForm = (of: { sectionId: SectionId; formId: FormId }, saved: Draft, changedAt: string) =>
  useSavedDraft({
    keptAs: `form:${of.formId}`,
    schema: DraftSchema,
    saved,
    changedAt,
    send: (input, requestId) => saveFormAction({ ...of, ...input }, requestId),
  });
