import type { SearchParams } from 'nuqs/server';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import type { UserActor } from '@/lib/access/actor';
import { readAttributes } from '@/lib/attributes/reads';
import type { SectionId } from '@/lib/db/ids';
import { readMessageSegmentRules } from '@/lib/messages/report';
import { LinkKeySchema, ReportGroupSchema } from '@/lib/messages/report-schema';
import { readSegment, readVocabulary } from '@/lib/segments/reads';
import { filterOf, loadFilter } from '../../profiles/search-params';
import { BuilderPage } from '../builder/builder-page';
import type { InitialRules } from '../builder/segment-builder';
import { rulesFromFilter } from './rules-from-filter';

export const metadata = { title: 'New segment' };

const NAME_LENGTH = 100;

type Props = { params: Promise<{ section: string }>; searchParams: Promise<SearchParams> };

/** `?copy=7` starts with the rules of a segment; `?message=7&group=clicked` with a group of a message's recipients, `?message=7&link=…` with those who clicked a link, and `&name=` proposes what it is called; `?has=1,2&not=3&where=…` with a filter of the profiles page. */
export default async function NewSegmentPage({ params, searchParams }: Props) {
  const { actor, section } = await requireSection((await params).section);
  const search = await searchParams;
  const { rules, leftOut } = await readInitialState(actor, section.id, search);
  const vocabulary = await valueForPage(readVocabulary(actor, { sectionId: section.id, rules: rules ? [rules] : [] }));
  return (
    <BuilderPage
      section={{ id: section.id, slug: section.slug }}
      userId={actor.userId}
      vocabulary={vocabulary}
      saved={null}
      rules={rules}
      leftOut={leftOut}
      proposedName={typeof search.name === 'string' ? search.name.slice(0, NAME_LENGTH) : ''}
    />
  );
}

type InitialState = { rules: InitialRules | null; leftOut: string[] };

async function readInitialState(actor: UserActor, sectionId: SectionId, search: SearchParams): Promise<InitialState> {
  const copied = await readSegment(actor, { sectionId, segmentId: search.copy });
  if (copied.ok) return { rules: copied.value.rules, leftOut: [] };
  if (search.message !== undefined) {
    const group = ReportGroupSchema.catch('got').parse(search.group);
    const link = LinkKeySchema.optional().catch(undefined).parse(search.link);
    const of = await readMessageSegmentRules(actor, { sectionId, messageId: search.message, group, link });
    if (of.ok && of.value) return { rules: of.value, leftOut: [] };
  }
  const filter = filterOf(await loadFilter(Promise.resolve(search)));
  return rulesFromFilter(
    filter,
    filter.conditions.length > 0 ? await valueForPage(readAttributes(actor, { sectionId })) : [],
  );
}
