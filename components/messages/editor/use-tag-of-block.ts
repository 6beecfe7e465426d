'use client';
import { useTagLabels } from '@/components/tags/use-tags';
import type { OnlyFor } from '@/lib/mail-document/schema';
import { useEditorActions } from './editor-context';

/** The tag that decides who sees a block. `isLost`: it is hidden. */
export function useTagOfBlock(who: OnlyFor): { name: string; isLost: boolean } {
  const { slug, hidden } = useEditorActions();
  const { labels, isComplete } = useTagLabels(slug, who ? [who.tagId] : []);
  const shown = who && labels.get(who.tagId);
  if (shown) return { name: shown.name, isLost: false };
  const lost = hidden.tags.find(({ id }) => id === who?.tagId);
  return { name: lost?.name ?? '…', isLost: lost !== undefined || (who !== null && isComplete) };
}
