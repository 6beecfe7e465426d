import type { ReactNode } from 'react';
import { requireSection } from '@/app/viewer';
import { readDeletedForm } from '@/lib/forms/reads';
import { DeletedForm } from './deleted-form';
import { readFormOnce } from './read-form-once';

type Props = { children: ReactNode; params: Promise<{ section: string; form: string }> };

/** Old addresses of a form that was deleted lead to where it is brought back. */
export default async function FormLayout({ children, params }: Props) {
  const { section: slug, form: formId } = await params;
  const { actor, section } = await requireSection(slug);
  const found = await readFormOnce(actor, section.id, formId);
  if (found.ok || found.refusal.code !== 'not_found') return children;
  const deleted = await readDeletedForm(actor, { sectionId: section.id, formId });
  return deleted.ok ? <DeletedForm section={{ id: section.id, slug }} form={deleted.value} /> : children;
}
