'use client';
// The page on which a form is built. Every change is saved; people get it when it is published.
import { useRouter } from 'next/navigation';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { useMemo, useRef } from 'react';
import { nameWithTime } from '@/lib/naming/names';
import { useSaveKeys } from '@/components/ui/hotkeys';
import { FormBuilder, type ReplaceDocument } from '@/components/forms/builder/form-builder';
import { PARTS } from '@/components/forms/builder/parts';
import { Button } from '@/components/ui/button';
import type { Option } from '@/components/ui/field';
import type { InJson } from '@/components/ui/in-json';
import { NameInPlace } from '@/components/ui/name-in-place';
import { NotSaved, SaveState } from '@/components/ui/save-state';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { Attribute } from '@/lib/attributes/schema';
import type { Topic } from '@/lib/consents/schema';
import type { SectionId } from '@/lib/db/ids';
import type { ConfirmationRule } from '@/lib/forms/confirmation-rule';
import { isSameDocument } from '@/lib/forms/same-document';
import type { FormDetails } from '@/lib/forms/queries';
import type { FormDocument } from '@/lib/forms/schema';
import type { Brand } from '@/lib/mail-document/schema';
import type { SenderChoice } from '@/lib/messages/queries';
import { createFormAction, publishFormAction } from '../actions';
import { AttentionBanner } from '../status';
import { useWholeForm } from '../use-whole-form';
import { FormHeader } from './form-header';
import { useSavedForm } from './use-saved-form';

type Props = {
  section: { id: SectionId; slug: string; name: string };
  form: Omit<InJson<FormDetails>, 'document' | 'published'> & Pick<FormDetails, 'document' | 'published'>;
  attributes: Attribute[];
  topics: Topic[];
  countries: Option<string>[];
  senders: SenderChoice[];
  rule: ConfirmationRule;
  brand: Brand;
  /** An Account Owner or Admin. */
  isAdmin: boolean;
};

export function FormEditor({ section, form, attributes, topics, countries, senders, rule, brand, isAdmin }: Props) {
  const router = useRouter();
  const toast = useToast();
  const [part, setPart] = useQueryState(
    'part',
    parseAsStringLiteral(PARTS).withDefault('questions').withOptions({ history: 'push' }),
  );
  const { setOpen } = useWholeForm(section);
  const publishing = useSubmission();
  const copying = useSubmission();
  const { id, published, version } = form;
  const saving = useSavedForm(
    { sectionId: section.id, formId: id },
    { name: form.name, document: form.document },
    form.changedAt,
  );
  const { draft, set, save } = saving;
  const isChanged = useMemo(
    () => published === null || !isSameDocument(draft.document, published),
    [draft.document, published],
  );
  const replace = useRef<ReplaceDocument>(null);
  const list = `/${section.slug}/forms`;
  const about = [`form:${id}`];

  async function publish() {
    const saved = await save();
    if (!saved.ok) return toast(saved.refusal.message, { tone: 'danger', about });
    const input = { sectionId: section.id, formId: id, seen: saving.seen() };
    const result = await publishing.send(publishFormAction, input, crypto.randomUUID());
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger', about });
    const { takenUp } = result.value;
    toast(version === null ? 'Published: people can fill it in now' : 'Published: people get the new version', {
      about,
      ...(takenUp > 0 && {
        detail:
          takenUp === 1
            ? 'The submission that waited is applied.'
            : `The ${takenUp.toLocaleString('en-GB')} submissions that waited are applied.`,
      }),
      link: { label: 'Share it', href: `${list}/${id}/share` },
    });
    router.refresh();
  }

  /** Back to what people get. What was written can be had again, also from another page. */
  function discard(to: FormDocument) {
    const before = draft.document;
    replace.current?.(to);
    toast('Your changes are discarded: this is the form as people get it', {
      about,
      action: { label: 'Undo', run: () => void bringBack(before) },
    });
  }

  async function bringBack(document: FormDocument) {
    if (replace.current) return replace.current(document);
    const saved = await save({ document });
    toast(saved.ok ? 'Your changes are back' : saved.refusal.message, {
      about,
      ...(saved.ok ? { link: { label: 'Open', href: `${list}/${id}` } } : { tone: 'danger' as const }),
    });
  }

  async function saveToCopy(): Promise<boolean> {
    const saved = await save();
    if (!saved.ok) toast(saved.refusal.message, { tone: 'danger', about });
    return saved.ok;
  }

  /** What is here becomes a form of its own, and the saved one stays. */
  async function keepAsCopy() {
    const mine = nameWithTime(draft.name);
    const made = await copying.send(createFormAction, {
      sectionId: section.id,
      name: mine,
      document: draft.document,
    });
    if (!made.ok) return toast(made.refusal.message, { tone: 'danger' });
    saving.forget();
    toast(`What you did is in “${mine}”`);
    router.push(`${list}/${made.value.id}`);
  }

  useSaveKeys(() => void save());

  return (
    <>
      <FormHeader
        section={section}
        form={{ ...form, name: draft.name, isChanged }}
        here=""
        name={<NameInPlace name={draft.name} onRename={(next) => save({ name: next })} />}
        state={<SaveState state={saving.state} />}
        beforeCopy={saveToCopy}
        onDiscard={published && isChanged ? () => discard(published) : undefined}
        onDeleted={saving.forget}
        actions={
          <Button
            variant="primary"
            isPending={publishing.pending}
            isDisabled={!isChanged && form.open}
            onPress={() => void (isChanged ? publish() : setOpen(form, true))}
          >
            {version === null ? 'Publish' : isChanged ? 'Publish changes' : form.open ? 'Published' : 'Open again'}
          </Button>
        }
      />
      <div className="mb-3 flex flex-col gap-2 empty:hidden">
        {saving.refusal && saving.refusal.field !== 'name' && (
          <NotSaved
            thing="form"
            refusal={saving.refusal}
            copying={copying.pending}
            onRetry={() => void save()}
            onCopy={() => void keepAsCopy()}
            onReload={() => {
              saving.forget();
              window.location.reload();
            }}
          />
        )}
        <AttentionBanner reasons={form.attention} waiting={form.waiting} />
      </div>
      <FormBuilder
        key={saving.replaced}
        replace={replace}
        slug={section.slug}
        value={draft.document}
        onChange={(document: FormDocument) => set({ document })}
        formName={draft.name}
        sectionName={section.name}
        attributes={attributes}
        topics={topics}
        countries={countries}
        senders={senders}
        rule={rule}
        brand={brand}
        isAdmin={isAdmin}
        published={published}
        part={part}
        onPart={(next) => void setPart(next)}
      />
    </>
  );
}
