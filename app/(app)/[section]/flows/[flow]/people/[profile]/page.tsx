import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { inJson } from '@/components/ui/in-json';
import { readRun } from '@/lib/flows/reads';
import { readFlowOnce } from '../../read-flow-once';
import { thingsOfFlow } from '../../things-of-flow';
import { RunView } from './run-view';

export const metadata: Metadata = { title: 'A person in the flow' };

type Props = { params: Promise<{ section: string; flow: string; profile: string }> };

export default async function RunPage({ params }: Props) {
  const { section: slug, flow: flowId, profile } = await params;
  const { actor, section } = await requireSection(slug);
  const flow = await valueForPage(readFlowOnce(actor, section.id, flowId));
  const run = await valueForPage(readRun(actor, { sectionId: section.id, flowId, profileId: profile }));
  if (run === null) notFound();
  const { document, ...person } = run;
  const things = await thingsOfFlow(actor, section.id, flowId, [document]);
  return (
    <RunView
      slug={slug}
      flow={{ name: flow.name, href: `/${slug}/flows/${flow.id}` }}
      run={inJson(person)}
      documents={flow.published ? [document, flow.published] : [document]}
      settings={flow.settings}
      things={things}
    />
  );
}
