import type { Metadata } from 'next';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { inJson } from '@/components/ui/in-json';
import { readFlowChoices } from '@/lib/flows/reads';
import { rulesIn } from '@/lib/flows/references';
import { readVocabulary } from '@/lib/segments/reads';
import { FlowPage } from './flow-page';
import { readFlowOnce } from './read-flow-once';

type Props = { params: Promise<{ section: string; flow: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { section: slug, flow } = await params;
  const { actor, section } = await requireSection(slug);
  const found = await readFlowOnce(actor, section.id, flow);
  return { title: found.ok ? found.value.name : 'Flow' };
}

export default async function EditorPage({ params }: Props) {
  const { section: slug, flow: flowId } = await params;
  const { actor, section } = await requireSection(slug);
  const of = { sectionId: section.id };
  const flow = await valueForPage(readFlowOnce(actor, section.id, flowId));
  const [vocabulary, choices] = await Promise.all([
    valueForPage(readVocabulary(actor, { ...of, rules: rulesIn(flow.document) })),
    valueForPage(readFlowChoices(actor, { ...of, flowId })),
  ]);
  return (
    <FlowPage
      key={flow.id}
      section={{ id: section.id, slug }}
      flow={{ ...inJson(flow), document: flow.document, settings: flow.settings, published: flow.published }}
      things={{ vocabulary, ...choices }}
    />
  );
}
