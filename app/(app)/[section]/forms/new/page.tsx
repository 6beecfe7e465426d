import { createLoader, parseAsStringLiteral, type SearchParams } from 'nuqs/server';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { PageHeader } from '@/components/ui/display';
import { readAttributes } from '@/lib/attributes/reads';
import { readTopics } from '@/lib/consents/reads';
import { readTemplateNames } from '@/lib/forms/reads';
import { TEMPLATES } from '@/lib/forms/templates';
import { NewForm } from './new-form';

export const metadata = { title: 'New form' };

const loadParams = createLoader({ template: parseAsStringLiteral(TEMPLATES).withDefault('newsletter') });

type Props = { params: Promise<{ section: string }>; searchParams: Promise<SearchParams> };

export default async function NewFormPage({ params, searchParams }: Props) {
  const { actor, section } = await requireSection((await params).section);
  const { template } = await loadParams(searchParams);
  const of = { sectionId: section.id };
  const [attributes, topics, names] = await Promise.all([
    valueForPage(readAttributes(actor, of)),
    valueForPage(readTopics(actor, of)),
    valueForPage(readTemplateNames(actor, of)),
  ]);
  return (
    <>
      <PageHeader title="New form">Choose what it starts from → change it → publish it → share its address.</PageHeader>
      <NewForm
        section={{ id: section.id, slug: section.slug }}
        template={template}
        names={names}
        attributes={attributes.map(({ id, code, system }) => ({ id, code, system }))}
        topics={topics.map(({ id, name }) => ({ id, name }))}
      />
    </>
  );
}
