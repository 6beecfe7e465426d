'use client';
// What Admins do to a tag: edit, merge, hide. One dialog at a time.
import type { OperationId } from '@/lib/db/ids';
import { EditTagDialog } from './edit-tag-dialog';
import { HideTagDialog } from './hide-tag-dialog';
import { MergeTagDialog } from './merge-tag-dialog';
import type { OpenDialog, SectionRef } from './open-dialog';

type Props = {
  section: SectionRef;
  dialog: OpenDialog;
  onDialog: (dialog: OpenDialog | null) => void;
  /** Called when the tag was edited or hidden. */
  onDone: () => void;
  /** Called when a merge has started in a worker. */
  onMergeStarted: (operationId: OperationId) => void;
};

export function TagDialogs({ section, dialog, onDialog, onDone, onMergeStarted }: Props) {
  const { tag } = dialog;
  const close = () => onDialog(null);
  const done = () => {
    close();
    onDone();
  };
  switch (dialog.kind) {
    case 'edit':
      return (
        <EditTagDialog
          section={section}
          tag={tag}
          onClose={close}
          onDone={done}
          onMerge={(into) => onDialog({ kind: 'merge', tag, into })}
        />
      );
    case 'hide':
      return <HideTagDialog section={section} tag={tag} onClose={close} onDone={done} />;
    case 'merge':
      return (
        <MergeTagDialog
          section={section}
          tag={tag}
          into={dialog.into}
          onClose={close}
          onStarted={(operationId) => {
            close();
            onMergeStarted(operationId);
          }}
        />
      );
  }
}
