'use client';
// What is done with a whole form, from the list and from its pages: open or close it, copy it, delete it, each with its way back.
import { useRouter } from 'next/navigation';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { FormId, SectionId } from '@/lib/db/ids';
import { copyFormAction, deleteFormAction, setFormOpenAction } from './actions';

type Named = { id: FormId; name: string };

export function useWholeForm(section: { id: SectionId; slug: string }) {
  const router = useRouter();
  const toast = useToast();
  const { send } = useSubmission();

  /** Opens the copy. */
  async function copy(formId: FormId) {
    // Each copy is one of its own, also of the same form.
    const result = await send(copyFormAction, { sectionId: section.id, formId }, crypto.randomUUID());
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger' });
    toast(`This is “${result.value.name}”, a copy`);
    router.push(`/${section.slug}/forms/${result.value.id}`);
  }

  const setDeleted = (id: FormId, deleted: boolean) =>
    send(deleteFormAction, { sectionId: section.id, formId: id, deleted }, crypto.randomUUID());

  async function remove({ id, name }: Named, then: () => void) {
    const about = [`form:${id}`];
    const result = await setDeleted(id, true);
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger', about });
    toast(`“${name}” has been deleted`, {
      about,
      detail: 'Its page, and where it is embedded, say that it is closed. Who has a mail to confirm still can.',
      action: { label: 'Undo', run: () => void bringBack({ id, name }) },
    });
    then();
  }

  async function bringBack({ id, name }: Named) {
    const about = [`form:${id}`];
    const result = await setDeleted(id, false);
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger', about });
    toast(`“${name}” is back`, { about, link: { label: 'Open', href: `/${section.slug}/forms/${id}` } });
    router.refresh();
  }

  async function setOpen({ id, name }: Named, open: boolean) {
    const about = [`form:${id}`];
    const result = await send(setFormOpenAction, { sectionId: section.id, formId: id, open }, crypto.randomUUID());
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger', about });
    toast(open ? `“${name}” takes submissions again` : `“${name}” is closed. Its page says so.`, {
      about,
      action: { label: 'Undo', run: () => void setOpen({ id, name }, !open) },
    });
    router.refresh();
  }

  return { copy, remove, bringBack, setOpen };
}
