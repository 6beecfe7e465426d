'use client';
// A connection: its lists with the tags that they keep, and its runs.
import { useQuery } from '@tanstack/react-query';
import { Ellipsis } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { Button, ButtonLink } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Badge, Banner, PageHeader } from '@/components/ui/display';
import { getJson } from '@/components/ui/json';
import { Menu } from '@/components/ui/menu';
import { useRefreshShown } from '@/components/ui/refresh-shown';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import { Link } from '@/components/ui/link';
import type { ListNow, ListView } from '@/lib/integrations/list-views';
import type { Trouble } from '@/lib/integrations/schema';
import type { RunningSync, RunHead } from '@/lib/integrations/run-views';
import type { ConnectionView } from '@/lib/integrations/views';
import { pauseConnectionAction, startSyncAction } from '../actions';
import { NextSync } from '../next-sync';
import { connectionWords, isUnderWay, number, RUN_WORDS, type SectionRef } from '../words';
import { Advice, type AdviceFound } from './advice';
import { addressOf } from './address';
import { KeptLists, SEARCHABLE, type ListsPage } from './kept-lists';
import { RemoveDialog } from './remove-dialog';
import { RunsTable, type RunsPage } from './runs-table';

const REFRESH_MS = 4_000;

type Props = {
  section: SectionRef;
  connection: ConnectionView;
  /** Where its lists can be changed, if it is the made-up CRM of a demo installation. */
  madeUpPage: string | null;
  /** Runs that are under way, or wait for somebody. */
  open: RunHead[];
  lists: ListsPage;
  /** The list whose link to the CRM is asked for. */
  relink: ListView | null;
  advice: AdviceFound;
  runs: RunsPage;
};

export function ConnectionPanel({ section, connection, madeUpPage, open, lists, relink, advice, runs }: Props) {
  const router = useRouter();
  const toast = useToast();
  const { pending, send } = useSubmission();
  const [removing, setRemoving] = useState(false);
  const { id, name, crm, status, trouble } = connection;
  const here = `/${section.slug}/settings/integrations/${id}`;
  const ids = { sectionId: section.id, connectionId: id };
  const words = connectionWords(connection);
  const underWay = open.find(isUnderWay) ?? null;
  const now = useRunningSync(`/data/${section.slug}/integrations/${id}/running`, lists.lists, underWay);
  const waiting = open.find((run) => run.status === 'held' || run.status === 'planned');
  const isNew = connection.lists.fresh > 0;
  const hasRuns = runs.lines.length > 0 || runs.show !== 'folded' || runs.before !== null;
  const hrefOf = addressOf(here, lists, runs);

  async function start(dry: boolean) {
    const result = await send(startSyncAction, { ...ids, dry });
    if (result.ok) router.push(`${here}/runs/${result.value.runId}`);
    else toast(result.refusal.message, { tone: 'danger' });
  }

  async function pause(paused: boolean) {
    const result = await send(pauseConnectionAction, { ...ids, paused });
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger' });
    toast(paused ? 'Paused: no sync starts by itself until you resume it' : 'Resumed');
    router.refresh();
  }

  return (
    <>
      <PageHeader
        title={name}
        actions={
          <>
            {connection.lists.kept > 0 && !underWay && (
              <>
                <Button variant={isNew ? 'primary' : 'secondary'} isPending={pending} onPress={() => void start(true)}>
                  Dry run
                </Button>
                {!isNew && status !== 'paused' && (
                  <Button variant="primary" isPending={pending} onPress={() => void start(false)}>
                    Sync now
                  </Button>
                )}
              </>
            )}
            <Menu
              label="More for this connection"
              entries={[
                { id: 'settings', text: 'Settings', label: 'Settings', href: `${here}/settings` },
                status === 'paused'
                  ? { id: 'resume', text: 'Resume', label: 'Resume', onAction: () => void pause(false) }
                  : { id: 'pause', text: 'Pause', label: 'Pause', onAction: () => void pause(true) },
                'line',
                { id: 'remove', text: 'Remove', label: 'Remove…', danger: true, onAction: () => setRemoving(true) },
              ]}
              trigger={
                <AriaButton aria-label="More for this connection" className="hover:bg-hover rounded-md p-2">
                  <Ellipsis aria-hidden className="size-4" />
                </AriaButton>
              }
            />
          </>
        }
      >
        <Link href={`/${section.slug}/settings/integrations`} className="underline">
          All integrations
        </Link>{' '}
        · {connection.madeUp ? <Badge tone="info">Made-up</Badge> : crm} ·{' '}
        {madeUpPage !== null && (
          <>
            <Link className="text-accent-ink underline" href={madeUpPage} target="_blank" rel="noreferrer">
              Open the made-up CRM
            </Link>{' '}
            ·{' '}
          </>
        )}
        <Badge tone={words.tone}>{words.label}</Badge> · next sync: <NextSync connection={connection} />
        {connection.lists.kept > SEARCHABLE && hasRuns && (
          <>
            {' '}
            ·{' '}
            <a href="#runs" className="underline">
              Syncs
            </a>
          </>
        )}
      </PageHeader>
      <div className="flex flex-col gap-6">
        {trouble !== null && trouble.kind !== 'held' && (
          <Banner tone={trouble.kind === 'failing' ? 'danger' : 'warning'}>
            <p>{trouble.reason}</p>
            {trouble.kind !== 'untagged' && trouble.kind !== 'gone' && (
              <p className="text-ink mt-1">
                {trouble.kind === 'failing' ? 'Syncs have failed since' : 'Since'}{' '}
                <DateTime value={trouble.since} exact />
                {trouble.failures > 1 && `, ${number(trouble.failures)} times in a row`}. Tags stay as they are.{' '}
                <WhatToDo here={here} trouble={trouble} />
              </p>
            )}
          </Banner>
        )}
        {underWay && (
          <Banner>
            {underWay.dry ? 'A dry run' : 'A sync'} is running{now.progress}.{' '}
            <Link className="underline" href={`${here}/runs/${underWay.id}`}>
              Watch it
            </Link>
          </Banner>
        )}
        {waiting && !underWay && (
          <Banner tone={waiting.status === 'held' ? 'warning' : 'info'}>
            {waiting.status === 'held'
              ? 'The last sync would take tags off, and waits for your answer.'
              : 'A dry run is ready. Nothing has changed yet.'}{' '}
            <Link className="underline" href={`${here}/runs/${waiting.id}`}>
              {waiting.status === 'held' ? 'Look at the sync' : 'Look at it'}
            </Link>
          </Banner>
        )}
        <section aria-labelledby="lists">
          <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
            <h2 id="lists" className="font-semibold">
              {connection.listWords}
            </h2>
            {connection.lists.kept > 0 && <ButtonLink href={`${here}/lists`}>Choose more lists</ButtonLink>}
          </div>
          <KeptLists
            section={section}
            connection={connection}
            page={{ ...lists, lists: now.lists }}
            relink={relink}
            hrefOf={hrefOf.lists}
            runsShown={runs.show}
          />
        </section>
        <Advice slug={section.slug} {...advice} />
        {hasRuns && <RunsTable here={here} page={runs} hrefOf={hrefOf.runs} />}
      </div>
      {removing && <RemoveDialog section={section} connection={connection} onClose={() => setRemoving(false)} />}
    </>
  );
}

type Running = { running: RunningSync | null; lists: ListNow[] };

/**
 * While a sync runs, asks every few seconds how far it is and what it has changed in the lists in sight; the page is read again once it
 * has ended.
 */
function useRunningSync(address: string, lists: ListView[], underWay: RunHead | null) {
  const refresh = useRefreshShown();
  const ids = lists.map(({ id }) => id).join(',');
  const { data, dataUpdatedAt } = useQuery({
    queryKey: ['running-sync', address, ids],
    queryFn: ({ signal }) => getJson<Running>(`${address}?lists=${ids}`, signal),
    enabled: underWay !== null,
    refetchInterval: REFRESH_MS,
    meta: { background: true },
    staleTime: 0,
    gcTime: 0,
  });
  const hasEnded = underWay !== null && data !== undefined && data.running === null;
  useEffect(() => {
    if (hasEnded) refresh();
  }, [hasEnded, dataUpdatedAt, refresh]);
  if (underWay === null || data === undefined) return { progress: '', lists };
  const now = new Map(data.lists.map((list) => [list.id, list]));
  return { progress: progressInWords(data.running), lists: lists.map((list) => ({ ...list, ...now.get(list.id) })) };
}

/** ': reading the CRM, 12 of 2,000 lists' */
function progressInWords(running: RunningSync | null): string {
  if (running === null) return '';
  const { status, progress } = running;
  const words = `: ${RUN_WORDS[status].label.replace(/^./, (first) => first.toLowerCase())}`;
  return status === 'reading' ? `${words}, ${number(progress.read)} of ${number(progress.lists)} lists` : words;
}

function WhatToDo({ here, trouble: { runId } }: { here: string; trouble: Trouble }) {
  return (
    <>
      {runId !== null && (
        <Link className="underline" href={`${here}/runs/${runId}`}>
          Look at the last sync
        </Link>
      )}
      {runId !== null && ' or check the '}
      <Link className="underline" href={`${here}/settings`}>
        {runId !== null ? 'settings' : 'Check the settings'}
      </Link>
      .
    </>
  );
}
