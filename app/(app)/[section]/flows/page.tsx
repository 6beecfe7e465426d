import { createLoader, parseAsBoolean, parseAsString, type SearchParams } from 'nuqs/server';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { readFlows } from '@/lib/flows/reads';
import { FlowsList } from './flows-list';

export const metadata = { title: 'Flows' };

const loadParams = createLoader({ q: parseAsString.withDefault(''), deleted: parseAsBoolean.withDefault(false) });

type Props = { params: Promise<{ section: string }>; searchParams: Promise<SearchParams> };

export default async function FlowsPage({ params, searchParams }: Props) {
  const { actor, section } = await requireSection((await params).section);
  const { q, deleted } = await loadParams(searchParams);
  const flows = await valueForPage(readFlows(actor, { sectionId: section.id, search: q.slice(0, 200), deleted }));
  return <FlowsList section={{ id: section.id, slug: section.slug }} flows={flows} search={q} isDeleted={deleted} />;
}
