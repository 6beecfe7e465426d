'use client';
// Before a flow, or a change of it, goes live: what it means for those who are in it.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { RadioGroup } from '@/components/ui/field';
import { getJson } from '@/components/ui/json';
import { useSubmission } from '@/components/ui/use-submission';
import type { RefusalData } from '@/lib/access/refusal';
import { useSectionZone } from '@/components/ui/use-zone';
import type { SectionId } from '@/lib/db/ids';
import { closedInWords } from '@/lib/flows/period';
import type { FlowSettings } from '@/lib/flows/schema';
import { publishFlowAction } from '../actions';
import type { HeadedFlow } from './flow-header';

type Props = {
  section: { id: SectionId; slug: string };
  flow: Pick<HeadedFlow, 'id' | 'version' | 'state' | 'inside'>;
  /** Of the saved draft; null: it could not be saved. */
  revision: () => Promise<number | null>;
  settings: FlowSettings;
  /** What lets people in may hold for some already. */
  asked: boolean;
  onRefused: (refusal: RefusalData) => void;
  onPublished: () => void;
  onClose: () => void;
};

export function PublishDialog({ section, flow, settings, revision, asked, onRefused, onPublished, onClose }: Props) {
  const { refusal, pending, send } = useSubmission();
  const { version, state, inside } = flow;
  const [also, setAlso] = useState(false);
  const zone = useSectionZone();
  const [now] = useState(() => new Date());
  const closed = closedInWords(settings, settings.timeZone ?? zone, now);
  const { data: would } = useQuery({
    queryKey: ['flow-would-enter', section.slug, flow.id],
    queryFn: () =>
      getJson<{ holds: number; enters: number } | null>(`/data/${section.slug}/flows/${flow.id}/would-enter`),
    enabled: asked && state !== 'paused',
    gcTime: 0,
    retry: false,
  });

  async function publish() {
    const saved = await revision();
    if (saved === null) return onClose();
    const result = await send(
      publishFlowAction,
      { sectionId: section.id, flowId: flow.id, revision: saved, also },
      crypto.randomUUID(),
    );
    if (result.ok) onPublished();
    else onRefused(result.refusal);
  }

  return (
    <Dialog
      title={version === null ? 'Publish the flow' : 'Publish the changes'}
      isOpen
      onClose={onClose}
      unsaved={false}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button variant="primary" isPending={pending} onPress={() => void publish()}>
            Publish
          </Button>
        </>
      }
    >
      {refusal && <Banner tone="danger">{refusal.message}</Banner>}
      {version === null || state === 'stopped' ? (
        <p>From now on it lets people in, each at the moment when it happens to them.</p>
      ) : (
        <>
          <p>People who enter from now on go through the new version.</p>
          {inside > 0 && (
            <p>
              {inside === 1
                ? '1 person is in the flow now, and goes on as it was when they entered.'
                : `${inside.toLocaleString('en-GB')} people are in the flow now, and go on as it was when they entered.`}{' '}
              Waits that have begun keep their length. Once it is published, you can move them to the new version, or
              end them.
            </p>
          )}
          {state === 'paused' && <p>The flow stays paused. Let it go on when you are ready.</p>}
        </>
      )}
      {closed && <Banner tone="warning">{closed}</Banner>}
      {asked && state !== 'paused' && would === undefined && (
        <p className="text-muted">Counting for how many it holds already…</p>
      )}
      {would?.enters === 0 && (
        <p className="text-muted">
          {would.holds === 0
            ? 'It holds for nobody yet.'
            : `It holds for ${people(would.holds)} already, none of whom may enter.`}
        </p>
      )}
      {would && would.enters > 0 && (
        <RadioGroup
          label={`It holds for ${people(would.holds)} already. Who enters?`}
          value={also ? 'also' : 'new'}
          options={[
            { value: 'new', label: 'Only those to whom it happens from now on' },
            {
              value: 'also',
              label: `Those for whom it holds already, too: ${people(would.enters)}`,
              hint: 'They all enter now.',
            },
          ]}
          onChange={(next) => setAlso(next === 'also')}
        />
      )}
    </Dialog>
  );
}

const people = (count: number) => (count === 1 ? '1 person' : `${count.toLocaleString('en-GB')} people`);
