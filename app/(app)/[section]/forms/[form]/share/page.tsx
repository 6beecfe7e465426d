import type { Metadata } from 'next';
import { publicOrigin } from '@/app/public-origin';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { ButtonLink } from '@/components/ui/button';
import { cardClass, EmptyState } from '@/components/ui/display';
import { FormHeader } from '../form-header';
import { headed } from '../headed';
import { readFormOnce } from '../read-form-once';
import { ShareView } from './share-view';

export const metadata: Metadata = { title: 'Share' };

export default async function SharePage({ params }: { params: Promise<{ section: string; form: string }> }) {
  const { section: slug, form: formId } = await params;
  const { actor, section } = await requireSection(slug);
  const form = await valueForPage(readFormOnce(actor, section.id, formId));
  const here = `/${slug}/forms/${form.id}`;
  return (
    <>
      <FormHeader section={{ id: section.id, slug }} form={headed(form)} here="/share" />
      {form.published === null ? (
        <div className={cardClass}>
          <EmptyState title="Publish it first" action={<ButtonLink href={here}>To the form</ButtonLink>}>
            Then it has an address that you can share, a QR code, and snippets for websites.
          </EmptyState>
        </div>
      ) : (
        <ShareView
          origin={await publicOrigin()}
          path={form.path}
          name={form.name}
          document={form.published}
          sectionName={section.name}
          isOpen={form.open}
          settings={`${here}?part=embedding`}
        />
      )}
    </>
  );
}
