import type { Metadata } from 'next';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { inJson } from '@/components/ui/in-json';
import { UsedBy } from '@/components/used-in/used-by';
import { readKept } from '@/lib/flows/reads';
import { readUsersOfThing } from '@/lib/used-in/reads';
import { FlowPage } from './flow-page';
import { readFlowOnce } from './read-flow-once';
import { thingsOfFlow } from './things-of-flow';

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
  const flow = await valueForPage(readFlowOnce(actor, section.id, flowId));
  const [things, kept, users] = await Promise.all([
    thingsOfFlow(actor, section.id, flowId, [flow.document], flow.settings),
    valueForPage(readKept(actor, { sectionId: section.id, flowId })),
    valueForPage(readUsersOfThing(actor, { sectionId: section.id, kind: 'flow', id: flow.id })),
  ]);
  return (
    <>
      <FlowPage
        key={flow.id}
        section={{ id: section.id, slug }}
        flow={{ ...inJson(flow), document: flow.document, settings: flow.settings, published: flow.published }}
        things={things}
        kept={kept.people}
      />
      <UsedBy slug={slug} users={users} />
    </>
  );
}
