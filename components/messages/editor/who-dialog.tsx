'use client';
// Who sees a block: everyone, or people with or without a tag.
import { useState } from 'react';
import { TagPicker } from '@/components/tags/tag-picker';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { ToggleRow } from '@/components/ui/toggle-row';
import type { TagId } from '@/lib/db/ids';
import type { OnlyFor } from '@/lib/mail-document/schema';

type Props = { slug: string; who: OnlyFor; onClose: () => void; onSave: (who: OnlyFor) => void };

type Choice = 'everyone' | 'with' | 'without';

export function WhoDialog({ slug, who, onClose, onSave }: Props) {
  const [choice, setChoice] = useState<Choice>(who === null ? 'with' : who.has ? 'with' : 'without');
  const [tagId, setTagId] = useState<TagId | null>(who?.tagId ?? null);
  const isComplete = choice === 'everyone' || tagId !== null;
  return (
    <Dialog
      title="Who sees this block"
      isOpen
      onClose={onClose}
      unsaved={false}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            variant="primary"
            isDisabled={!isComplete}
            onPress={() => onSave(choice === 'everyone' || tagId === null ? null : { tagId, has: choice === 'with' })}
          >
            {choice === 'everyone' ? 'Show it to everyone' : 'Show it to them only'}
          </Button>
        </>
      }
    >
      <ToggleRow
        label="Who sees it"
        value={choice}
        options={[
          { value: 'everyone', label: 'Everyone' },
          { value: 'with', label: 'With a tag' },
          { value: 'without', label: 'Without a tag' },
        ]}
        onChange={setChoice}
      />
      {choice !== 'everyone' && (
        <TagPicker
          slug={slug}
          label="Tag"
          selection={tagId === null ? new Map() : new Map([[tagId, 'all' as const]])}
          onToggle={(tag, next) => setTagId(next ? tag.id : null)}
          canCreate={false}
          single
          showsChosen
        />
      )}
    </Dialog>
  );
}
