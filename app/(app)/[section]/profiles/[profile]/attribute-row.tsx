'use client';
// One attribute: a press or Enter edits it, Enter saves, Escape closes and keeps what was typed as a draft.
import { useQueryClient } from '@tanstack/react-query';
import clsx from 'clsx';
import { Pencil } from 'lucide-react';
import { Link } from '@/components/ui/link';
import { useRouter } from 'next/navigation';
import { useEffect, useId, useRef, useState, useTransition } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { Breakable } from '@/components/ui/breakable';
import { Button } from '@/components/ui/button';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { SectionId } from '@/lib/db/ids';
import type { ProfileDetails } from '@/lib/profiles/schema';
import { updateProfileAction } from '../actions';
import { AttributeInput } from './attribute-input';
import type { RowField } from './row-field';
import { useProfileDraft } from './use-profile-draft';

type Props = { section: { id: SectionId; slug: string }; profile: ProfileDetails; field: RowField };

export function AttributeRow({ section, profile, field }: Props) {
  const { field: code, name, text: current, shown } = field;
  const router = useRouter();
  const toast = useToast();
  const client = useQueryClient();
  const { draft, type, forget } = useProfileDraft(section.id, profile.id);
  const { refusal, pending, send, setRefusal } = useSubmission();
  const [editing, setEditing] = useState(false);
  const [refreshing, startTransition] = useTransition();
  const errorId = useId();
  const button = useRef<HTMLButtonElement>(null);
  const returns = useRef(false);
  const own = draft[code];
  const owner = (refusal?.details as { profileId?: number } | undefined)?.profileId;

  useEffect(() => {
    if (editing || !returns.current) return;
    returns.current = false;
    button.current?.focus();
  }, [editing]);

  const close = () => {
    returns.current = true;
    setRefusal(null);
    setEditing(false);
  };

  async function save() {
    if (own === undefined) return close();
    const result = await send(updateProfileAction, {
      sectionId: section.id,
      profileId: profile.id,
      keys: field.keyspaceId === undefined ? [] : [{ keyspaceId: field.keyspaceId, key: own.text }],
      attributes: field.keyspaceId === undefined ? { [code]: own.text } : {},
      expected: { [code]: field.value },
    });
    if (!result.ok) {
      // Shows what the others saved: saving again is then done with knowledge of it.
      if (result.refusal.code === 'conflict') router.refresh();
      return;
    }
    toast(`${name} saved`);
    void client.invalidateQueries({ queryKey: ['timeline', section.slug, profile.id] });
    // The editor stays until the page has the new value, so that the old one does not flash up.
    startTransition(() => {
      router.refresh();
      forget(code);
      close();
    });
  }

  return (
    <div className="border-line grid grid-cols-[6.5rem_minmax(0,1fr)] gap-x-3 border-b py-0.5 last:border-b-0">
      <dt className="text-muted py-1 wrap-anywhere">{name}</dt>
      <dd className="min-w-0">
        {editing ? (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              void save();
            }}
            onKeyDown={(event) => {
              if (event.key !== 'Escape') return;
              event.stopPropagation();
              close();
            }}
            className="flex flex-col gap-1.5 py-1"
          >
            <AttributeInput
              field={field}
              text={own?.text ?? current}
              onChange={(text) => type(code, text, current)}
              errorId={refusal ? errorId : undefined}
            />
            {refusal && (
              <p id={errorId} role="alert" className="text-danger text-[13px]">
                {refusal.message}
              </p>
            )}
            {own && own.base !== current && (
              <p className="text-warning text-[13px]">
                Someone else has changed this to “<bdi>{shown || 'empty'}</bdi>”.
              </p>
            )}
            {owner !== undefined && (
              <p className="text-[13px]">
                <Link className="underline" href={`/${section.slug}/profiles/${profile.id}/merge/${owner}`}>
                  Merge the two profiles
                </Link>{' '}
                if they are one person.
              </p>
            )}
            <span className="flex gap-1.5">
              <Button type="submit" size="small" variant="primary" isPending={pending || refreshing}>
                Save
              </Button>
              <Button
                size="small"
                variant="quiet"
                onPress={() => {
                  forget(code);
                  close();
                }}
              >
                Cancel
              </Button>
            </span>
          </form>
        ) : (
          <>
            <AriaButton
              ref={button}
              onPress={() => setEditing(true)}
              className="group hover:bg-hover -mx-1.5 flex w-[calc(100%+0.75rem)] items-center justify-between gap-2 rounded px-1.5 py-1 text-left"
            >
              <span className="sr-only">{`Change ${name}: ${shown === '' ? 'empty' : ''}`}</span>
              <bdi className={clsx('min-w-0 wrap-anywhere', shown === '' && 'text-muted')}>
                <Breakable text={shown || '–'} />
              </bdi>
              <Pencil
                aria-hidden
                className="text-muted size-3.5 shrink-0 opacity-0 group-hover:opacity-100 group-data-[focus-visible]:opacity-100"
              />
            </AriaButton>
            {own && (
              <p className="text-warning flex flex-wrap items-center gap-2 pb-1 text-[13px]">
                <span className="min-w-0 wrap-anywhere">
                  Not saved: “<bdi>{own.text}</bdi>”
                </span>
                <Button size="small" onPress={() => forget(code)}>
                  Discard
                </Button>
              </p>
            )}
          </>
        )}
      </dd>
    </div>
  );
}
