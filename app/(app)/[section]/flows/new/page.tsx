import { createLoader, parseAsStringLiteral, type SearchParams } from 'nuqs/server';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { PageHeader } from '@/components/ui/display';
import { readAttributes } from '@/lib/attributes/reads';
import { TEMPLATES } from '@/lib/flows/templates';
import { NewFlow } from './new-flow';

export const metadata = { title: 'New flow' };

const loadParams = createLoader({ template: parseAsStringLiteral(TEMPLATES).withDefault('welcome') });

type Props = { params: Promise<{ section: string }>; searchParams: Promise<SearchParams> };

export default async function NewFlowPage({ params, searchParams }: Props) {
  const { actor, section } = await requireSection((await params).section);
  const { template } = await loadParams(searchParams);
  const attributes = await valueForPage(readAttributes(actor, { sectionId: section.id }));
  return (
    <>
      <PageHeader title="New flow">
        Choose what it starts from → fill in the steps → publish it. Nothing happens to anybody before that.
      </PageHeader>
      <NewFlow
        section={{ id: section.id, slug: section.slug }}
        template={template}
        attributes={attributes.map(({ id, name, code, type }) => ({ id, name, code, type }))}
      />
    </>
  );
}
