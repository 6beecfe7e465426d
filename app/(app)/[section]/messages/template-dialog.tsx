'use client';
// Saves an email as a template of the section, or calls a template something else.
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { MessageId, MessageTemplateId, SectionId } from '@/lib/db/ids';
import { renameTemplateAction, saveTemplateAction } from './actions';

type Props = {
  sectionId: SectionId;
  /** The email that is saved, or the template that is renamed. */
  of: { kind: 'message'; id: MessageId; name: string } | { kind: 'template'; id: MessageTemplateId; name: string };
  onClose: () => void;
  onSaved?: () => void;
};

export function TemplateDialog({ sectionId, of, onClose, onSaved }: Props) {
  const toast = useToast();
  const [name, setName] = useState(of.name);
  const { refusal, pending, send, setRefusal } = useSubmission();
  const isSaving = of.kind === 'message';
  const isTaken = isSaving && refusal?.code === 'name_taken';
  const wholeForm = messageFor(refusal, null, ['name']);

  async function save(replace: boolean) {
    const result = isSaving
      ? await send(saveTemplateAction, { sectionId, messageId: of.id, name, replace })
      : await send(renameTemplateAction, { sectionId, templateId: of.id, name });
    if (!result.ok) return;
    toast(
      isSaving ? `“${name.trim()}” is a template now` : `The template is called “${name.trim()}” now`,
      isSaving ? { detail: 'New emails can start from it.' } : {},
    );
    onSaved?.();
    onClose();
  }

  return (
    <Dialog
      title={isSaving ? 'Save as a template' : 'Rename the template'}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          {isTaken && (
            <Button isPending={pending} onPress={() => void save(true)}>
              Replace that one
            </Button>
          )}
          <Button variant="primary" isPending={pending} onPress={() => void save(false)}>
            {isSaving ? 'Save the template' : 'Rename'}
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          void save(false);
        }}
      >
        {wholeForm && <Banner tone="danger">{wholeForm}</Banner>}
        <TextField
          label="Name of the template"
          help={isSaving ? 'Everyone in this section finds it where a new email begins.' : undefined}
          value={name}
          onChange={(value) => {
            setName(value);
            setRefusal(null);
          }}
          error={messageFor(refusal, 'name')}
          autoFocus
        />
        {isSaving && (
          <p className="text-muted">
            It is a copy: subject, preview text and blocks. What changes in this email later does not change the
            template.
          </p>
        )}
      </form>
    </Dialog>
  );
}
