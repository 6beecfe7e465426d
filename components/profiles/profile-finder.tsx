'use client';
// Finds a profile by the start of its name or of a key.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { FindList } from '@/components/ui/find-list';
import { getJson } from '@/components/ui/json';
import { useDebounced } from '@/components/ui/use-debounced';
import type { ProfileId } from '@/lib/db/ids';

export type FoundProfile = { id: ProfileId; name: string; key: string | null };

type Props = {
  slug: string;
  label: string;
  onChoose: (profile: FoundProfile) => void;
  /** A profile that is not offered. */
  except?: ProfileId;
  /** It has the focus at once; false where something else comes first. */
  autoFocus?: boolean;
};

export function ProfileFinder({ slug, label, onChoose, except, autoFocus = true }: Props) {
  const [text, setText] = useState('');
  const typed = text.trim();
  const wanted = useDebounced(typed);
  const found = useQuery({
    queryKey: ['find-profiles', slug, wanted],
    queryFn: ({ signal }) =>
      getJson<FoundProfile[]>(`/data/${slug}/profiles/find?q=${encodeURIComponent(wanted)}`, signal),
    enabled: wanted !== '',
  });
  // Results of an earlier text are ignored: Enter must not choose from them.
  const answer = typed === wanted ? found : null;
  const entries = answer?.data?.filter(({ id }) => id !== except) ?? [];
  return (
    <FindList
      label={label}
      placeholder="Name, email, mobile or CRM ID"
      text={text}
      onText={setText}
      entries={entries}
      entryKey={({ id }) => id}
      show={({ name, key }) => (
        <>
          <span className="min-w-0 flex-1 truncate">{name}</span>
          <span className="text-muted max-w-40 shrink-0 truncate text-xs">{key}</span>
        </>
      )}
      onChoose={onChoose}
      autoFocus={autoFocus}
      status={statusOf(typed, answer, entries.length)}
    />
  );
}

type Answer = { isPending: boolean; isSuccess: boolean; error: Error | null } | null;

function statusOf(typed: string, answer: Answer, found: number): string | undefined {
  if (typed === '') return 'Type the start of a name or key.';
  if (answer === null || (answer.isPending && !answer.error)) return 'Searching…';
  if (answer.error) return answer.error.message;
  return found === 0 ? 'No profile in this section starts with that.' : undefined;
}
