'use client';
// A modal dialog. Escape closes it, a click outside does not. With unsaved input, Escape asks first. The focus returns to where it
// was.
import clsx from 'clsx';
import { X } from 'lucide-react';
import { useRef, useState, type ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { Button, IconButton } from './button';
import { useUnsavedText } from './use-unsaved-text';

type DialogProps = {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
  /** Buttons at the bottom, the main action last. */
  actions?: ReactNode;
  /** 'most': for what has a width of its own. */
  wide?: boolean | 'most';
  /** For irreversible actions: announced as an alert. */
  alert?: boolean;
  /** Whether closing would lose something; by default, whether text was typed. */
  unsaved?: boolean;
  /** For content that is shown only once: closed by its button only, not by Escape. */
  once?: boolean;
  /** Above everything, including popovers of fields, which react-aria puts at 100000. */
  onTop?: boolean;
};

export function Dialog({ title, isOpen, onClose, children, actions, wide, alert, unsaved, once, onTop }: DialogProps) {
  const typed = useUnsavedText();
  const [confirming, setConfirming] = useState(false);
  /** What had the focus when the question came. */
  const before = useRef<Element | null>(null);
  function ask() {
    before.current = document.activeElement;
    setConfirming(true);
  }
  function keep() {
    if (before.current instanceof HTMLElement) before.current.focus();
    setConfirming(false);
  }
  const leave = () => (!(unsaved ?? typed.hasTyped()) ? onClose() : confirming ? keep() : ask());
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => !open && leave()}
      isKeyboardDismissDisabled={once}
      className={clsx(
        'fixed inset-0 flex items-end justify-center overflow-y-auto bg-black/40 sm:items-start sm:p-[8vh_1rem]',
        onTop ? 'z-[100001]' : 'z-50',
      )}
    >
      <Modal
        className={clsx(
          'bg-raised border-line shadow-raised w-full rounded-t-xl border sm:rounded-xl',
          wide === 'most' ? 'sm:max-w-3xl' : wide ? 'sm:max-w-2xl' : 'sm:max-w-lg',
        )}
      >
        <AriaDialog
          role={alert ? 'alertdialog' : 'dialog'}
          // Toasts are below it, and leave its buttons free.
          className="flex max-h-[85vh] flex-col overflow-hidden rounded-[inherit] outline-none sm:max-h-[calc(85vh-var(--toasts,0px))]"
        >
          <div className="flex items-center justify-between gap-4 px-5 pt-4 pb-2">
            <Heading slot="title" className="text-base font-semibold">
              {title}
            </Heading>
            {!once && (
              <IconButton label="Close" onPress={leave}>
                <X aria-hidden className="size-4" />
              </IconButton>
            )}
          </div>
          <div className="flex flex-col gap-4 overflow-y-auto px-5 pt-1 pb-5" onFocusCapture={typed.onFocus}>
            {children}
          </div>
          {confirming && <AskToDiscard onKeep={keep} onDiscard={onClose} />}
          {actions && <div className="border-line flex flex-wrap justify-end gap-2 border-t px-5 py-3">{actions}</div>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

/** Shown when Escape was pressed with unsaved input. Escape again keeps the dialog open. */
function AskToDiscard({ onKeep, onDiscard }: { onKeep: () => void; onDiscard: () => void }) {
  return (
    <div
      role="alert"
      className="bg-warning-soft text-warning flex flex-wrap items-center justify-between gap-2 px-5 py-3 font-medium"
    >
      You have unsaved changes.
      <span className="flex gap-2">
        <Button size="small" onPress={onDiscard}>
          Discard changes
        </Button>
        <Button size="small" variant="primary" autoFocus onPress={onKeep}>
          Keep editing
        </Button>
      </span>
    </div>
  );
}

type FormButtonsProps = {
  onCancel: () => void;
  submit: string;
  isPending?: boolean;
  isDisabled?: boolean;
  /** The id of the form, if they are outside of it. */
  form?: string;
};

/** The buttons of a form in a dialog: Cancel and submit. */
export function FormButtons({ onCancel, submit, isPending, isDisabled, form }: FormButtonsProps) {
  return (
    <div className="flex justify-end gap-2">
      <Button onPress={onCancel}>Cancel</Button>
      <Button type="submit" form={form} variant="primary" isPending={isPending} isDisabled={isDisabled}>
        {submit}
      </Button>
    </div>
  );
}
