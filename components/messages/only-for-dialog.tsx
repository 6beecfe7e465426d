'use client';
// Who gets a part of an SMS: people with or without a tag, and what the others get in its place.
import { useState } from 'react';
import { TagPicker, type PickedTag } from '@/components/tags/tag-picker';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { TextField } from '@/components/ui/field';
import { ToggleRow } from '@/components/ui/toggle-row';

/** `otherwise`: what the others get; empty: nothing. */
export type PartForSome = { tag: PickedTag; has: boolean; otherwise: string };

type Props = {
  slug: string;
  /** The words that the part is made of; empty: they are written afterwards. */
  words: string;
  onClose: () => void;
  onSave: (part: PartForSome) => void;
};

export function OnlyForDialog({ slug, words, onClose, onSave }: Props) {
  const [who, setWho] = useState<'with' | 'without'>('with');
  const [tag, setTag] = useState<PickedTag | null>(null);
  const [otherwise, setOtherwise] = useState('');
  return (
    <Dialog
      title="Only for some"
      isOpen
      onClose={onClose}
      unsaved={false}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            variant="primary"
            isDisabled={tag === null}
            onPress={() => tag && onSave({ tag, has: who === 'with', otherwise })}
          >
            {words === '' ? 'Insert the part' : 'Only for them'}
          </Button>
        </>
      }
    >
      {words !== '' && (
        <p className="bg-sunken line-clamp-3 rounded-md px-3 py-2 wrap-anywhere whitespace-pre-wrap">
          <bdi>{words}</bdi>
        </p>
      )}
      <ToggleRow
        label="Who gets it"
        value={who}
        options={[
          { value: 'with', label: 'With a tag' },
          { value: 'without', label: 'Without a tag' },
        ]}
        onChange={setWho}
      />
      <TagPicker
        slug={slug}
        label="Tag"
        selection={tag === null ? new Map() : new Map([[tag.id, 'all' as const]])}
        onToggle={(next, isChosen) => setTag(isChosen ? next : null)}
        canCreate={false}
        single
        showsChosen
        autoFocus
      />
      <TextField
        label="What the others get"
        help="Leave it empty if they get nothing there."
        value={otherwise}
        onChange={setOtherwise}
      />
    </Dialog>
  );
}
