'use client';
// Name, description, owner note and Allowed Operations. If the name is taken, the dialog offers a merge.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { readWith } from '@/components/ui/answer-of';
import { Button } from '@/components/ui/button';
import { Dialog, FormButtons } from '@/components/ui/dialog';
import { Banner, tableClass, TableHead } from '@/components/ui/display';
import { Checkbox, TextArea, TextField } from '@/components/ui/field';
import { ReadFailed } from '@/components/ui/read-failed';
import { messageFor } from '@/components/ui/refusal-message';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { TagId } from '@/lib/db/ids';
import type { Permission, TagRow } from '@/lib/tags/schema';
import { readTagDetailsAction, updateTagAction } from './actions';
import type { SectionRef } from './tag-rows';
import { UseByClients } from './use-by-clients';

type Props = {
  section: SectionRef;
  tag: TagRow;
  onClose: () => void;
  onDone: () => void;
  onMerge: (into: TagId) => void;
};

const FIELDS = ['name', 'description', 'ownerNote'];

export function EditTagDialog({ section, tag, onClose, onDone, onMerge }: Props) {
  const toast = useToast();
  const [name, setName] = useState(tag.name);
  const [description, setDescription] = useState(tag.description);
  const [changedNote, setOwnerNote] = useState<string | null>(null);
  const [changed, setChanged] = useState<Permission[] | null>(null);
  const { refusal, pending, submit } = useSubmission();
  const stored = useQuery({
    queryKey: ['tag-details', section.slug, tag.id],
    queryFn: () => readWith(readTagDetailsAction({ sectionId: section.id, tagId: tag.id })),
    // Never show data from before an edit.
    gcTime: 0,
    retry: false,
  });
  const ownerNote = changedNote ?? stored.data?.ownerNote ?? '';
  const permissions = changed ?? stored.data?.permissions ?? [];
  const taken =
    refusal?.code === 'name_taken' ? (refusal.details as { taken?: { id: TagId; name: string } }).taken : undefined;

  const input = { sectionId: section.id, tagId: tag.id, name, description, ownerNote, permissions: changed ?? [] };
  const save = submit(updateTagAction, input, () => {
    toast('Saved');
    onDone();
  });

  const formMessage = messageFor(refusal, null, FIELDS);
  return (
    <Dialog title={`Edit “${tag.name}”`} isOpen onClose={onClose} wide>
      <form onSubmit={save} className="flex flex-col gap-4">
        {formMessage && <Banner tone="danger">{formMessage}</Banner>}
        {stored.isError && (
          <ReadFailed onRetry={() => void stored.refetch()} retrying={stored.isFetching}>
            The owner note and the Allowed Operations could not be loaded, so you cannot save yet.
          </ReadFailed>
        )}
        <TextField label="Name" value={name} onChange={setName} error={messageFor(refusal, 'name')} />
        {taken && (
          <Banner tone="warning">
            <span className="flex flex-wrap items-center justify-between gap-2">
              Do you want to merge this tag into “{taken.name}” instead?
              <Button size="small" onPress={() => onMerge(taken.id)}>
                Preview the merge
              </Button>
            </span>
          </Banner>
        )}
        <TextArea
          label="Description"
          value={description}
          onChange={setDescription}
          error={messageFor(refusal, 'description')}
          rows={2}
        />
        <TextArea
          label="Owner note"
          help="Who looks after this tag, and what to know before changing it."
          value={ownerNote}
          onChange={setOwnerNote}
          error={messageFor(refusal, 'ownerNote')}
          rows={2}
        />
        <AllowedOperations permissions={permissions} onChange={setChanged} />
        <UseByClients uses={stored.data?.uses ?? []} before={stored.data?.permissions ?? []} after={permissions} />
        <p className="text-muted text-[13px]">
          Discriminator: <code className="select-all">{stored.data?.discriminator}</code>
        </p>
        <FormButtons onCancel={onClose} submit="Save" isPending={pending} isDisabled={!stored.data} />
      </form>
    </Dialog>
  );
}

function AllowedOperations({
  permissions,
  onChange,
}: {
  permissions: Permission[];
  onChange: (permissions: Permission[]) => void;
}) {
  const set = (index: number, change: Partial<Permission>) =>
    onChange(permissions.map((permission, at) => (at === index ? { ...permission, ...change } : permission)));
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 text-[13px] font-medium">Allowed Operations</legend>
      <p className="text-muted text-[13px]">
        This setting only applies to operations performed by the API and Integrations. It is intended to give you
        control over which identifiers can be used to read or write Profile data by external systems. It never limits
        people in the browser.
      </p>
      <table className={tableClass.table}>
        <TableHead titles={['Identifier', 'Read', 'Write']} />
        <tbody>
          {permissions.map((permission, index) => (
            <tr key={permission.keyspaceId} className={tableClass.row}>
              <th scope="row" className={`${tableClass.cell} font-normal`}>
                {permission.keyspace}
              </th>
              <td className={tableClass.cell}>
                <Checkbox
                  label={`Read by ${permission.keyspace}`}
                  isSelected={permission.canRead}
                  onChange={(canRead) => set(index, { canRead })}
                />
              </td>
              <td className={tableClass.cell}>
                <Checkbox
                  label={`Write by ${permission.keyspace}`}
                  isSelected={permission.canWrite}
                  onChange={(canWrite) => set(index, { canWrite })}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </fieldset>
  );
}
