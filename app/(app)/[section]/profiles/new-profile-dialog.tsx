'use client';
// A new profile by hand: at least one key, and what is known of the person.
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState, type FormEvent } from 'react';
import { answerOf } from '@/components/ui/answer-of';
import { Dialog, FormButtons } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import type { RefusalData } from '@/lib/access/refusal';
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

const ASKED = ['firstname', 'lastname'];

export function NewProfileDialog({ section, keyspaces, attributes, onClose }: Props) {
  const router = useRouter();
  const [requestId, setRequestId] = useState(() => crypto.randomUUID());
  const [keys, setKeys] = useState<Record<number, string>>({});
  const [values, setValues] = useState<Record<string, string>>({});
  const [refusal, setRefusal] = useState<RefusalData | null>(null);
  const [pending, setPending] = useState(false);
  const asked = attributes.filter(({ code }) => ASKED.includes(code));
  const fields = [...keyspaces.map(({ id }) => `key:${id}`), ...asked.map(({ code }) => code)];
  const other = (refusal?.details as { profileId?: number } | undefined)?.profileId;

  async function submit(event: FormEvent) {
    event.preventDefault();
    setPending(true);
    const given = keyspaces.map(({ id }) => ({ keyspaceId: id, key: keys[id] ?? '' }));
    const result = await answerOf(
      createProfileAction({ sectionId: section.id, keys: given, attributes: values }, requestId),
    );
    if (result.ok) return router.push(`/${section.slug}/profiles/${result.value.id}`);
    setPending(false);
    setRefusal(result.refusal);
    setRequestId(crypto.randomUUID());
  }

  const formMessage = messageFor(refusal, null, fields);
  return (
    <Dialog title="New profile" isOpen onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        {formMessage && <Banner tone="danger">{formMessage}</Banner>}
        {other !== undefined && (
          <Banner tone="info">
            <Link className="underline" href={`/${section.slug}/profiles/${other}`}>
              Open the profile that has it
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
