import { notFound } from 'next/navigation';
import { Refused } from '@/app/refused';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { readAttributes } from '@/lib/attributes/reads';
import { readConnectionPage, readRunLists, readSyncRun } from '@/lib/integrations/reads';
import { LISTS_SHOWN } from '../../../words';
import { RunListsAddress } from './address';
import { RunPanel } from './run-panel';

export const metadata = { title: 'Sync' };

type Props = {
  params: Promise<{ section: string; connection: string; run: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

export default async function RunPage({ params, searchParams }: Props) {
  const { section: slug, connection: connectionId, run: runId } = await params;
  const { actor, section } = await requireSection(slug);
  const { q: search, show, page } = RunListsAddress.parse(await searchParams);
  const of = { sectionId: section.id, runId };
  const found = await readSyncRun(actor, of);
  if (!found.ok) return <Refused actor={actor} what="Integrations" refusal={found.refusal} />;
  const connection = await readConnectionPage(actor, { sectionId: section.id, connectionId });
  if (!connection.ok) return <Refused actor={actor} what="Integrations" refusal={connection.refusal} />;
  if (found.value.run.connectionId !== connection.value.connection.id) notFound();
  const asked = { search, show, offset: (page - 1) * LISTS_SHOWN, limit: LISTS_SHOWN };
  const lists = await valueForPage(readRunLists(actor, { ...of, ...asked }));
  const attributes = await valueForPage(readAttributes(actor, { sectionId: section.id }));
  return (
    <RunPanel
      section={{ id: section.id, slug }}
      connection={{ id: connection.value.connection.id, name: connection.value.connection.name }}
      fields={connection.value.connection.options.fields.map(({ field, code, existing }) => ({
        field,
        existing,
        attribute: attributes.find((attribute) => attribute.code === code)?.name ?? field,
      }))}
      initial={found.value}
      page={{ search, show, page }}
      initialLists={lists}
    />
  );
}
