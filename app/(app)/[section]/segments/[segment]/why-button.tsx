'use client';
// Finds a profile, to explain why it is or is not in the segment.
import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button as AriaButton, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { buttonClass } from '@/components/ui/button-class';
import { FindList } from '@/components/ui/find-list';
import { getJson } from '@/components/ui/json';
import { popoverClass } from '@/components/ui/popover-class';
import { useDebounced } from '@/components/ui/use-debounced';
import type { ProfileId, SegmentId } from '@/lib/db/ids';

type Found = { id: ProfileId; name: string; key: string | null };

/** `at`: the day; '' for now. */
export function WhyButton({ slug, segmentId, at }: { slug: string; segmentId: SegmentId; at: string }) {
  const router = useRouter();
  const [text, setText] = useState('');
  const typed = text.trim();
  const wanted = useDebounced(typed);
  const found = useQuery({
    queryKey: ['find-profiles', slug, wanted],
    queryFn: ({ signal }) => getJson<Found[]>(`/data/${slug}/profiles/find?q=${encodeURIComponent(wanted)}`, signal),
    enabled: wanted !== '',
  });
  // Results of an earlier text are ignored: Enter must not choose from them.
  const answer = typed === wanted ? found : null;
  return (
    <DialogTrigger>
      <AriaButton className={buttonClass({ size: 'small' })}>Why is someone in or out?</AriaButton>
      <Popover placement="bottom end" className={`${popoverClass} w-80 max-w-[90vw]`}>
        <Dialog aria-label="Find a profile" className="outline-none">
          <FindList
            label="Which profile?"
            placeholder="Name, email, mobile or CRM ID"
            text={text}
            onText={setText}
            entries={answer?.data ?? []}
            entryKey={({ id }) => id}
            show={({ name, key }) => (
              <>
                <span className="min-w-0 flex-1 truncate">{name}</span>
                <span className="text-muted max-w-40 shrink-0 truncate text-xs">{key}</span>
              </>
            )}
            onChoose={({ id }) => router.push(`/${slug}/segments/${segmentId}/why/${id}${at ? `?at=${at}` : ''}`)}
            autoFocus
            status={
              typed === ''
                ? 'Type the start of a name or key.'
                : answer?.data?.length === 0
                  ? 'No profile in this section starts with that.'
                  : answer?.error?.message
            }
          />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
