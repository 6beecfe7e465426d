import { createLoader, parseAsBoolean, parseAsString, type SearchParams } from 'nuqs/server';
import { deferred } from '@/app/deferred';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { readForms, readFormTotals, readWaitingInDeleted } from '@/lib/forms/reads';
import { FormsList } from './forms-list';

export const metadata = { title: 'Forms' };

const loadParams = createLoader({ q: parseAsString.withDefault(''), deleted: parseAsBoolean.withDefault(false) });

type Props = { params: Promise<{ section: string }>; searchParams: Promise<SearchParams> };

export default async function FormsPage({ params, searchParams }: Props) {
  const { actor, section } = await requireSection((await params).section);
  const { q, deleted } = await loadParams(searchParams);
  const of = { sectionId: section.id };
  // Counted while the list is shown already.
  const totals = deferred(readFormTotals(actor, of));
  const [forms, waitingInDeleted] = await Promise.all([
    valueForPage(readForms(actor, { ...of, search: q.slice(0, 200), deleted })),
    valueForPage(readWaitingInDeleted(actor, of)),
  ]);
  return (
    <FormsList
      section={{ id: section.id, slug: section.slug }}
      forms={forms}
      totals={totals}
      search={q}
      isDeleted={deleted}
      waitingInDeleted={waitingInDeleted}
    />
  );
}
