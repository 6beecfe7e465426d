'use client';
// Notes on the person: a field for a new one, and those that are there.
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';
import { Button } from '@/components/ui/button';
import { cardClass } from '@/components/ui/display';
import { TextArea } from '@/components/ui/field';
import { getJson } from '@/components/ui/json';
import { useLeaveGuard } from '@/components/ui/use-leave-guard';
import { useSubmission } from '@/components/ui/use-submission';
import type { ProfileId, SectionId } from '@/lib/db/ids';
import type { Notes } from '@/lib/notes/reads';
import { addNoteAction } from '../actions';
import { NoteItem } from './note-item';

/** `newest`: the newest notes, and whether there are older ones. */
type Props = { section: { id: SectionId; slug: string }; profileId: ProfileId; newest: Notes };

export function NotesCard({ section, profileId, newest }: Props) {
  const router = useRouter();
  const client = useQueryClient();
  const [text, setText] = useState('');
  const { refusal, pending, submit } = useSubmission();
  const [showsOlder, setShowsOlder] = useState(false);
  const skip = newest.notes.length;
  const older = useQuery({
    queryKey: ['older-notes', section.slug, profileId, newest.notes.map(({ id }) => id)],
    queryFn: () => getJson<Notes>(`/data/${section.slug}/profiles/${profileId}/notes?skip=${skip}`),
    enabled: showsOlder && newest.older,
    placeholderData: keepPreviousData,
  });
  const known = new Set(newest.notes.map(({ id }) => id));
  const notes = [...newest.notes, ...(older.data?.notes.filter(({ id }) => !known.has(id)) ?? [])];
  const card = useRef<HTMLElement>(null);
  /** The button that deleted a note goes with it: then the field gets the focus. */
  const focusField = useRef(false);
  useEffect(() => {
    if (!focusField.current) return;
    focusField.current = false;
    card.current?.querySelector('textarea')?.focus();
  }, [newest, older.data]);
  useLeaveGuard(text.trim() !== '');

  const showOlder = () => {
    setShowsOlder(true);
    if (older.isError) void older.refetch();
  };
  const refresh = () => {
    void client.invalidateQueries({ queryKey: ['timeline', section.slug, profileId] });
    void client.invalidateQueries({ queryKey: ['older-notes', section.slug, profileId] });
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
      {older.data?.older && <p className="text-muted mt-2 text-[13px]">The oldest notes are in the timeline.</p>}
      {newest.older && !older.data && (
        <div className="mt-2 flex flex-wrap items-center gap-2">
          <Button size="small" variant="quiet" isPending={older.isFetching} onPress={() => showOlder()}>
            Show older notes
          </Button>
          {older.isError && <span className="text-danger text-[13px]">{older.error.message}</span>}
        </div>
      )}
    </section>
  );
}
