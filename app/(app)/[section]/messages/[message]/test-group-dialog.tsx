'use client';
// Makes, changes or deletes a test group.
import { X } from 'lucide-react';
import { useState } from 'react';
import { ProfileFinder } from '@/components/profiles/profile-finder';
import { Button, IconButton } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { TextField } from '@/components/ui/field';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { SectionId, TestGroupId } from '@/lib/db/ids';
import { NAME_MAX } from '@/lib/naming/names';
import { MEMBERS_MAX, type TestGroup } from '@/lib/messages/test-groups-schema';
import { deleteTestGroupAction, saveTestGroupAction } from '../actions';

type Props = {
  section: { id: SectionId; slug: string };
  /** Null: a new one. */
  group: TestGroup | null;
  onClose: () => void;
  /** `id`: null if it was deleted. */
  onSaved: (id: TestGroupId | null) => void;
};

export function TestGroupDialog({ section, group, onClose, onSaved }: Props) {
  const toast = useToast();
  const [name, setName] = useState(group?.name ?? '');
  const [members, setMembers] = useState(group?.members ?? []);
  const [adding, setAdding] = useState(group === null);
  const [deleting, setDeleting] = useState(false);
  const { refusal, pending, send, setRefusal } = useSubmission();
  const isFull = members.length >= MEMBERS_MAX;

  async function save() {
    const result = await send(saveTestGroupAction, {
      ...{ sectionId: section.id, groupId: group?.id ?? null },
      ...{ name, members: members.map(({ id }) => id) },
    });
    if (!result.ok) return;
    toast(`The test group “${name.trim()}” is saved`);
    onSaved(result.value.id);
  }

  async function remove() {
    if (!group) return;
    const result = await send(deleteTestGroupAction, { sectionId: section.id, groupId: group.id });
    if (!result.ok) return;
    toast(`The test group “${group.name}” is deleted`);
    onSaved(null);
  }

  return (
    <Dialog
      title={group ? 'Change the test group' : 'New test group'}
      isOpen
      onClose={onClose}
      actions={
        <>
          {group && (
            <Button
              variant="quiet"
              onPress={() => {
                setRefusal(null);
                setDeleting(true);
              }}
            >
              Delete…
            </Button>
          )}
          <Button onPress={onClose}>Cancel</Button>
          <Button variant="primary" isPending={pending} onPress={() => void save()}>
            Save
          </Button>
        </>
      }
    >
      {refusal && refusal.field !== 'name' && !deleting && <Banner tone="danger">{refusal.message}</Banner>}
      <TextField
        label="Name"
        value={name}
        maxLength={NAME_MAX}
        error={refusal?.field === 'name' ? refusal.message : undefined}
        onChange={setName}
        autoFocus={group === null}
      />
      <div className="flex flex-col gap-1">
        <p className="text-[13px] font-medium">
          People{' '}
          <span className="text-muted font-normal">
            {members.length} of at most {MEMBERS_MAX}
          </span>
        </p>
        <ul aria-label="People" className="flex flex-col">
          {members.map((member) => (
            <li key={member.id} className="border-line flex items-center gap-2 border-b py-0.5 last:border-b-0">
              <bdi className="min-w-0 flex-1 truncate">{member.name}</bdi>
              <IconButton
                label={`Take ${member.name} out`}
                onPress={() => setMembers(members.filter(({ id }) => id !== member.id))}
              >
                <X aria-hidden className="size-4" />
              </IconButton>
            </li>
          ))}
        </ul>
        {isFull ? (
          <p className="text-muted text-[13px]">It is full. A test goes to {MEMBERS_MAX} people at most.</p>
        ) : adding ? (
          <ProfileFinder
            key={members.length}
            slug={section.slug}
            label="Add a person"
            autoFocus={group !== null || members.length > 0}
            onChoose={({ id, name: found }) => {
              if (!members.some((member) => member.id === id)) setMembers([...members, { id, name: found }]);
              setAdding(false);
            }}
          />
        ) : (
          <div>
            <Button size="small" onPress={() => setAdding(true)}>
              Add a person…
            </Button>
          </div>
        )}
      </div>
      <p className="text-muted text-[13px]">
        Each gets the test as the message is written for them. People who work here always get it; others only if they
        have agreed to a topic of the message, and are not on the suppression list.
      </p>
      {deleting && group && (
        <ConfirmDialog
          title="Delete this test group?"
          confirm="Delete"
          refusal={refusal}
          pending={pending}
          onConfirm={() => void remove()}
          onClose={() => setDeleting(false)}
        >
          <p>“{group.name}” is gone for everybody in this section. The people in it stay as they are.</p>
        </ConfirmDialog>
      )}
    </Dialog>
  );
}
