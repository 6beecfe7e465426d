'use client';
// A page of the suppression list.
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { ArrowRows } from '@/components/ui/arrow-rows';
import { Button } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Dialog, FormButtons } from '@/components/ui/dialog';
import { Badge, Banner, cardClass, CellLabel, stackedClass, TableHead } from '@/components/ui/display';
import { TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import { CHANNEL_NAMES } from '@/lib/consents/words';
import type { SectionId } from '@/lib/db/ids';
import { REASON_WORDS, type SuppressionEntry } from '@/lib/suppression/schema';
import { liftSuppressionAction } from './actions';

type Props = { sectionId: SectionId; entries: readonly SuppressionEntry[]; isAdmin: boolean };

export function SuppressionTable({ sectionId, entries, isAdmin }: Props) {
  const router = useRouter();
  const toast = useToast();
  const [lifting, setLifting] = useState<SuppressionEntry | null>(null);
  return (
    <>
      <div className={`${cardClass} relative overflow-x-auto`} tabIndex={0} role="region" aria-label="Suppression list">
        <table className={stackedClass.table}>
          <TableHead stacked titles={['Address', 'Channel', 'Reason', 'Since', 'By', ...(isAdmin ? [''] : [])]} />
          <ArrowRows className={stackedClass.body}>
            {entries.map((entry) => (
              <tr key={entry.id} className={stackedClass.row}>
                <td className={`${stackedClass.cell} max-md:pr-20`}>
                  <span className="font-medium wrap-anywhere select-all">{entry.address}</span>
                  {entry.evidence && <span className="text-muted block text-xs wrap-anywhere">{entry.evidence}</span>}
                </td>
                <td className={stackedClass.cell}>
                  <CellLabel>Channel</CellLabel>
                  {CHANNEL_NAMES[entry.channel]}
                </td>
                <td className={stackedClass.cell}>
                  <CellLabel>Reason</CellLabel>
                  {REASON_WORDS[entry.reason]}
                </td>
                <td className={stackedClass.cell}>
                  <CellLabel>Since</CellLabel>
                  <DateTime value={entry.at} />
                </td>
                <td className={stackedClass.cell}>
                  <CellLabel>By</CellLabel>
                  {entry.by ?? <span className="text-muted">—</span>}
                  {entry.liftedAt && (
                    <span className="block text-xs">
                      <Badge>Lifted</Badge> <DateTime value={entry.liftedAt} />
                      {entry.liftedBy && ` by ${entry.liftedBy}`}
                      {entry.liftReason && <span className="text-muted block">{entry.liftReason}</span>}
                    </span>
                  )}
                </td>
                {isAdmin && (
                  <td className={stackedClass.actions}>
                    {!entry.liftedAt && (
                      <Button size="small" aria-label={`Lift ${entry.address}`} onPress={() => setLifting(entry)}>
                        Lift…
                      </Button>
                    )}
                  </td>
                )}
              </tr>
            ))}
          </ArrowRows>
        </table>
      </div>
      {lifting && (
        <LiftDialog
          sectionId={sectionId}
          entry={lifting}
          onClose={() => setLifting(null)}
          onDone={() => {
            toast(`${lifting.address} gets messages again`);
            setLifting(null);
            router.refresh();
          }}
        />
      )}
    </>
  );
}

type LiftProps = { sectionId: SectionId; entry: SuppressionEntry; onClose: () => void; onDone: () => void };

function LiftDialog({ sectionId, entry, onClose, onDone }: LiftProps) {
  const [reason, setReason] = useState('');
  const { refusal, pending, submit } = useSubmission();
  const message = messageFor(refusal, null, ['reason']);
  return (
    <Dialog title={`Lift ${entry.address}?`} isOpen onClose={onClose}>
      <form
        onSubmit={submit(liftSuppressionAction, { sectionId, id: entry.id, reason }, onDone)}
        className="flex flex-col gap-4"
      >
        {message && <Banner tone="danger">{message}</Banner>}
        {entry.reason === 'complaint' && (
          <Banner tone="warning">
            Somebody called a message to this address spam. Mailing it again harms all your messages.
          </Banner>
        )}
        <p>From now on it gets the messages that its person has agreed to.</p>
        <TextField label="Reason" value={reason} onChange={setReason} error={messageFor(refusal, 'reason')} autoFocus />
        <FormButtons onCancel={onClose} submit="Lift" isPending={pending} />
      </form>
    </Dialog>
  );
}
