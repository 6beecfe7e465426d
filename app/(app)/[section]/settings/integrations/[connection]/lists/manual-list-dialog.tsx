'use client';
// A list that an Admin defines here, where the CRM does not publish its own.
import { useState } from 'react';
import { Dialog, FormButtons } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { Checkbox, TextArea, TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { useSubmission } from '@/components/ui/use-submission';
import type { ConnectorForm } from '@/lib/integrations/forms';
import type { ConnectionView } from '@/lib/integrations/views';
import { nameKey } from '@/lib/naming/names';
import type { NamedTag } from '@/lib/integrations/named-tags';
import { keepListsAction } from '../../actions';
import { people, type SectionRef } from '../../words';

type Props = {
  section: SectionRef;
  connection: ConnectionView;
  manual: NonNullable<ConnectorForm['manual']>;
  onClose: () => void;
  onKept: () => void;
};

export function ManualListDialog({ section, connection, manual, onClose, onKept }: Props) {
  const { refusal, pending, submit } = useSubmission({ leaves: true });
  const [externalId] = useState(() => `manual:${crypto.randomUUID()}`);
  const [name, setName] = useState('');
  const [definition, setDefinition] = useState('');
  const [tagName, setTagName] = useState<string | null>(null);
  const [used, setUsed] = useState<NamedTag | null>(null);
  const shownTag = tagName ?? (name.trim() === '' ? '' : `${connection.name}: ${name.trim()}`);
  const { taken } = (refusal?.details ?? {}) as { taken?: NamedTag };
  const isTaken = taken !== undefined && nameKey(taken.name) === nameKey(shownTag);
  const tag = used && nameKey(used.name) === nameKey(shownTag) ? { id: used.id } : { name: shownTag };
  const list = { externalId, name, kind: 'manual', manual: definition, tag };
  const input = { sectionId: section.id, connectionId: connection.id, lists: [list] };
  const fieldErrors = {
    name: messageFor(refusal, 'lists.0.name'),
    manual: messageFor(refusal, 'manual') ?? messageFor(refusal, 'lists.0.manual'),
    tag: refusal?.field?.startsWith('lists.0.tag') || refusal?.field === 'name' ? refusal.message : undefined,
  };
  const hasField = Object.values(fieldErrors).some((message) => message !== undefined);

  return (
    <Dialog title="Add a manual list" isOpen onClose={onClose} wide>
      <form onSubmit={submit(keepListsAction, input, onKept)} className="flex flex-col gap-4">
        {refusal && !hasField && <Banner tone="danger">{refusal.message}</Banner>}
        <p>For a list that the CRM does not show here: write which contacts are on it.</p>
        <TextField label="Name" value={name} onChange={setName} error={fieldErrors.name} autoFocus isRequired />
        <TextArea
          label={manual.words}
          help={manual.hint}
          rows={6}
          value={definition}
          onChange={setDefinition}
          error={fieldErrors.manual}
          isRequired
        />
        <TextField label="Tag" value={shownTag} onChange={setTagName} error={fieldErrors.tag} isRequired />
        {isTaken && (
          <Checkbox isSelected={used?.id === taken.id} onChange={(on) => setUsed(on ? taken : null)}>
            Use the tag “{taken.name}”, which {people(taken.people)} {taken.people === 1 ? 'has' : 'have'} already. They
            keep it, even when they leave the list
          </Checkbox>
        )}
        <FormButtons onCancel={onClose} submit="Add the list" isPending={pending} />
      </form>
    </Dialog>
  );
}
