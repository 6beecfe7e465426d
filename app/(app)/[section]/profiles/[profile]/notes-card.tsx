'use client';
// Notes on the person: a field for a new one, and those that are there.
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';
import { Button } from '@/components/ui/button';
import { cardClass } from '@/components/ui/display';
import { TextArea } from '@/components/ui/field';
import { useLeaveGuard } from '@/components/ui/use-leave-guard';
import { useSubmission } from '@/components/ui/use-submission';
import type { ProfileId, SectionId } from '@/lib/db/ids';
import type { Note } from '@/lib/notes/schema';
import { addNoteAction } from '../actions';
import { NoteItem } from './note-item';

type Props = { section: { id: SectionId; slug: string }; profileId: ProfileId; notes: readonly Note[] };

export function NotesCard({ section, profileId, notes }: Props) {
  const router = useRouter();
  const client = useQueryClient();
  const [text, setText] = useState('');
  const { refusal, pending, submit } = useSubmission();
  const card = useRef<HTMLElement>(null);
  /** The button that deleted a note goes with it: then the field gets the focus. */
  const focusField = useRef(false);
  useEffect(() => {
    if (!focusField.current) return;
    focusField.current = false;
    card.current?.querySelector('textarea')?.focus();
  }, [notes]);
  useLeaveGuard(text.trim() !== '');

  const refresh = () => {
    void client.invalidateQueries({ queryKey: ['timeline', section.slug, profileId] });
    router.refresh();
  };
  const added = () => {
    // What was typed while the note was on its way is the next one.
    setText((now) => (now === text ? '' : now));
    // The button is disabled with the empty field.
    if (card.current?.contains(document.activeElement)) card.current.querySelector('textarea')?.focus();
    refresh();
  };

  return (
    <section ref={card} className={`${cardClass} h-fit p-4`} aria-labelledby="notes">
      <h2 id="notes" className="mb-2 font-semibold">
        Notes
      </h2>
      <form
        onSubmit={submit(addNoteAction, { sectionId: section.id, profileId, text }, added)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit();
        }}
        className="flex flex-col items-start gap-2 *:first:w-full"
      >
        <TextArea label="New note" rows={2} value={text} onChange={setText} error={refusal?.message} />
        <Button type="submit" size="small" isPending={pending} isDisabled={text.trim() === ''}>
          Add note
        </Button>
      </form>
      {notes.length > 0 && (
        <ul className="mt-3 flex flex-col" aria-label="Notes on this profile">
          {notes.map((note) => (
            <NoteItem
              key={note.id}
              sectionId={section.id}
              note={note}
              onChanged={refresh}
              onDeleted={() => {
                focusField.current = true;
                refresh();
              }}
            />
          ))}
        </ul>
      )}
    </section>
  );
}
