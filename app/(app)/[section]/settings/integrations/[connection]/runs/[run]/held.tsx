'use client';
// Removals that wait: why, what to look at, and the two answers; afterwards, who answered what.
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Banner } from '@/components/ui/display';
import { Link } from '@/components/ui/link';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { HoldKind } from '@/lib/integrations/schema';
import type { RunListView, RunHead } from '@/lib/integrations/run-views';
import { answerHeldAction } from '../../../actions';
import type { SectionRef } from '../../../words';
import { TakeOffDialog } from './take-off-dialog';

type Props = { section: SectionRef; run: RunHead; list: RunListView; onAnswered: () => void };

/** What to look at, by what the removal guard saw. */
const LOOK: Record<HoldKind, string> = {
  emptied:
    'Look at the list in the CRM: should it be empty? A query or filter that finds nobody any more looks the same, and so does a list whose members were deleted by mistake.',
  share: 'Look at the list in the CRM: did so many people leave it on purpose?',
  definition:
    'Look at the filter or query in the CRM: is the change right? If so, take the tag off. Later syncs then go by the new one.',
  identity:
    'Check in the CRM that this user may see all lists and contacts. If not, give the connection the credentials of one who may, and sync again.',
  total: 'Look at the lists below and in the CRM: did so many people leave them on purpose?',
};

/** What comes of leaving the tag on, by what the removal guard saw. */
const LEFT_ON: Record<HoldKind, string> = {
  emptied: 'If you leave it on, the next sync asks again, as long as the list is empty.',
  share: 'If you leave it on, the next sync asks again, as long as so many people are missing from the list.',
  total: 'If you leave it on, the next sync asks again, as long as so many people are missing from the lists.',
  definition: 'If you leave it on, the next sync asks again, as long as the filter or query is the new one.',
  identity: 'If you leave it on, the next sync asks again, as long as this user reads the CRM.',
};

/** Where the answer is a setting and not the list. */
const SETTINGS: Partial<Record<HoldKind, { hash: string; label: string }>> = {
  share: { hash: 'guard-share', label: 'Change “Share of a list, in percent”' },
  total: { hash: 'guard-inAll', label: 'Change “People of all lists together”' },
  emptied: { hash: 'guard-emptied', label: 'Change “Size of a list that is suddenly empty”' },
  identity: { hash: 'credentials', label: 'New credentials' },
};

export function Held({ section, run, list, onAnswered }: Props) {
  const toast = useToast();
  const { refusal, pending, send } = useSubmission();
  const [confirming, setConfirming] = useState(false);
  const setting = list.hold && SETTINGS[list.hold];

  async function answer(remove: boolean) {
    const result = await send(answerHeldAction, { sectionId: section.id, runId: run.id, listId: list.listId, remove });
    // Somebody else may have answered: what is shown then says so.
    if (!result.ok) toast(result.refusal.message, { tone: 'danger' });
    if (!result.ok && result.refusal.code !== 'conflict') return;
    setConfirming(false);
    onAnswered();
  }

  return (
    <>
      <Banner tone="warning">
        <p className="font-medium">{list.reason}</p>
        <p className="text-ink mt-1">
          {list.hold && LOOK[list.hold]} {stateInWords(run)}
        </p>
        {setting && (
          <p className="text-ink mt-1">
            <Link
              className="underline"
              href={`/${section.slug}/settings/integrations/${run.connectionId}/settings#${setting.hash}`}
            >
              {setting.label}
            </Link>{' '}
            {run.status === 'held'
              ? '(for later syncs: this question waits until you answer it here, or sync again)'
              : '(for later syncs)'}
          </p>
        )}
      </Banner>
      {run.status === 'held' && list.hold && <p className="text-muted text-[13px]">{LEFT_ON[list.hold]}</p>}
      {run.status === 'held' && (
        <div className="flex flex-wrap gap-2">
          <Button variant="danger" onPress={() => setConfirming(true)}>
            Take the tag off…
          </Button>
          <Button isPending={pending && !confirming} onPress={() => void answer(false)}>
            Leave it on
          </Button>
        </div>
      )}
      {confirming && (
        <TakeOffDialog
          list={list}
          refusal={refusal}
          pending={pending}
          onClose={() => setConfirming(false)}
          onConfirm={() => void answer(true)}
        />
      )}
    </>
  );
}

function stateInWords({ dry, status }: RunHead): string {
  if (dry) return 'Applied, this dry run adds the tag where it is missing, and asks you before it takes it off.';
  if (status === 'held')
    return 'Nobody has lost the tag yet. If the list is wrong, put it right in the CRM: the next sync sees that, and this question goes away.';
  if (status === 'superseded')
    return 'A later sync has replaced this one, so there is nothing to answer here any more.';
  return 'Nobody has lost the tag yet.';
}

/** Who answered, and what. */
export function Answer({ list: { takenOff, answeredBy, answeredAt } }: { list: RunListView }) {
  if (answeredAt === null) return null;
  return (
    <p className="text-[13px]">
      {answeredBy ?? 'Somebody'} answered: {takenOff ? 'take the tag off' : 'leave the tag on'} ·{' '}
      <DateTime value={answeredAt} />
    </p>
  );
}
