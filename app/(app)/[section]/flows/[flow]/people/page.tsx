import type { Metadata } from 'next';
import { createLoader, parseAsInteger, parseAsString, parseAsStringLiteral, type SearchParams } from 'nuqs/server';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { inJson } from '@/components/ui/in-json';
import { readPeopleInFlow } from '@/lib/flows/reads';
import { FlowHeader } from '../flow-header';
import { headed } from '../headed';
import { readFlowOnce } from '../read-flow-once';
import { thingsOfFlow } from '../things-of-flow';
import { PeopleView } from './people-view';
import { SHOWS } from './shows';

export const metadata: Metadata = { title: 'People in the flow' };

const PAGE = 50;

const loadParams = createLoader({
  show: parseAsStringLiteral(SHOWS).withDefault('inside'),
  step: parseAsString,
  /** The last person of the page before. */
  after: parseAsInteger.withDefault(0),
});

type Props = { params: Promise<{ section: string; flow: string }>; searchParams: Promise<SearchParams> };

export default async function PeoplePage({ params, searchParams }: Props) {
  const { section: slug, flow: flowId } = await params;
  const { actor, section } = await requireSection(slug);
  const { show, step, after } = await loadParams(searchParams);
  const flow = await valueForPage(readFlowOnce(actor, section.id, flowId));
  const documents = flow.published ? [flow.published, flow.document] : [flow.document];
  const [people, things] = await Promise.all([
    valueForPage(
      readPeopleInFlow(actor, {
        ...{ sectionId: section.id, flowId, failed: show === 'failed', limit: PAGE + 1 },
        ...{ step: step?.slice(0, 16) ?? null, after: Math.max(0, after) },
      }),
    ),
    thingsOfFlow(actor, section.id, flowId, documents),
  ]);
  const shown = people.slice(0, PAGE);
  return (
    <>
      <FlowHeader here="/people" section={{ id: section.id, slug }} flow={headed(flow)} />
      <PeopleView
        section={{ id: section.id, slug }}
        flow={{ id: flow.id, isLive: flow.state === 'live', href: `/${slug}/flows/${flow.id}` }}
        documents={documents}
        settings={flow.settings}
        things={things}
        counts={{ inside: flow.inside, failed: flow.failed }}
        people={inJson(shown)}
        show={show}
        step={step}
        isLater={after > 0}
        next={people.length > PAGE ? (shown.at(-1)?.profileId ?? null) : null}
      />
    </>
  );
}
