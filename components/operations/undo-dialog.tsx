'use client';
// The effect of an undo, or of the redo of an undo, before it starts: which profiles go or come back, which stay and why, which
// values and tags change.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@/components/ui/link';
import { useState, type ReactNode } from 'react';
import { TagName } from '@/components/tags/tag-chip';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Checkbox } from '@/components/ui/field';
import { Banner } from '@/components/ui/display';
import { getJson } from '@/components/ui/json';
import { ReadFailed } from '@/components/ui/read-failed';
import { useSubmission, type SubmitAction } from '@/components/ui/use-submission';
import type { OperationId, SectionId } from '@/lib/db/ids';
import type { UndoPreview } from '@/lib/activity/undo-words';

type Props = {
  section: { id: SectionId; slug: string };
  operationId: OperationId;
  /** The operation is an undo, and what it undid is done again. */
  redoes?: boolean;
  /** What comes of it later. */
  note?: string;
  action: SubmitAction<{ undoId: OperationId }>;
  onClose: () => void;
  onStarted: (undoId: OperationId) => void;
};

export function UndoDialog({ section, operationId, redoes = false, note, action, onClose, onStarted }: Props) {
  const name = redoes ? 'redo' : 'undo';
  const { refusal, pending, send } = useSubmission({ leaves: true });
  const [endEntries, setEndEntries] = useState(true);
  const preview = useQuery({
    queryKey: ['undo-preview', section.slug, operationId],
    queryFn: ({ signal }) =>
      getJson<UndoPreview>(`/data/${section.slug}/operations/${operationId}/undo-preview`, signal),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  const known = preview.isError ? undefined : preview.data;
  const nothing = known !== undefined && changesNothing(known);

  async function undo() {
    const ends = endEntries && goingOn(known?.entries ?? []) > 0;
    const result = await send(action, { sectionId: section.id, operationId, ...(ends && { endEntries: true }) });
    if (result.ok) onStarted(result.value.undoId);
  }

  return (
    <Dialog
      alert
      title={nothing ? `Nothing left to ${name}` : `What the ${name} will do`}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{nothing ? 'Close' : 'Cancel'}</Button>
          {!nothing && (
            <Button variant="primary" isPending={pending} isDisabled={!known} onPress={() => void undo()}>
              {redoes ? 'Redo it' : 'Undo it'}
            </Button>
          )}
        </>
      }
    >
      {refusal && <Banner tone="danger">{refusal.message}</Banner>}
      {preview.isError && (
        <ReadFailed onRetry={() => void preview.refetch()} retrying={preview.isFetching}>
          {`The effect of the ${name} could not be counted, so it cannot be started yet. ${preview.error.message}`}
        </ReadFailed>
      )}
      {!known && !preview.isError && <p role="status">Counting what will change…</p>}
      {known && <Consequences slug={section.slug} preview={known} />}
      {known && <EntriesToEnd slug={section.slug} entries={known.entries} ends={endEntries} onChange={setEndEntries} />}
      {note && known && !nothing && <p>{note}</p>}
    </Dialog>
  );
}

/** Of a sample nobody knows: others may change. */
function changesNothing({ people: made, values, consents, tags, entries, places, estimated }: UndoPreview): boolean {
  const changes = [
    ...[made.go, made.comeBack, values.goBack, values.links, consents.goBack, goingOn(entries), places.back],
    ...tags.flatMap(({ comeOff, comeBack, claimed }) => [comeOff, comeBack, claimed]),
  ];
  return !estimated && changes.every((count) => count === 0);
}

const people = (count: number) => `${count.toLocaleString('en-GB')} ${count === 1 ? 'person' : 'people'}`;

const counted = (count: number) => `${count.toLocaleString('en-GB')} ${count === 1 ? 'consent' : 'consents'}`;

function Consequences({ slug, preview }: { slug: string; preview: UndoPreview }) {
  const { kind, people: made, values, consents, tags, places, estimated } = preview;
  const changes =
    made.go +
    made.stay +
    made.comeBack +
    made.lost +
    values.goBack +
    values.links +
    values.stay +
    consents.goBack +
    consents.stay;
  const nothing = changes === 0 && tags.length === 0 && places.back + places.stay === 0;
  return (
    <>
      <p className="font-medium">{preview.summary}</p>
      {estimated && <Banner>Counting all of it takes too long, so these figures are estimates from a sample.</Banner>}
      {nothing && <p>{kind === 'undo' ? 'This' : 'The undo'} changed nothing that could be changed back.</p>}
      <ul className="flex flex-col gap-3">
        {made.go > 0 && (
          <Line heading={`${people(made.go)} will be deleted`}>
            {made.go === 1 ? 'It was' : 'They were'} created by this, and nobody has changed them since.
          </Line>
        )}
        {made.stay > 0 && (
          <Line heading={`${people(made.stay)} created by this will stay`}>
            <ul>
              {made.examples.map(({ profileId, name, reason }) => (
                <li key={profileId}>
                  <Link href={`/${slug}/profiles/${profileId}`} className="text-ink underline" target="_blank">
                    {name}
                  </Link>
                  : {reason}
                </li>
              ))}
              {made.stay > made.examples.length && made.examples.length > 0 && (
                <li>and {(made.stay - made.examples.length).toLocaleString('en-GB')} more</li>
              )}
            </ul>
          </Line>
        )}
        {made.comeBack > 0 && (
          <Line heading={`${people(made.comeBack)} will be created again`}>
            With the values and the history that they had.
          </Line>
        )}
        {made.lost > 0 && (
          <Line heading={`${people(made.lost)} cannot be created again`}>
            Their keys belong to others now, they were erased, or more than thirty days have passed.
          </Line>
        )}
        {values.goBack > 0 && (
          <Line
            heading={`${people(values.goBack)} will get ${kind === 'undo' ? 'their earlier values back' : 'the changed values again'}`}
          >
            Values that someone has changed since stay.
          </Line>
        )}
        {values.links > 0 && (
          <Line
            heading={
              kind === 'undo'
                ? `${people(values.links)} will be linked to the CRM as before, or not at all`
                : `${people(values.links)} will be linked to their contacts in the CRM again`
            }
          >
            {kind === 'undo' &&
              'People who are no longer linked are matched again by email, mobile or CRM ID at the next sync. '}
            Links that someone has changed since stay.
          </Line>
        )}
        {values.stay > 0 && (
          <Line heading={`${people(values.stay)} will keep their values`}>All of them were changed since.</Line>
        )}
        {consents.goBack > 0 && (
          <Line heading={`${counted(consents.goBack)} will be ${kind === 'undo' ? 'as before' : 'set again'}`}>
            Consents that someone has changed since stay.
          </Line>
        )}
        {consents.stay > 0 && (
          <Line heading={`${counted(consents.stay)} will stay`}>Someone has changed them since.</Line>
        )}
        {places.back > 0 && (
          <Line heading={`${people(places.back)} will be put back where they were in the flow`}>
            People who have gone on since stay.
          </Line>
        )}
        {places.stay > 0 && (
          <Line heading={`${people(places.stay)} will stay where they are in the flow`}>
            They have gone on or left since, or the flow was stopped.
          </Line>
        )}
        {[...byFate(tags)].map(([fate, alike]) => (
          <Line
            key={fate}
            heading={
              <span className="flex max-h-32 flex-wrap gap-1 overflow-y-auto">
                {alike.map((tag) => (
                  <TagName key={tag.tagId} tag={tag} size="whole" />
                ))}
              </span>
            }
          >
            {alike.length > 1 && `Each of these ${alike.length} tags `}
            {fate}
          </Line>
        ))}
      </ul>
    </>
  );
}

const goingOn = (entries: UndoPreview['entries']) => entries.reduce((sum, { inside }) => sum + inside, 0);

/** What the operation started in flows, and whether that ends with it. */
function EntriesToEnd({
  slug,
  entries,
  ends,
  onChange,
}: {
  slug: string;
  entries: UndoPreview['entries'];
  ends: boolean;
  onChange: (ends: boolean) => void;
}) {
  if (entries.length === 0) return null;
  const sent = entries.reduce((sum, each) => sum + each.sent, 0);
  return (
    <div className="flex flex-col gap-2">
      <p>This let people into flows:</p>
      <ul className="bg-sunken rounded-md px-3 py-2 text-[13px]">
        {entries.map(({ flowId, name, entered, inside, sent: got }) => (
          <li key={flowId}>
            <Link href={`/${slug}/flows/${flowId}`} target="_blank" className="font-medium underline">
              {name}
            </Link>
            : {people(entered)} entered, {inside.toLocaleString('en-GB')} of them {inside === 1 ? 'is' : 'are'} in it
            now; {got.toLocaleString('en-GB')} {got === 1 ? 'message has' : 'messages have'} gone out.
          </li>
        ))}
      </ul>
      {goingOn(entries) > 0 && (
        <Checkbox isSelected={ends} onChange={onChange}>
          <span>
            Take them out of the flows, too
            <span className="text-muted block text-[13px]">
              {ends
                ? `They get nothing more from these flows${sent > 0 ? '; what has gone out cannot be taken back' : ''}.`
                : 'They go on in these flows. People in one of them stay, even if this created them.'}
            </span>
          </span>
        </Checkbox>
      )}
    </div>
  );
}

function Line({ heading, children }: { heading: ReactNode; children: ReactNode }) {
  return (
    <li>
      <div className="font-medium">{heading}</div>
      <div className="text-muted text-[13px]">{children}</div>
    </li>
  );
}

/** Tags that change in the same way are said together. */
function byFate(tags: UndoPreview['tags']): Map<string, UndoPreview['tags']> {
  const fates = new Map<string, UndoPreview['tags']>();
  for (const tag of tags) fates.set(tagInWords(tag), [...(fates.get(tagInWords(tag)) ?? []), tag]);
  return fates;
}

function tagInWords({ comeOff, comeBack, stay, claimed, impossible }: UndoPreview['tags'][number]): string {
  const parts = [
    comeOff > 0 && `will be removed from ${people(comeOff)}`,
    comeBack > 0 && `will be applied again to ${people(comeBack)}`,
    stay > 0 && `will not change on ${people(stay)}, because someone changed it since`,
    claimed > 0 && `will stay on ${people(claimed)}, because an integration list holds it too`,
    impossible > 0 &&
      `cannot be changed on ${people(impossible)}, because the tag was hidden or the profile deleted since`,
  ].filter(Boolean);
  return parts.length > 0 ? `${parts.join('; ')}.` : 'nothing is left to change.';
}
