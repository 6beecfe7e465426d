'use client';
// A dialog over the page. Escape closes it, a click beside it does not: what was typed is not lost by a slip. Focus
// returns to where it was.
import clsx from 'clsx';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { Button, IconButton } from './button';

type DialogProps = {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
  /** Buttons at the bottom, the main one last. */
  actions?: ReactNode;
  wide?: boolean;
  /** For what cannot be undone: announced as an alert. */
  alert?: boolean;
};

export function Dialog({ title, isOpen, onClose, children, actions, wide, alert }: DialogProps) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      className="fixed inset-0 z-50 flex items-end justify-center overflow-y-auto bg-black/40 sm:items-start sm:p-[8vh_1rem]"
    >
      <Modal
        className={clsx(
          'bg-raised border-line shadow-raised w-full rounded-t-xl border sm:rounded-xl',
          wide ? 'sm:max-w-2xl' : 'sm:max-w-lg',
        )}
      >
        <AriaDialog role={alert ? 'alertdialog' : 'dialog'} className="flex max-h-[85vh] flex-col outline-none">
          <div className="flex items-center justify-between gap-4 px-5 pt-4 pb-2">
            <Heading slot="title" className="text-base font-semibold">
              {title}
            </Heading>
            <IconButton label="Close" onPress={onClose}>
              <X aria-hidden className="size-4" />
            </IconButton>
          </div>
          <div className="flex flex-col gap-4 overflow-y-auto px-5 pt-1 pb-5">{children}</div>
          {actions && <div className="border-line flex flex-wrap justify-end gap-2 border-t px-5 py-3">{actions}</div>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

type FormButtonsProps = { onCancel: () => void; submit: string; isPending?: boolean; isDisabled?: boolean };

/** The end of a form in a dialog: Cancel, and what sends it. */
export function FormButtons({ onCancel, submit, isPending, isDisabled }: FormButtonsProps) {
  return (
    <div className="flex justify-end gap-2">
      <Button onPress={onCancel}>Cancel</Button>
      <Button type="submit" variant="primary" isPending={isPending} isDisabled={isDisabled}>
        {submit}
      </Button>
    </div>
  );
}
