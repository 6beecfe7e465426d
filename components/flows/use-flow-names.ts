'use client';
// Names of what a flow refers to.
import { useMemo } from 'react';
import { useTagLabels } from '@/components/tags/use-tags';
import type { FlowDocument, FlowSettings } from '@/lib/flows/schema';
import { referencesOf } from '@/lib/flows/references';
import type { FlowNames } from '@/lib/flows/words';
import { namesIn } from '@/lib/segments/words';
import type { FlowThings } from './editor-context';

const GONE = {
  message: 'a message that was deleted',
  form: 'a form that was deleted',
  flow: 'a flow that was deleted',
};

export function useFlowNames(
  slug: string,
  { vocabulary, messages, forms, flows }: FlowThings,
  document: FlowDocument,
  settings: FlowSettings,
): FlowNames {
  const tagIds = useMemo(() => referencesOf(document, settings).tagIds, [document, settings]);
  const { labels, isComplete } = useTagLabels(slug, tagIds);
  // The map is new at each look, with the same tags mostly.
  const tags = JSON.stringify([...labels.values()].map(({ id, name }) => [id, name]));
  return useMemo(() => {
    const known = new Map<number, string>(JSON.parse(tags) as [number, string][]);
    const named = <Id>(things: readonly { id: Id; name: string }[], id: Id, gone: string) =>
      things.find((thing) => thing.id === id)?.name ?? gone;
    return {
      ...namesIn(vocabulary),
      tag: (id) => known.get(id) ?? (isComplete ? 'a hidden tag' : '…'),
      message: (id) => named(messages, id, GONE.message),
      form: (id) => named(forms, id, GONE.form),
      flow: (id) => named(flows, id, GONE.flow),
    };
  }, [vocabulary, messages, forms, flows, tags, isComplete]);
}
