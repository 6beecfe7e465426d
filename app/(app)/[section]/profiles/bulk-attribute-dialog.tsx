'use client';
// Sets or clears an attribute of many profiles, with preview, progress and undo.
import { useQuery } from '@tanstack/react-query';
import clsx from 'clsx';
import { useState } from 'react';
import { EntriesChoice } from '@/components/flows/entries-choice';
import { Select } from '@/components/ui/field';
import { postJson } from '@/components/ui/json';
import { ToggleRow } from '@/components/ui/toggle-row';
import { useDebounced } from '@/components/ui/use-debounced';
import type { Attribute } from '@/lib/attributes/schema';
import type { FlowEntries } from '@/lib/flows/entries';
import type { BulkValuePreview } from '@/lib/operations/bulk-attribute';
import type { BulkSelection } from '@/lib/operations/selection';
import { followsKey } from '@/lib/profiles/keys';
import { setBulkAttributeAction } from './actions';
import { BulkDialog, BulkForm, whomInWords } from './bulk-dialog';
import { BulkValueField } from './bulk-value-field';
import { useBulkWork, type BulkWorkProps } from './use-bulk-work';

const WAYS = [
  { value: 'set', label: 'Set a value' },
  { value: 'clear', label: 'Clear the value' },
] as const;

type Props = BulkWorkProps & {
  attributes: readonly Attribute[];
  selection: BulkSelection;
  /** Number of selected profiles. */
  size: number;
  /** The name of the only one. */
  person?: string;
};

export function BulkAttributeDialog({ attributes, selection, size, person, ...about }: Props) {
  const { slug } = about.section;
  const work = useBulkWork(about);
  const [attribute, setAttribute] = useState<Attribute | null>(null);
  const [way, setWay] = useState<'set' | 'clear'>('set');
  const [text, setText] = useState('');
  const [startsFlows, setStartsFlows] = useState(true);
  const value = way === 'clear' ? '' : text;
  const complete = attribute !== null && (way === 'clear' || text.trim() !== '');
  const asked = complete ? JSON.stringify({ selection, attributeId: attribute.id, value }) : null;
  const settled = useDebounced(asked);
  const preview = usePreview(slug, settled === asked ? asked : null);
  const entries = useEntries(slug, settled === asked && !preview.isError ? asked : null);
  const [counted, problem] = settled === asked ? [preview.data, preview.error?.message] : [];
  const changes = counted && counted.profiles - (way === 'clear' ? counted.empty : counted.same);

  const start = {
    label: 'Apply changes',
    canStart: complete && problem === undefined && changes !== 0 && !entries.counting,
    onStart: () =>
      void work.start(setBulkAttributeAction, { selection, attributeId: attribute!.id, value, startsFlows }),
  };

  return (
    <BulkDialog
      title={`Set an attribute of ${whomInWords(size, person)}`}
      work={work}
      start={start}
      unsaved={text !== ''}
    >
      <BulkForm {...start} pending={work.pending}>
        <Select
          label="Attribute"
          autoFocus
          placeholder="Choose an attribute"
          value={attribute?.code ?? null}
          onChange={(code) => {
            const next = attributes.find((item) => item.code === code) ?? null;
            if (next?.type !== attribute?.type || next?.type === 'choice') setText('');
            setAttribute(next);
          }}
          options={attributes
            .filter(({ code, system }) => !(system && followsKey(code)))
            .map(({ code, name }) => ({ value: code, label: name }))}
        />
        {attribute && (
          <>
            <ToggleRow label="What to do" value={way} options={WAYS} onChange={setWay} />
            {way === 'set' && <BulkValueField slug={slug} attribute={attribute} text={text} onChange={setText} />}
            <p className={clsx('min-h-10', problem ? 'text-danger' : 'text-muted')} aria-live="polite">
              {complete ? (problem ?? effectInWords(counted, way)) : 'Enter the value that all of them are to have.'}
            </p>
            {changes !== 0 && (
              <EntriesChoice slug={slug} flows={entries.flows} startsFlows={startsFlows} onChange={setStartsFlows} />
            )}
          </>
        )}
      </BulkForm>
    </BulkDialog>
  );
}

/** How many profiles it changes. `asked`: the body of the request; null: nothing to ask yet. */
function usePreview(slug: string, asked: string | null) {
  return useQuery({
    queryKey: ['bulk-value-preview', slug, asked],
    queryFn: ({ signal }) =>
      postJson<BulkValuePreview>(`/data/${slug}/profiles/preview-value`, JSON.parse(asked!), { signal }),
    enabled: asked !== null,
    // What was counted for an earlier dialog may be wrong by now.
    gcTime: 0,
    staleTime: 0,
    retry: false,
  });
}

/** Into which flows how many would come; empty until counted. */
function useEntries(slug: string, asked: string | null): { flows: readonly FlowEntries[]; counting: boolean } {
  const { data, isLoading } = useQuery({
    queryKey: ['bulk-value-entries', slug, asked],
    queryFn: ({ signal }) =>
      postJson<FlowEntries[]>(`/data/${slug}/profiles/preview-value-entries`, JSON.parse(asked!), { signal }),
    enabled: asked !== null,
    gcTime: 0,
    staleTime: 0,
    retry: 1,
  });
  return { flows: data ?? [], counting: isLoading };
}

function effectInWords(counted: BulkValuePreview | undefined, way: 'set' | 'clear'): string {
  if (!counted) return 'Counting what will change…';
  const { profiles, same, empty, other } = counted;
  const number = (count: number) => count.toLocaleString('en-GB');
  const of = `of ${number(profiles)}`;
  if (way === 'clear') {
    const had = profiles - empty;
    if (had === 0) return 'None of them has a value: nothing changes.';
    return `${number(had)} ${of} have a value, which is removed. You can undo it afterwards.`;
  }
  if (same === profiles) return 'All of them have this value: nothing changes.';
  const parts = [
    other > 0 && `${number(other)} ${of} have another value, which is replaced`,
    empty > 0 && `${number(empty)} ${of} have no value and get this one`,
    same > 0 && `${number(same)} have it already`,
  ].filter(Boolean);
  return `${parts.join('; ')}. You can undo it afterwards.`;
}
