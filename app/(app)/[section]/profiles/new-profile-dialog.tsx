'use client';
// A new profile: at least one key, and optional attributes.
import { Link } from '@/components/ui/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Dialog, FormButtons } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { useSubmission } from '@/components/ui/use-submission';
import type { Attribute } from '@/lib/attributes/schema';
import type { SectionId } from '@/lib/db/ids';
import type { Keyspace } from '@/lib/profiles/schema';
import { createProfileAction } from './actions';

type Props = {
  section: { id: SectionId; slug: string };
  keyspaces: Keyspace[];
  attributes: Attribute[];
  onClose: () => void;
};

const SHOWN_ATTRIBUTES = ['firstname', 'lastname'];

export function NewProfileDialog({ section, keyspaces, attributes, onClose }: Props) {
  const router = useRouter();
  const [keys, setKeys] = useState<Record<number, string>>({});
  const [values, setValues] = useState<Record<string, string>>({});
  const { refusal, pending, submit } = useSubmission({ leaves: true });
  const asked = attributes.filter(({ code }) => SHOWN_ATTRIBUTES.includes(code));
  const fields = [...keyspaces.map(({ id }) => `key:${id}`), ...asked.map(({ code }) => code)];
  const other = (refusal?.details as { profileId?: number } | undefined)?.profileId;

  const given = keyspaces.map(({ id }) => ({ keyspaceId: id, key: keys[id] ?? '' }));
  const input = { sectionId: section.id, keys: given, attributes: values };
  const open = ({ id }: { id: number }) => router.push(`/${section.slug}/profiles/${id}`);

  const formMessage = messageFor(refusal, null, fields);
  return (
    <Dialog title="New profile" isOpen onClose={onClose}>
      <form onSubmit={submit(createProfileAction, input, open)} className="flex flex-col gap-4">
        {formMessage && <Banner tone="danger">{formMessage}</Banner>}
        {other !== undefined && (
          <Banner tone="info">
            <Link className="underline" href={`/${section.slug}/profiles/${other}`}>
              Open the existing profile
            </Link>
          </Banner>
        )}
        {keyspaces.map(({ id, name }, index) => (
          <TextField
            key={id}
            label={name}
            value={keys[id] ?? ''}
            onChange={(value) => setKeys((all) => ({ ...all, [id]: value }))}
            error={messageFor(refusal, `key:${id}`)}
            autoFocus={index === 0}
          />
        ))}
        {asked.map(({ code, name }) => (
          <TextField
            key={code}
            label={name}
            value={values[code] ?? ''}
            onChange={(value) => setValues((all) => ({ ...all, [code]: value }))}
            error={messageFor(refusal, code)}
          />
        ))}
        <FormButtons onCancel={onClose} submit="Create" isPending={pending} />
      </form>
    </Dialog>
  );
}
