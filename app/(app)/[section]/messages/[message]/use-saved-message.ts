'use client';
import { useSavedDraft } from '@/components/ui/use-saved-draft';
import type { MessageId, SectionId } from '@/lib/db/ids';
import { saveMessageAction } from '../actions';
import { DraftSchema, type Draft } from './draft';

type Of = { sectionId: SectionId; messageId: MessageId };

/** Saves a message while somebody writes it. `changedAt`: ISO 8601. */
export const useSavedMessage = (of: Of, saved: Draft, changedAt: string) =>
  useSavedDraft({
    keptAs: `message:${of.messageId}`,
    schema: DraftSchema,
    saved,
    changedAt,
    send: (input, requestId) => saveMessageAction({ ...of, ...input }, requestId),
  });
