'use client';
// One note. Its author can edit and delete it.
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Dialog, FormButtons } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { TextArea } from '@/components/ui/field';
import { useSubmission } from '@/components/ui/use-submission';
import type { SectionId } from '@/lib/db/ids';
import type { Note } from '@/lib/notes/schema';
import { deleteNoteAction, editNoteAction } from '../actions';

type Props = { sectionId: SectionId; note: Note; onChanged: () => void; onDeleted: () => void };

export function NoteItem({ sectionId, note, onChanged, onDeleted }: Props) {
  const [open, setOpen] = useState<'edit' | 'delete' | null>(null);
  const close = () => setOpen(null);
  return (
    <li className="border-line border-t py-2">
      <p dir="auto" className="wrap-anywhere whitespace-pre-wrap">
        {note.text}
      </p>
      <p className="text-muted flex flex-wrap items-center gap-x-2 text-[13px]">
        <span className="wrap-anywhere">
          {note.by ?? 'Somebody'} · <DateTime value={note.at} />
          {note.editedAt && ' · edited'}
        </span>
        {note.own && (
          <span className="ml-auto flex">
            <Button size="small" variant="quiet" aria-label="Edit the note" onPress={() => setOpen('edit')}>
              Edit
            </Button>
            <Button size="small" variant="quiet" aria-label="Delete the note" onPress={() => setOpen('delete')}>
              Delete
            </Button>
          </span>
        )}
      </p>
      {open === 'edit' && <EditNote sectionId={sectionId} note={note} onClose={close} onChanged={onChanged} />}
      {open === 'delete' && <DeleteNote sectionId={sectionId} note={note} onClose={close} onDeleted={onDeleted} />}
    </li>
  );
}

type EditProps = { sectionId: SectionId; note: Note; onClose: () => void; onChanged: () => void };

function EditNote({ sectionId, note, onClose, onChanged }: EditProps) {
  const [text, setText] = useState(note.text);
  const { refusal, pending, submit } = useSubmission();
  const saved = () => {
    onClose();
    onChanged();
  };
  return (
    <Dialog title="Edit note" isOpen onClose={onClose}>
      <form
        onSubmit={submit(editNoteAction, { sectionId, noteId: note.id, text }, saved)}
        className="flex flex-col gap-4"
      >
        <TextArea label="Note" rows={6} autoFocus value={text} onChange={setText} error={refusal?.message} />
        <FormButtons onCancel={onClose} submit="Save" isPending={pending} />
      </form>
    </Dialog>
  );
}

type DeleteProps = { sectionId: SectionId; note: Note; onClose: () => void; onDeleted: () => void };

function DeleteNote({ sectionId, note, onClose, onDeleted }: DeleteProps) {
  const { refusal, pending, send } = useSubmission({ leaves: true });
  async function remove() {
    const result = await send(deleteNoteAction, { sectionId, noteId: note.id });
    if (!result.ok) return;
    onClose();
    onDeleted();
  }
  return (
    <Dialog
      alert
      title="Delete this note?"
      isOpen
      onClose={onClose}
      unsaved={false}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button variant="danger" autoFocus isPending={pending} onPress={() => void remove()}>
            Delete the note
          </Button>
        </>
      }
    >
      {refusal && <Banner tone="danger">{refusal.message}</Banner>}
      <p className="line-clamp-6 wrap-anywhere whitespace-pre-wrap">{note.text}</p>
    </Dialog>
  );
}
