'use client';
// Asks before something that is hard to take back: what comes of it, and two buttons.
import type { ReactNode } from 'react';
import type { RefusalData } from '@/lib/access/refusal';
import { Button } from './button';
import { Dialog } from './dialog';
import { Banner } from './display';

type Props = {
  title: string;
  /** On the button that does it. */
  confirm: string;
  /** On the other one: where something is called off, ‘Cancel’ would be either. */
  keep?: string;
  refusal: RefusalData | null;
  pending: boolean;
  onConfirm: () => void;
  onClose: () => void;
  /** What comes of it. */
  children: ReactNode;
};

export function ConfirmDialog({
  title,
  confirm,
  keep = 'Cancel',
  refusal,
  pending,
  onConfirm,
  onClose,
  children,
}: Props) {
  return (
    <Dialog
      title={title}
      isOpen
      onClose={onClose}
      alert
      actions={
        <>
          <Button onPress={onClose}>{keep}</Button>
          <Button variant="danger" isPending={pending} onPress={onConfirm}>
            {confirm}
          </Button>
        </>
      }
    >
      {refusal && <Banner tone="danger">{refusal.message}</Banner>}
      {children}
    </Dialog>
  );
}
