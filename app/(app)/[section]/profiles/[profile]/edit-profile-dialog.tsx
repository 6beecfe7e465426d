'use client';
// Keys and attributes in one form. Only changes are sent. If somebody else has saved first, their value is shown beside what was
// typed, and saving again overwrites it.
import { Link } from '@/components/ui/link';
import { useRouter } from 'next/navigation';
import type { ReactNode } from 'react';
import { Button } from '@/components/ui/button';
import { Dialog, FormButtons } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { Select, TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { Attribute } from '@/lib/attributes/schema';
import { formatAttributeValue } from '@/lib/attributes/values';
import type { SectionId } from '@/lib/db/ids';
import type { Keyspace, ProfileDetails } from '@/lib/profiles/schema';
import { updateProfileAction } from '../actions';
import { useProfileDraft, useRestored } from './use-profile-draft';

type Props = {
  section: { id: SectionId; slug: string };
  profile: ProfileDetails;
  attributes: Attribute[];
  keyspaces: Keyspace[];
  onClose: () => void;
  onSaved: () => void;
};

const FOLLOWS_A_KEY = ['email', 'mobile', 'crmid'];
const EMPTY = '—';

export function EditProfileDialog({ section, profile, attributes, keyspaces, onClose, onSaved }: Props) {
  const toast = useToast();
  const router = useRouter();
  const { draft, type, forget } = useProfileDraft(section.id, profile.id);
  const [restored, seen] = useRestored(draft);
  const { refusal, pending, send, form } = useSubmission();
  const editable = attributes.filter(({ code, system }) => !(system && FOLLOWS_A_KEY.includes(code)));
  const keyOf = (id: number) => profile.keys.find(({ keyspaceId }) => keyspaceId === id)?.key ?? '';
  const typed = (field: string) => draft[field]?.text;
  /** Props of a field whose saved value is `current`. */
  const bind = (field: string, current: string) => ({
    value: draft[field]?.text ?? current,
    onChange: (text: string) => type(field, text, current),
    error: messageFor(refusal, field),
    ...(draft[field] &&
      draft[field].base !== current && {
        help: <span className="text-warning">Someone else has changed this to “{current}”.</span>,
      }),
  });

  async function save() {
    const keys = keyspaces.flatMap(({ id }) => {
      const key = typed(`key:${id}`);
      return key === undefined ? [] : [{ keyspaceId: id, key }];
    });
    const values = editable.flatMap(({ code }) => {
      const value = typed(code);
      return value === undefined ? [] : [[code, value] as const];
    });
    const result = await send(updateProfileAction, {
      sectionId: section.id,
      profileId: profile.id,
      keys,
      attributes: Object.fromEntries(values),
      seen: profile.updatedAt,
    });
    // Shows what the others saved, so that the next save is made with knowledge of it.
    if (!result.ok) return result.refusal.code === 'conflict' && router.refresh();
    toast(result.value.changed.length > 0 ? 'Saved' : 'No changes to save');
    forget();
    onSaved();
  }

  const close = () => {
    forget();
    onClose();
  };
  const fields = [...keyspaces.map(({ id }) => `key:${id}`), ...editable.map(({ code }) => code)];
  const formMessage = messageFor(refusal, null, fields);
  const owner = (refusal?.details as { profileId?: number } | undefined)?.profileId;
  return (
    <Dialog title={`Edit ${profile.name}`} isOpen onClose={close} wide unsaved={Object.keys(draft).length > 0}>
      <form
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
        className="flex flex-col gap-4"
      >
        {restored && (
          <Banner tone="info">
            <span className="flex flex-wrap items-center justify-between gap-2">
              Your unsaved changes have been restored.
              <Button
                size="small"
                onPress={() => {
                  forget();
                  seen();
                }}
              >
                Discard changes
              </Button>
            </span>
          </Banner>
        )}
        {formMessage && <Banner tone="danger">{formMessage}</Banner>}
        {owner !== undefined && (
          <Banner tone="info">
            <Link className="underline" href={`/${section.slug}/profiles/${owner}`}>
              Open the other profile
            </Link>
            , or{' '}
            <Link className="underline" href={`/${section.slug}/profiles/${profile.id}/merge/${owner}`}>
              merge the two
            </Link>{' '}
            if they are one person. What you typed here stays.
          </Banner>
        )}
        <div className="grid gap-4 sm:grid-cols-2">
          {keyspaces.map(({ id, name }) => (
            <TextField key={id} label={name} {...bind(`key:${id}`, keyOf(id))} />
          ))}
          {editable.map((attribute) => (
            <AttributeField
              key={attribute.code}
              attribute={attribute}
              {...bind(attribute.code, formatAttributeValue(profile.attributes[attribute.code]))}
            />
          ))}
        </div>
        <FormButtons onCancel={close} submit="Save" isPending={pending} />
      </form>
    </Dialog>
  );
}

type FieldProps = {
  attribute: Attribute;
  value: string;
  onChange: (value: string) => void;
  error?: string;
  help?: ReactNode;
};

function AttributeField({ attribute, value, onChange, error, help }: FieldProps) {
  const choices = attribute.type === 'choice' ? attribute.choices : attribute.type === 'boolean' ? ['Yes', 'No'] : null;
  if (choices) {
    return (
      <Select
        label={attribute.name}
        value={value || EMPTY}
        onChange={(next) => onChange(next === EMPTY ? '' : next)}
        error={error}
        help={help}
        options={[EMPTY, ...choices].map((choice) => ({ value: choice, label: choice }))}
      />
    );
  }
  return (
    <TextField
      label={attribute.name}
      value={value}
      onChange={onChange}
      error={error}
      help={help}
      type={attribute.type === 'date' ? 'date' : 'text'}
      inputMode={attribute.type === 'number' ? 'decimal' : undefined}
    />
  );
}
