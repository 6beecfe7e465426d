import { notFound } from 'next/navigation';
import { Refused } from '@/app/refused';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { readAttributes } from '@/lib/attributes/reads';
import { readConnectionPage, readSyncRun } from '@/lib/integrations/reads';
import { RunPanel } from './run-panel';

export const metadata = { title: 'Sync' };

type Props = { params: Promise<{ section: string; connection: string; run: string }> };

export default async function RunPage({ params }: Props) {
  const { section: slug, connection: connectionId, run: runId } = await params;
  const { actor, section } = await requireSection(slug);
  const found = await readSyncRun(actor, { sectionId: section.id, runId });
  if (!found.ok) return <Refused actor={actor} what="Integrations" refusal={found.refusal} />;
  const connection = await readConnectionPage(actor, { sectionId: section.id, connectionId, limit: 1 });
  if (!connection.ok) return <Refused actor={actor} what="Integrations" refusal={connection.refusal} />;
  if (found.value.run.connectionId !== connection.value.connection.id) notFound();
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
    />
  );
}
