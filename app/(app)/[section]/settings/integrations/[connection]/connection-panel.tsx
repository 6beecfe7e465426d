'use client';
// A connection: its lists with the tags that they keep, and its runs.
import { Ellipsis } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { Button, ButtonLink } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Badge, Banner, PageHeader } from '@/components/ui/display';
import { Menu } from '@/components/ui/menu';
import { useRefreshShown } from '@/components/ui/refresh-shown';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import { Link } from '@/components/ui/link';
import type { Trouble } from '@/lib/integrations/schema';
import type { RunView } from '@/lib/integrations/run-views';
import type { ConnectionView } from '@/lib/integrations/views';
import { pauseConnectionAction, startSyncAction } from '../actions';
import { connectionWords, isUnderWay, needsDryRun, NO_SYNC_WORDS, number, type SectionRef } from '../words';
import { Advice, type AdviceFound } from './advice';
import { KeptLists } from './kept-lists';
import { RemoveDialog } from './remove-dialog';
import { RunsTable, type RunsPage } from './runs-table';

const REFRESH_MS = 4_000;

type Props = {
  section: SectionRef;
  connection: ConnectionView;
  /** Where its lists can be changed, if it is the made-up CRM of a demo installation. */
  madeUpPage: string | null;
  /** Runs that are under way, or wait for somebody. */
  open: RunView[];
  advice: AdviceFound;
  runs: RunsPage;
};

export function ConnectionPanel({ section, connection, madeUpPage, open, advice, runs }: Props) {
  const router = useRouter();
  const toast = useToast();
  const { pending, send } = useSubmission();
  const [removing, setRemoving] = useState(false);
  const { id, name, crm, status, trouble, lists } = connection;
  const here = `/${section.slug}/settings/integrations/${id}`;
  const ids = { sectionId: section.id, connectionId: id };
  const words = connectionWords(connection);
  const underWay = open.find(isUnderWay) ?? null;
  useRefreshWhile(underWay !== null);
  const waiting = open.find((run) => run.status === 'held' || run.status === 'planned');
  const isNew = lists.some((list) => !list.confirmed && list.status === 'active');

  async function start(dry: boolean) {
    const result = await send(startSyncAction, { ...ids, dry });
    if (result.ok) router.push(`${here}/runs/${result.value.runId}`);
    else toast(result.refusal.message, { tone: 'danger' });
  }

  async function pause(paused: boolean) {
    const result = await send(pauseConnectionAction, { ...ids, paused });
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger' });
    toast(paused ? 'Paused: tags stay as they are until you resume it' : 'Resumed');
    router.refresh();
  }

  return (
    <>
      <PageHeader
        title={name}
        actions={
          <>
            {lists.length > 0 && !underWay && (
              <>
                <Button variant={isNew ? 'primary' : 'secondary'} isPending={pending} onPress={() => void start(true)}>
                  Dry run
                </Button>
                {!isNew && (
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
        {status === 'active' && trouble === null && needsDryRun(connection) ? (
          <Badge tone="warning">Waits for a dry run</Badge>
        ) : (
          <>
            <Badge tone={words.tone}>{words.label}</Badge> · <NextSync connection={connection} />
          </>
        )}
      </PageHeader>
      <div className="flex flex-col gap-6">
        {trouble !== null && trouble.kind !== 'held' && (
          <Banner tone={trouble.kind === 'failing' ? 'danger' : 'warning'}>
            <p>{trouble.reason}</p>
            {trouble.kind !== 'untagged' && (
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
            {underWay.dry ? 'A dry run' : 'A sync'} is running.{' '}
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
            {lists.length > 0 && <ButtonLink href={`${here}/lists`}>Choose more lists</ButtonLink>}
          </div>
          <KeptLists section={section} connection={connection} />
        </section>
        <Advice slug={section.slug} {...advice} />
        {(runs.lines.length > 0 || runs.show !== 'folded' || !runs.isFirst) && <RunsTable here={here} page={runs} />}
      </div>
      {removing && <RemoveDialog section={section} connection={connection} onClose={() => setRemoving(false)} />}
    </>
  );
}

/** Reads the page again every few seconds, so that it shows when a sync has ended. */
function useRefreshWhile(active: boolean): void {
  const refresh = useRefreshShown();
  useEffect(() => {
    if (!active) return undefined;
    const timer = setInterval(() => document.visibilityState === 'visible' && refresh(), REFRESH_MS);
    return () => clearInterval(timer);
  }, [active, refresh]);
}

function WhatToDo({ here, trouble: { runId } }: { here: string; trouble: Trouble }) {
  return (
    <>
      {runId !== null && (
        <Link className="underline" href={`${here}/runs/${runId}`}>
          Look at the last one
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

function NextSync({ connection: { status, nextSyncAt } }: { connection: ConnectionView }) {
  if (status !== 'active' || nextSyncAt === null) return <>next sync: {NO_SYNC_WORDS[status]}</>;
  return (
    <>
      next sync <DateTime value={nextSyncAt} exact />
    </>
  );
}
