'use client';
// Steps through those who get a message, or only through those who have no value for something that it uses.
import { useQuery } from '@tanstack/react-query';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useState } from 'react';
import type { Among } from '@/components/messages/use-audience';
import type { FoundProfile } from '@/components/profiles/profile-finder';
import { Button, IconButton } from '@/components/ui/button';
import { Checkbox } from '@/components/ui/field';
import { postJson } from '@/components/ui/json';
import type { AttributeId } from '@/lib/db/ids';
import type { PreviewPeople } from '@/lib/messages/preview-people';
import { isChosen } from '@/lib/audience/schema';

type Props = {
  slug: string;
  /** What it uses. */
  attributeIds: readonly AttributeId[];
  among: Among;
  /** As whom it is shown. */
  person: FoundProfile | null;
  onChoose: (person: FoundProfile) => void;
};

export function PersonSteps({ slug, attributeIds, among: { audience, about }, person, onChoose }: Props) {
  const [without, setWithout] = useState(false);
  const useOf = (only: boolean) => ({
    queryKey: ['preview-people', slug, audience, about, attributeIds, only],
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      postJson<PreviewPeople>(
        `/data/${slug}/messages/preview-people`,
        { audience, ...about, attributeIds, without: only },
        { signal },
      ),
    retry: false,
    staleTime: 60_000,
  });
  const canAsk = isChosen(audience, about.kind);
  const all = useQuery({ ...useOf(false), enabled: canAsk });
  const lacking = useQuery({ ...useOf(true), enabled: canAsk && attributeIds.length > 0 });
  const { people = [], total = 0 } = (without ? lacking.data : all.data) ?? {};
  const at = people.findIndex(({ id }) => id === person?.id);
  const shown = people[at];
  const go = (to: number) => {
    const next = people[(to + people.length) % people.length];
    if (next) onChoose({ id: next.id, name: next.name, key: null });
  };
  if (!all.data || all.data.total === 0) return null;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
      {people.length > 0 && (
        <span className="flex items-center gap-1">
          {shown ? (
            <>
              <IconButton label="Previous person" onPress={() => go(at - 1)}>
                <ChevronLeft aria-hidden className="size-4" />
              </IconButton>
              <span role="status" className="text-[13px] tabular-nums">
                {at + 1} of {people.length.toLocaleString('en-GB')}
                {total > people.length && ` (${total.toLocaleString('en-GB')} in all)`}
              </span>
              <IconButton label="Next person" onPress={() => go(at + 1)}>
                <ChevronRight aria-hidden className="size-4" />
              </IconButton>
            </>
          ) : (
            <Button size="small" onPress={() => go(0)}>
              {without ? 'As one of them' : 'As one of those who get it'}
            </Button>
          )}
        </span>
      )}
      {lacking.data && lacking.data.total > 0 && (
        <Checkbox
          isSelected={without}
          onChange={(only) => {
            setWithout(only);
            const [first] = (only ? lacking.data : all.data)?.people ?? [];
            if (only && first) onChoose({ id: first.id, name: first.name, key: null });
          }}
        >
          Only those without a value ({lacking.data.total.toLocaleString('en-GB')})
        </Checkbox>
      )}
      {lacking.data?.total === 0 && <span className="text-muted text-[13px]">Everybody has all values it uses.</span>}
      {shown && shown.lacks.length > 0 && (
        <span className="text-warning text-[13px]">No {shown.lacks.map((name) => `“${name}”`).join(', ')}</span>
      )}
    </div>
  );
}
