'use client';
// The way that somebody would take through the draft now, with the times by their own clock. Nothing is done, and nothing is sent.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { FlowThings } from '@/components/flows/editor-context';
import { useFlowNames } from '@/components/flows/use-flow-names';
import { ProfileFinder, type FoundProfile } from '@/components/profiles/profile-finder';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import type { InJson } from '@/components/ui/in-json';
import { getJson } from '@/components/ui/json';
import { allSteps, type FlowDocument, type FlowSettings } from '@/lib/flows/schema';
import type { Walk } from '@/lib/flows/walk';
import { stepName, waysOf, type FlowNames } from '@/lib/flows/words';

type Props = {
  slug: string;
  flowId: number;
  /** As it is saved. */
  document: FlowDocument;
  settings: FlowSettings;
  things: FlowThings;
  onClose: () => void;
};

export function WalkDialog({ slug, flowId, document, settings, things, onClose }: Props) {
  const [person, setPerson] = useState<FoundProfile | null>(null);
  const names = useFlowNames(slug, things, document, settings);
  const { data, error } = useQuery({
    queryKey: ['flow-walk', slug, flowId, person?.id],
    queryFn: () => getJson<InJson<Walk>>(`/data/${slug}/flows/${flowId}/walk?profile=${person!.id}`),
    enabled: person !== null,
    // The draft may have changed since.
    gcTime: 0,
    retry: false,
  });
  return (
    <Dialog
      title="Walk somebody through"
      isOpen
      onClose={onClose}
      wide
      unsaved={false}
      actions={
        <>
          {person && <Button onPress={() => setPerson(null)}>Somebody else</Button>}
          <Button variant="primary" onPress={onClose}>
            Done
          </Button>
        </>
      }
    >
      {person === null ? (
        <>
          <p className="text-muted">
            Shows the way that a person would take if they entered now, and when. Nothing is sent or changed.
          </p>
          <ProfileFinder slug={slug} label="Whom?" onChoose={setPerson} />
        </>
      ) : (
        <div className="flex flex-col gap-3">
          <h3 className="font-semibold wrap-anywhere">{person.name}</h3>
          {error && <Banner tone="danger">{error.message}</Banner>}
          {!data && !error && <p className="text-muted">Looking…</p>}
          {data && <Way walk={data} document={document} names={names} />}
        </div>
      )}
    </Dialog>
  );
}

type WayProps = { walk: InJson<Walk>; document: FlowDocument; names: FlowNames };

function Way({ walk, document, names }: WayProps) {
  const { zone, lines, refused, ends } = walk;
  const steps = new Map(allSteps(document.steps).map((step) => [step.id, step]));
  const moment = new Intl.DateTimeFormat('en-GB', { timeZone: zone, dateStyle: 'medium', timeStyle: 'short' });
  const last = lines.at(-1);
  return (
    <>
      {refused && <Banner tone="warning">{refused}</Banner>}
      <ol className="flex flex-col gap-2">
        {lines.map(({ stepId, at, way, note }) => {
          const step = steps.get(stepId);
          if (!step) return null;
          const taken =
            way !== undefined && 'ways' in step
              ? waysOf(step, names).find(({ id, isOtherwise }) => (way === null ? isOtherwise : id === way))
              : undefined;
          return (
            <li key={stepId} className="grid gap-x-4 sm:grid-cols-[11rem_1fr]">
              <time dateTime={at} className="text-muted tabular-nums">
                {moment.format(new Date(at))}
              </time>
              <span className="wrap-anywhere">
                <span className="font-medium">{stepName(step, names)}</span>
                {taken && <> → “{taken.words}”</>}
                {note && <span className="text-muted block text-[13px]">{note}</span>}
              </span>
            </li>
          );
        })}
        <li className="grid gap-x-4 sm:grid-cols-[11rem_1fr]">
          <span className="text-muted tabular-nums">{last && moment.format(new Date(last.until))}</span>
          <span className="text-muted">{ends === 'leave' ? 'They leave the flow.' : 'The flow ends.'}</span>
        </li>
      </ol>
      <p className="text-muted text-[13px]">By the clock of {zone.replaceAll('_', ' ')}.</p>
    </>
  );
}
