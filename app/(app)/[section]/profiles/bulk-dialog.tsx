'use client';
// The frame of a dialog for a bulk operation: the question first, then the progress of what was started.
import type { ReactNode } from 'react';
import { Button, type ButtonProps } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import type { BulkWork } from './use-bulk-work';

type Props = {
  title: string;
  work: Omit<BulkWork, 'start'>;
  /** The button that starts it. */
  start: { label: string; canStart: boolean; onStart: () => void; variant?: ButtonProps['variant'] };
  /** Whether closing loses what was chosen. */
  unsaved: boolean;
  /** For irreversible operations: the question is announced as an alert. */
  alert?: boolean;
  children: ReactNode;
};

export function BulkDialog({ title, work, start, unsaved, alert = false, children }: Props) {
  const asking = work.running === null;
  return (
    <Dialog
      alert={alert && asking}
      title={title}
      isOpen
      onClose={work.close}
      unsaved={asking && unsaved}
      actions={
        work.running?.buttons ?? (
          <>
            <Button onPress={work.close}>Cancel</Button>
            <Button
              variant={start.variant ?? 'primary'}
              isPending={work.pending}
              isDisabled={!start.canStart}
              onPress={start.onStart}
            >
              {start.label}
            </Button>
          </>
        )
      }
    >
      {work.refusal && <Banner tone="danger">{work.refusal.message}</Banner>}
      {work.running?.progress ?? children}
    </Dialog>
  );
}

type FormProps = Pick<Props['start'], 'canStart' | 'onStart'> & { pending: boolean; children: ReactNode };

/** The fields of a bulk operation that Enter starts. */
export function BulkForm({ canStart, onStart, pending, children }: FormProps) {
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (canStart && !pending) onStart();
      }}
    >
      {children}
    </form>
  );
}

/** Whom a bulk operation is about: one person by name, if known, otherwise how many. */
export const whomInWords = (size: number, person?: string): string =>
  person ?? `${size.toLocaleString('en-GB')} ${size === 1 ? 'profile' : 'profiles'}`;
