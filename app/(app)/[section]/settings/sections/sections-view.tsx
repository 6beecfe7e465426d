'use client';
// The account's sections: strict data boundaries, such as a brand or a country.
import { Pencil, Plus } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button, IconButton } from '@/components/ui/button';
import { Dialog, FormButtons } from '@/components/ui/dialog';
import { Banner, cardClass, PageHeader } from '@/components/ui/display';
import { TextArea, TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { useZone } from '@/components/ui/use-zone';
import { ZoneField, zoneName } from '@/components/ui/zone-field';
import { useSubmission } from '@/components/ui/use-submission';
import type { SectionView } from '@/lib/accounts/schema';
import { addSectionAction, editSectionAction } from './actions';

export function SectionsView({ sections, mayAdd }: { sections: SectionView[]; mayAdd: boolean }) {
  const router = useRouter();
  const [open, setOpen] = useState<'new' | SectionView | null>(null);
  return (
    <>
      <PageHeader
        title="Sections"
        actions={
          mayAdd && (
            <Button variant="primary" onPress={() => setOpen('new')}>
              <Plus aria-hidden className="size-4" /> Add section
            </Button>
          )
        }
      >
        Tags, attributes, profiles and imports live in one section and never mix.
        {!mayAdd && ' Somebody with access to all sections, such as an Account Owner, can add one.'}
      </PageHeader>
      <ul className={cardClass}>
        {sections.map((section) => (
          <li key={section.id} className="border-line flex items-center gap-3 border-b px-4 py-2.5 last:border-b-0">
            <span className="min-w-0 flex-1">
              <span className="block font-medium">{section.name}</span>
              <span className="text-muted block text-[13px]">
                {section.description && `${section.description} · `}
                {section.timeZone && `${zoneName(section.timeZone)} · `}
                <code className="text-xs">{section.discriminator}</code>
              </span>
            </span>
            <IconButton label={`Edit ${section.name}`} onPress={() => setOpen(section)}>
              <Pencil aria-hidden className="size-4" />
            </IconButton>
          </li>
        ))}
      </ul>
      {open && (
        <SectionDialog
          section={open === 'new' ? null : open}
          onClose={() => setOpen(null)}
          onDone={() => {
            setOpen(null);
            router.refresh();
          }}
        />
      )}
    </>
  );
}

function SectionDialog({
  section,
  onClose,
  onDone,
}: {
  section: SectionView | null;
  onClose: () => void;
  onDone: () => void;
}) {
  const [name, setName] = useState(section?.name ?? '');
  const [description, setDescription] = useState(section?.description ?? '');
  const own = useZone();
  const [chosen, setTimeZone] = useState(section?.timeZone ?? null);
  const timeZone = chosen ?? own;
  const { refusal, pending, submit } = useSubmission();

  const save = section
    ? submit(editSectionAction, { sectionId: section.id, name, description, timeZone }, onDone)
    : submit(addSectionAction, { name, description, timeZone }, onDone);

  const formMessage = messageFor(refusal, null, ['name', 'description', 'timeZone']);
  return (
    <Dialog title={section ? `Edit “${section.name}”` : 'Add section'} isOpen onClose={onClose}>
      <form onSubmit={save} className="flex flex-col gap-4">
        {formMessage && <Banner tone="danger">{formMessage}</Banner>}
        <TextField label="Name" value={name} onChange={setName} error={messageFor(refusal, 'name')} autoFocus />
        <TextArea
          label="Description"
          value={description}
          onChange={setDescription}
          error={messageFor(refusal, 'description')}
          rows={2}
        />
        <ZoneField
          label="Time zone"
          help="Messages are scheduled by its clock, and new segments and syncs at certain hours go by it, unless somebody chooses another there. What is scheduled already keeps its time."
          value={timeZone}
          onChange={setTimeZone}
          error={messageFor(refusal, 'timeZone')}
        />
        <FormButtons onCancel={onClose} submit="Save" isPending={pending} />
      </form>
    </Dialog>
  );
}
