import type { SearchParams } from 'nuqs/server';
import { requireSection } from '@/app/viewer';
import { listAttributes } from '@/lib/attributes/queries';
import { SegmentIdSchema, type SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { getSegment } from '@/lib/segments/queries';
import { vocabularyOf } from '@/lib/segments/vocabulary';
import { filterOf, loadFilter } from '../../profiles/search-params';
import { BuilderPage } from '../builder/builder-page';
import type { FirstRules } from '../builder/segment-builder';
import { rulesOfFilter } from './rules-of-filter';

export const metadata = { title: 'New segment' };

type Props = { params: Promise<{ section: string }>; searchParams: Promise<SearchParams> };

/** `?copy=7` begins with the rules of a segment; `?has=1,2&not=3&where=…` with a filter of the profiles page. */
export default async function NewSegmentPage({ params, searchParams }: Props) {
  const { actor, section } = await requireSection((await params).section);
  const place = { accountId: actor.accountId, sectionId: section.id };
  const search = await searchParams;
  const { rules, leftOut } = await beginning(section.id, search);
  const vocabulary = await vocabularyOf(pool(), place, rules ? [rules] : []);
  return (
    <BuilderPage
      section={{ id: section.id, slug: section.slug }}
      userId={actor.userId}
      vocabulary={vocabulary}
      saved={null}
      rules={rules}
      leftOut={leftOut}
    />
  );
}

type Beginning = { rules: FirstRules | null; leftOut: string[] };

async function beginning(sectionId: SectionId, search: SearchParams): Promise<Beginning> {
  const copy = SegmentIdSchema.safeParse(search.copy);
  const segment = copy.success ? await getSegment(pool(), sectionId, copy.data) : undefined;
  if (segment) return { rules: segment.rules, leftOut: [] };
  const filter = filterOf(await loadFilter(Promise.resolve(search)));
  return rulesOfFilter(filter, filter.conditions.length > 0 ? await listAttributes(pool(), sectionId) : []);
}
