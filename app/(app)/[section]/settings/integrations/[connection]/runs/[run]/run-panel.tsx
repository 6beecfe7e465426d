'use client';
// A run: its progress, what it changes or would change, and what to decide about it.
import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useCallback, useState } from 'react';
import { OperationProgress } from '@/components/operations/operation-progress';
import { operationKey, useShownHere } from '@/components/operations/shown-here';
import { UndoDialog } from '@/components/operations/undo-dialog';
import { Button } from '@/components/ui/button';
import { buttonClass } from '@/components/ui/button-class';
import { DateTime } from '@/components/ui/date-time';
import { Badge, Banner, cardClass, PageHeader, ProgressBar } from '@/components/ui/display';
import { getJson } from '@/components/ui/json';
import { Link } from '@/components/ui/link';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { ConnectionId } from '@/lib/db/ids';
import type { RunProgress, RunHead } from '@/lib/integrations/run-views';
import { undoOperationAction } from '../../../../../profiles/actions';
import { applyDryRunAction, cancelSyncAction, startSyncAction } from '../../../actions';
import {
  durationInWords,
  isUnderWay,
  number,
  people,
  RUN_WORDS,
  startedInWords,
  type SectionRef,
} from '../../../words';
import { RunEntries } from './run-entries';
import { RunLists, type FoundLists, type RunListsPage } from './run-lists';
import { RunValues, type MappedField } from './run-values';

type Found = { run: RunHead; progress: RunProgress };
type Props = {
  section: SectionRef;
  connection: { id: ConnectionId; name: string };
  /** The fields that come along with contacts. */
  fields: readonly MappedField[];
  initial: Found;
  page: RunListsPage;
  initialLists: FoundLists;
};

const POLL_MS = 1_000;

export function RunPanel({ section, connection, fields, initial, page, initialLists }: Props) {
  const router = useRouter();
  const toast = useToast();
  const { refusal, pending, send } = useSubmission();
  const [undoing, setUndoing] = useState(false);
  const here = `/${section.slug}/settings/integrations/${connection.id}`;
  const { data, refetch } = useQuery({
    queryKey: ['sync-run', section.slug, initial.run.id],
    queryFn: () => getJson<Found>(`/data/${section.slug}/integrations/runs/${initial.run.id}`),
    initialData: initial,
    staleTime: 0,
    gcTime: 0,
    refetchInterval: (query) => (isUnderWay((query.state.data ?? initial).run) ? POLL_MS : false),
  });
  const { run, progress } = data;
  useShownHere(section.slug, run.operationId, !isUnderWay(run));
  const again = useCallback(() => void refetch(), [refetch]);

  async function apply() {
    const result = await send(applyDryRunAction, { sectionId: section.id, runId: run.id });
    if (!result.ok) return;
    // In place of the toast that says what the dry run would change.
    const about = run.operationId === null ? [] : [operationKey(section.slug, run.operationId)];
    toast('Applying what the dry run has shown', { about });
    again();
  }

  async function tryAgain() {
    const result = await send(startSyncAction, {
      sectionId: section.id,
      connectionId: connection.id,
      dry: run.dry,
    });
    if (result.ok) router.push(`${here}/runs/${result.value.runId}`);
  }

  async function cancel() {
    const result = await send(cancelSyncAction, { sectionId: section.id, connectionId: connection.id });
    if (!result.ok) toast(result.refusal.message, { tone: 'danger' });
    again();
  }

  return (
    <>
      <PageHeader
        title={run.dry ? `Dry run of “${connection.name}”` : `Sync with “${connection.name}”`}
        actions={
          <>
            {isUnderWay(run) && (
              <Button isPending={pending} onPress={() => void cancel()}>
                Stop
              </Button>
            )}
            {!isUnderWay(run) && progress.read > 0 && (
              <a className={buttonClass({})} href={`/data/${section.slug}/integrations/runs/${run.id}/file`} download>
                Download as CSV
              </a>
            )}
            {run.operationId !== null && run.changedAnything && !run.undone && !isUnderWay(run) && (
              <Button onPress={() => setUndoing(true)}>Undo…</Button>
            )}
            {(run.status === 'failed' || run.status === 'cancelled') && (
              <Button isPending={pending} onPress={() => void tryAgain()}>
                {run.dry ? 'New dry run' : 'Sync again'}
              </Button>
            )}
            {run.status === 'planned' && (
              <Button variant="primary" isPending={pending} onPress={() => void apply()}>
                Apply exactly this
              </Button>
            )}
          </>
        }
      >
        <Badge tone={RUN_WORDS[run.status].tone}>{RUN_WORDS[run.status].label}</Badge>{' '}
        {run.undone && <Badge>Undone</Badge>} · started {startedInWords(run)} <DateTime value={run.createdAt} exact />
        {durationInWords(run) && ` · took ${durationInWords(run)}`}
        {run.calls > 0 && ` · ${number(run.calls)} ${run.calls === 1 ? 'call' : 'calls'} to the CRM`}
      </PageHeader>
      <div className="flex flex-col gap-4">
        {refusal && <Banner tone="danger">{refusal.message}</Banner>}
        <Progress slug={section.slug} run={run} progress={progress} onEnd={again} />
        {run.status === 'planned' && <RunEntries slug={section.slug} runId={run.id} />}
        {run.error !== null && (
          <Banner tone="danger">
            <p>{run.error}</p>
            <p className="mt-1">
              <Link className="text-ink underline" href={`${here}/settings`}>
                Check the settings
              </Link>
            </p>
          </Banner>
        )}
        {run.undone && (
          <Banner>
            This sync was undone, and the next one would do the same again. So the schedule waits until somebody has
            applied a dry run or started a sync. First correct the list in the CRM, or pause it on the page of the{' '}
            <Link className="underline" href={here}>
              connection
            </Link>
            .
          </Banner>
        )}
        {!run.dry && !isUnderWay(run) && (run.changedAnything || run.status === 'cancelled') && (
          <p>{madeInWords(run)}</p>
        )}
        {run.status === 'planned' && (
          <Banner>
            <p>
              Nothing has changed yet. {summaryOf(run, progress)} “Apply exactly this” does just what is listed here,
              whatever the CRM says by then. It also keeps the CRM’s ID with everyone it finds, so that the next sync
              finds them by it.
            </p>
            {fields.length > 0 && <RunValues slug={section.slug} run={run} fields={fields} />}
          </Banner>
        )}
        <RunLists
          section={section}
          run={run}
          count={progress.lists}
          page={page}
          initial={initialLists}
          onAnswered={again}
        />
        <Link href={here} className="text-accent-ink w-fit underline">
          Back to “{connection.name}”
        </Link>
      </div>
      {undoing && run.operationId !== null && (
        <UndoDialog
          section={section}
          operationId={run.operationId}
          action={undoOperationAction}
          onClose={() => setUndoing(false)}
          note="The next sync would do the same again. So after the undo the schedule waits until somebody has applied a dry run or started a sync; first correct the list in the CRM, or pause it here."
          onStarted={(undoId) => {
            setUndoing(false);
            toast('The undo has started', { link: { label: 'Watch it', href: `/${section.slug}/activity/${undoId}` } });
            again();
          }}
        />
      )}
    </>
  );
}

function Progress({ slug, run, progress, onEnd }: Found & { slug: string; onEnd: () => void }) {
  if (!isUnderWay(run)) return null;
  if (run.status !== 'reading' && run.operationId !== null) {
    return (
      <div className={`${cardClass} p-4`}>
        <OperationProgress key={run.operationId} slug={slug} operationId={run.operationId} onEnd={onEnd} />
      </div>
    );
  }
  const { lists, read, current } = progress;
  const share = current && current.declared > 0 ? current.seen / current.declared : 0;
  return (
    <div className={`${cardClass} flex flex-col gap-1.5 p-4`}>
      <ProgressBar label="Reading the CRM" value={read + share === 0 ? null : (read + Math.min(1, share)) / lists} />
      <p role="status" className="text-muted text-[13px]">
        Reading the CRM: {number(read)} of {number(lists)} {lists === 1 ? 'list' : 'lists'}
        {current && `, and ${membersRead(current)} of “${current.name}”`}. You may leave this page.
      </p>
    </div>
  );
}

/** '12,000 of 40,000 members' */
const membersRead = ({ seen, declared }: NonNullable<RunProgress['current']>): string =>
  `${number(seen)}${declared > seen ? ` of ${number(declared)}` : ''} members`;

/** On one list, each tag is a person. On several, somebody may be on two of them. */
function summaryOf({ counts }: RunHead, { lists, waiting }: RunProgress): string {
  const adds = counts.adds + counts.newPeople;
  const create = counts.newProfiles;
  const removes = counts.removes - waiting;
  if (adds + counts.removes === 0) return 'No tag would change.';
  const created = create > 0 && `${number(create)} new ${create === 1 ? 'profile' : 'profiles'} would be created`;
  const parts =
    lists === 1
      ? [
          adds > 0 && `${people(adds)} would get a tag`,
          removes > 0 && `${people(removes)} would lose ${adds > 0 ? 'one' : 'a tag'}`,
        ]
      : [
          adds > 0 && `tags would be applied ${times(adds)}`,
          removes > 0 && `tags would be taken off ${times(removes)}`,
        ];
  const held = waiting > 0 && `${number(waiting)} ${waiting === 1 ? 'removal' : 'removals'} will wait for your answer`;
  return sentence([...parts, created, held]);
}

/** What a run has done so far. */
function madeInWords({ status, made: { applied, removed, created, updated } }: RunHead): string {
  const parts = [
    applied > 0 && `tags were applied ${times(applied)}`,
    removed > 0 && `tags were taken off ${times(removed)}`,
    created > 0 && `${number(created)} new ${created === 1 ? 'profile was' : 'profiles were'} created`,
    updated > 0 && `attributes of ${people(updated)} were changed`,
  ];
  if (parts.some(Boolean)) return `${status === 'cancelled' ? 'Before it was stopped: ' : ''}${sentence(parts)}`;
  return 'It was stopped before it had changed anything.';
}

/** 'once', '12 times' */
const times = (count: number): string => (count === 1 ? 'once' : `${number(count)} times`);

/** 'Tags would be applied 14 times, taken off once, and …' */
function sentence(parts: readonly (string | false)[]): string {
  const said = parts.filter((part) => part !== false);
  const last = said.at(-1) ?? '';
  const all = said.length > 1 ? `${said.slice(0, -1).join(', ')} and ${last}` : last;
  return `${all.replace(/^./, (first) => first.toUpperCase())}.`;
}
