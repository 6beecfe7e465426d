import { Refused } from '@/app/refused';
import { requireSection } from '@/app/viewer';
import { connectorForms } from '@/lib/integrations/forms';
import { readConnectionPage } from '@/lib/integrations/reads';
import { ChooseLists } from './choose-lists';

export const metadata = { title: 'Choose lists' };

type Props = { params: Promise<{ section: string; connection: string }> };

export default async function ListsPage({ params }: Props) {
  const { section: slug, connection: connectionId } = await params;
  const { actor, section } = await requireSection(slug);
  const found = await readConnectionPage(actor, { sectionId: section.id, connectionId });
  if (!found.ok) return <Refused actor={actor} what="Integrations" refusal={found.refusal} />;
  const { connection } = found.value;
  const form = connectorForms().find(({ kind }) => kind === connection.kind);
  return <ChooseLists section={{ id: section.id, slug }} connection={connection} manual={form?.manual ?? null} />;
}
