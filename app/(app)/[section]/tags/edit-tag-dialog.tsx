'use client';
// Name, colour, group, description, owner note and Allowed Operations. If the name is taken, the dialog offers a merge; if somebody
// else has changed the same field in the meantime, it shows theirs beside mine.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ColourField, GroupField } from '@/components/tags/look-fields';
import { TagName } from '@/components/tags/tag-chip';
import { useTagGroups } from '@/components/tags/use-tags';
import { readWith } from '@/components/ui/answer-of';
import { Button } from '@/components/ui/button';
import { CopyField } from '@/components/ui/copy-field';
import { Dialog, FormButtons } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { TextArea, TextField } from '@/components/ui/field';
import { ReadFailed } from '@/components/ui/read-failed';
import { messageFor } from '@/components/ui/refusal-message';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { RefusalData } from '@/lib/access/refusal';
import type { Permission, TagLabel } from '@/lib/tags/schema';
import type { TagFields } from '@/lib/tags/update';
import { readTagDetailsAction, updateTagAction } from './actions';
import { AllowedOperations } from './allowed-operations';
import type { SectionRef } from './open-dialog';
import { UseByClients } from './use-by-clients';

type Props = {
  section: SectionRef;
  tag: TagLabel;
  onClose: () => void;
  onDone: () => void;
  onMerge: (into: TagLabel) => void;
};

const FORM = 'edit-tag';
const FIELDS = ['name', 'group', 'description', 'ownerNote'];
const EMPTY: TagFields = { name: '', description: '', ownerNote: '', colour: null, group: '' };

export function EditTagDialog({ section, tag, onClose, onDone, onMerge }: Props) {
  const toast = useToast();
  const groups = useTagGroups(section.slug);
  const [mine, setMine] = useState<Partial<TagFields>>({});
  const [changed, setChanged] = useState<Permission[] | null>(null);
  const { refusal, pending, submit, setRefusal } = useSubmission();
  const stored = useQuery({
    queryKey: ['tag-details', section.slug, tag.id],
    queryFn: () => readWith(readTagDetailsAction({ sectionId: section.id, tagId: tag.id })),
    // Never show data from before an edit.
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
  });
  const theirs = changedByOthers(refusal);
  const seen = theirs?.now ?? stored.data?.fields;
  const fields: TagFields = { ...(seen ?? { ...EMPTY, name: tag.name }), ...mine };
  const set = (change: Partial<TagFields>) => setMine({ ...mine, ...change });
  const permissions = changed ?? stored.data?.permissions ?? [];
  const taken =
    refusal?.code === 'name_taken' ? (refusal.details as { taken?: TagLabel } | undefined)?.taken : undefined;

  const input = {
    sectionId: section.id,
    tagId: tag.id,
    ...fields,
    seen,
    permissions: permissions.filter((permission, index) => {
      const before = stored.data?.permissions[index];
      return permission.canRead !== before?.canRead || permission.canWrite !== before.canWrite;
    }),
  };
  const save = submit(updateTagAction, input, () => {
    toast('Saved');
    onDone();
  });

  const formMessage = theirs ? refusal?.message : messageFor(refusal, null, FIELDS);
  const errorOf = (field: string) => (theirs ? undefined : messageFor(refusal, field));
  return (
    <Dialog
      title={`Edit “${tag.name}”`}
      isOpen
      onClose={onClose}
      wide
      actions={
        <FormButtons form={FORM} onCancel={onClose} submit="Save" isPending={pending} isDisabled={!stored.data} />
      }
    >
      <form id={FORM} onSubmit={save} className="flex flex-col gap-4">
        {formMessage && <Banner tone={theirs ? 'warning' : 'danger'}>{formMessage}</Banner>}
        {theirs && <Theirs {...theirs} />}
        {stored.isError && (
          <ReadFailed onRetry={() => void stored.refetch()} retrying={stored.isFetching}>
            This tag could not be loaded, so you cannot save yet.
          </ReadFailed>
        )}
        <TextField
          label="Name"
          value={fields.name}
          onChange={(name) => {
            set({ name });
            // Another name is not taken, and nothing to merge with.
            if (refusal?.field === 'name') setRefusal(null);
          }}
          error={errorOf('name')}
        />
        {taken && (
          <Banner tone="warning">
            <span className="flex flex-wrap items-center justify-between gap-2">
              Do you want to merge this tag into “{taken.name}” instead?
              <Button size="small" onPress={() => onMerge(taken)}>
                Preview the merge
              </Button>
            </span>
          </Banner>
        )}
        <div className="grid gap-4 sm:grid-cols-[auto_1fr]">
          <ColourField value={fields.colour} onChange={(colour) => set({ colour })} />
          <GroupField
            value={fields.group}
            onChange={(group) => set({ group })}
            groups={groups}
            error={errorOf('group')}
          />
        </div>
        <TextArea
          label="Description"
          value={fields.description}
          onChange={(description) => set({ description })}
          error={errorOf('description')}
          rows={2}
        />
        <TextArea
          label="Owner note"
          help="Who looks after this tag, and what to know before changing it. Its first line is shown as the owner in lists."
          value={fields.ownerNote}
          onChange={(ownerNote) => set({ ownerNote })}
          error={errorOf('ownerNote')}
          rows={2}
        />
        <AllowedOperations permissions={permissions} keepers={stored.data?.keepers ?? []} onChange={setChanged} />
        <UseByClients uses={stored.data?.uses ?? []} before={stored.data?.permissions ?? []} after={permissions} />
        {stored.data && <CopyField label="Discriminator" value={stored.data.discriminator} />}
      </form>
    </Dialog>
  );
}

/** What somebody else saved while this form was open, if it collides. */
type Collision = { now: TagFields; both: (keyof TagFields)[] };

function changedByOthers(refusal: RefusalData | null): Collision | null {
  return refusal?.code === 'conflict' ? (refusal.details as Collision) : null;
}

const LABELS: Record<keyof TagFields, string> = {
  name: 'Name',
  description: 'Description',
  ownerNote: 'Owner note',
  colour: 'Colour',
  group: 'Group',
};

function Theirs({ now, both }: Collision) {
  return (
    <dl aria-label="What they saved" className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
      {both.map((field) => (
        <div key={field} className="contents">
          <dt className="text-muted">Their {LABELS[field].toLowerCase()}</dt>
          <dd className="wrap-anywhere">
            {field === 'colour' ? (
              <TagName tag={{ name: now.colour ?? 'no colour', colour: now.colour }} />
            ) : (
              now[field] || <span className="text-muted">empty</span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
