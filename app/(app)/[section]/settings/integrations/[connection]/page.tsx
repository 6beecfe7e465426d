import { Refused } from '@/app/refused';
import { requireSection } from '@/app/viewer';
import { readConnectionPage } from '@/lib/integrations/reads';
import { SyncRunIdSchema } from '@/lib/db/ids';
import { ConnectionPanel } from './connection-panel';

export const metadata = { title: 'Integration' };

const RUNS = 20;

type Props = {
  params: Promise<{ section: string; connection: string }>;
  searchParams: Promise<{ before?: string }>;
};

export default async function ConnectionPage({ params, searchParams }: Props) {
  const { section: slug, connection: connectionId } = await params;
  const { actor, section } = await requireSection(slug);
  const before = SyncRunIdSchema.safeParse((await searchParams).before).data;
  const found = await readConnectionPage(actor, { sectionId: section.id, connectionId, before, limit: RUNS + 1 });
  if (!found.ok) return <Refused actor={actor} what="Integrations" refusal={found.refusal} />;
  const { connection, runs } = found.value;
  return (
    <ConnectionPanel
      section={{ id: section.id, slug }}
      connection={connection}
      runs={runs.slice(0, RUNS)}
      older={runs.length > RUNS ? runs[RUNS - 1]!.id : null}
    />
  );
}
