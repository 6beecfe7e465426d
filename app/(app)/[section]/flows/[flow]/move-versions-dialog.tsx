'use client';
// What becomes of those who are in older versions, by the step at which they are: into the version into which people come now, out of the flow, or as
// they are. With progress, and an undo.
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { FlowThings } from '@/components/flows/editor-context';
import { useFlowNames } from '@/components/flows/use-flow-names';
import { Banner } from '@/components/ui/display';
import { Select } from '@/components/ui/field';
import type { InJson } from '@/components/ui/in-json';
import { getJson } from '@/components/ui/json';
import { Button } from '@/components/ui/button';
import type { SectionId } from '@/lib/db/ids';
import type { OlderPlace } from '@/lib/flows/older-versions';
import type { FlowVersionRow } from '@/lib/flows/queries';
import { allSteps, type FlowDocument, type FlowSettings } from '@/lib/flows/schema';
import { moveOlderVersionsAction } from '../actions';
import { BulkDialog } from '../../profiles/bulk-dialog';
import { useBulkWork } from '../../profiles/use-bulk-work';
import { nameOfStep } from './people/people-view';

type Props = {
  section: { id: SectionId; slug: string };
  flowId: number;
  into: number;
  places: readonly OlderPlace[];
  /** Of the version `into`. */
  document: FlowDocument;
  settings: FlowSettings;
  things: FlowThings;
  onChanged: () => void;
  onClose: () => void;
};

type Version = Pick<InJson<FlowVersionRow>, 'version'> & { document: FlowDocument };

const STAY = 'stay';
const END = 'end';
const keyOf = ({ version, step }: OlderPlace) => `${version} ${step}`;
const people = (count: number) => (count === 1 ? '1 person' : `${count.toLocaleString('en-GB')} people`);

export function MoveVersionsDialog({ section, flowId, into, document, settings, things, ...props }: Props) {
  // As they were when this was opened: what is chosen is about these.
  const [places] = useState(props.places);
  const [choices, setChoices] = useState(
    () => new Map(places.map((place) => [keyOf(place), place.same ? place.step : STAY])),
  );
  const work = useBulkWork({ section, onChanged: props.onChanged, onClose: props.onClose });
  const { data: versions } = useQuery({
    queryKey: ['flow-versions', section.slug, flowId],
    queryFn: () => getJson<Version[]>(`/data/${section.slug}/flows/${flowId}/versions`),
  });
  // Also of what only older versions refer to.
  const all = useMemo(
    () => ({
      ...document,
      steps: [document, ...(versions ?? []).map((each) => each.document)].flatMap(({ steps }) => steps),
    }),
    [document, versions],
  );
  const names = useFlowNames(section.slug, things, all, settings);
  const documentOf = (version: number) => versions?.find((each) => each.version === version)?.document;
  const steps = allSteps(document.steps).map(({ id }) => ({ id, name: nameOfStep([document], id, names) }));
  const chosen = (place: OlderPlace) => choices.get(keyOf(place)) ?? STAY;
  const choose = (of: readonly OlderPlace[], to: (place: OlderPlace) => string) =>
    setChoices((before) => new Map([...before, ...of.map((place) => [keyOf(place), to(place)] as const)]));
  const sum = (of: readonly OlderPlace[]) => of.reduce((total, place) => total + place.people, 0);
  const moving = places.filter((place) => ![STAY, END].includes(chosen(place)));
  const leaving = places.filter((place) => chosen(place) === END);

  const optionsOf = (place: OlderPlace) => [
    ...(place.same ? [{ value: place.step, label: `Go on here in version ${into}` }] : []),
    { value: STAY, label: `Stay in version ${place.version}` },
    { value: END, label: 'Leave the flow' },
    ...steps
      .filter(({ id }) => !(place.same && id === place.step))
      .map(({ id, name }) => ({ value: id, label: `Go on in version ${into} at: ${name}` })),
  ];

  function start() {
    const chosenPlaces = [...moving, ...leaving].map((place) => ({
      version: place.version,
      step: place.step,
      to: chosen(place) === END ? null : chosen(place),
    }));
    void work.start(moveOlderVersionsAction, { flowId, into, places: chosenPlaces });
  }

  return (
    <BulkDialog
      title="People in older versions"
      work={work}
      start={{
        label:
          moving.length === 0 && leaving.length > 0
            ? 'Take them out'
            : leaving.length === 0
              ? 'Move them'
              : 'Move and take out',
        canStart: moving.length + leaving.length > 0,
        onStart: start,
      }}
      unsaved={false}
    >
      <p className="text-muted">
        Version {into} is the one into which people come now. Those who are in older ones go through them to the end,
        unless you choose something else here.
      </p>
      <div className="flex flex-wrap gap-2">
        <Button size="small" onPress={() => choose(places, (place) => (place.same ? place.step : STAY))}>
          Move who can be moved
        </Button>
        <Button size="small" onPress={() => choose(places, () => END)}>
          End all
        </Button>
        <Button size="small" onPress={() => choose(places, () => STAY)}>
          Leave all as they are
        </Button>
      </div>
      <ul className="flex flex-col gap-3">
        {places.map((place) => {
          // What it is called in their version, which may be another name than now.
          const theirs = documentOf(place.version);
          const name = theirs ? nameOfStep([theirs], place.step, names) : '…';
          return (
            <li key={keyOf(place)} className="border-line flex flex-col gap-1 border-b pb-3 last:border-b-0">
              <Select
                label={`${people(place.people)} at “${name}” in version ${place.version}`}
                value={chosen(place)}
                options={optionsOf(place)}
                onChange={(to) => choose([place], () => to)}
              />
              <span className="text-muted text-[13px]">{placeInWords(place, chosen(place), into)}</span>
            </li>
          );
        })}
      </ul>
      <p aria-live="polite" className="font-medium">
        {moving.length + leaving.length === 0
          ? 'Nobody is moved or ended.'
          : [
              moving.length > 0 && `${people(sum(moving))} will go on in version ${into}`,
              leaving.length > 0 && `${people(sum(leaving))} will leave the flow`,
            ]
              .filter(Boolean)
              .join('; ') + '.'}
      </p>
      {leaving.length > 0 && <Banner tone="warning">Messages of theirs that wait for their turn are not sent.</Banner>}
      <p className="text-muted text-[13px]">You can undo it afterwards, for everybody who has not gone on by then.</p>
    </BulkDialog>
  );
}

function placeInWords({ same, changed, step }: OlderPlace, to: string, into: number): string {
  if (to === STAY) return same ? '' : `This step is not in version ${into}.`;
  if (to === END) return 'They get nothing more from this flow.';
  if (to === step && same)
    return changed
      ? 'The step is set up in another way there: that holds for them too. A wait counts from when they came to it.'
      : 'The step is the same there.';
  return 'They come to that step now, and what is before it is not done.';
}
