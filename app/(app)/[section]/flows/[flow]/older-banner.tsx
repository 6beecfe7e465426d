'use client';
// Says that people are in older versions than the one into which people come now, with the way to move or end them.
import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import type { FlowThings } from '@/components/flows/editor-context';
import { Button } from '@/components/ui/button';
import { Banner } from '@/components/ui/display';
import { getJson } from '@/components/ui/json';
import type { SectionId } from '@/lib/db/ids';
import type { OlderPlace } from '@/lib/flows/older-versions';
import type { FlowDocument, FlowSettings } from '@/lib/flows/schema';
import { MoveVersionsDialog } from './move-versions-dialog';

type Props = {
  section: { id: SectionId; slug: string };
  flow: { id: number; version: number | null; state: string };
  /** Into which people come now. */
  published: FlowDocument | null;
  settings: FlowSettings;
  things: FlowThings;
};

const LOOK_EVERY_MS = 30_000;

export function OlderBanner({ section, flow, published, settings, things }: Props) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const isOn = flow.state === 'live' || flow.state === 'paused';
  const { data, refetch } = useQuery({
    queryKey: ['flow-older-places', section.slug, flow.id, flow.version],
    queryFn: () =>
      getJson<{ into: number | null; places: OlderPlace[] }>(`/data/${section.slug}/flows/${flow.id}/older-places`),
    enabled: isOn && (flow.version ?? 0) > 1,
    refetchInterval: open ? false : LOOK_EVERY_MS,
  });
  if (!data || published === null || (data.places.length === 0 && !open)) return null;
  const people = data.places.reduce((sum, place) => sum + place.people, 0);
  const versions = [...new Set(data.places.map(({ version }) => version))];
  const held = data.places.filter((place) => place.held !== null);
  return (
    <>
      {data.places.length > 0 && (
        <Banner tone={held.length === 0 ? 'info' : 'warning'}>
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
            {people === 1 ? '1 person is' : `${people.toLocaleString('en-GB')} people are`} still in{' '}
            {versions.length === 1 ? `version ${versions[0]}` : `versions ${versions.join(', ')}`}.{' '}
            {held.length === 0
              ? people === 1
                ? 'They go through it as it was.'
                : 'They go through them as they were.'
              : heldInWords(held)}
            <Button size="small" onPress={() => setOpen(true)}>
              Move or end them…
            </Button>
          </span>
        </Banner>
      )}
      {open && (
        <MoveVersionsDialog
          section={section}
          flowId={flow.id}
          into={data.into!}
          places={data.places}
          document={published}
          settings={settings}
          things={things}
          onChanged={() => {
            void refetch();
            router.refresh();
          }}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}

/** Who does not go on until they are moved, or what was hidden is replaced there. */
function heldInWords(held: readonly OlderPlace[]): string {
  const people = held.reduce((sum, place) => sum + place.people, 0);
  const who = people === 1 ? '1 of them waits' : `${people.toLocaleString('en-GB')} of them wait`;
  return `${who} there and cannot go on: ${held[0]!.held!} Move them to the new version.`;
}
