import type { SearchParams } from 'nuqs/server';
import { requireSection } from '@/app/viewer';
import { SegmentIdSchema, type AccountId, type SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { getSegment } from '@/lib/segments/queries';
import type { Rules } from '@/lib/segments/schema';
import { vocabularyOf } from '@/lib/segments/vocabulary';
import { filterOf, loadFilter } from '../../profiles/search-params';
import { BuilderPage } from '../builder/builder-page';
import { rulesOfFilter } from './rules-of-filter';

export const metadata = { title: 'New segment' };

type Props = { params: Promise<{ section: string }>; searchParams: Promise<SearchParams> };

/** `?copy=7` begins with the rules of a segment; `?has=1,2&not=3&where=…` with a filter of the profiles page. */
export default async function NewSegmentPage({ params, searchParams }: Props) {
  const { actor, section } = await requireSection((await params).section);
  const place = { accountId: actor.accountId, sectionId: section.id };
  const search = await searchParams;
  const rules = (await copied(place, search.copy)) ?? (await fromFilter(place, search));
  const vocabulary = await vocabularyOf(pool(), place, rules ? [rules] : []);
  return (
    <BuilderPage
      section={{ id: section.id, slug: section.slug }}
      userId={actor.userId}
      vocabulary={vocabulary}
      saved={null}
      rules={rules}
    />
  );
}

type Place = { accountId: AccountId; sectionId: SectionId };

async function copied({ sectionId }: Place, copy: string | string[] | undefined): Promise<Rules | null> {
  const id = SegmentIdSchema.safeParse(copy);
  return id.success ? ((await getSegment(pool(), sectionId, id.data))?.rules ?? null) : null;
}

async function fromFilter(place: Place, search: SearchParams): Promise<Rules | null> {
  const filter = filterOf(await loadFilter(Promise.resolve(search)));
  return rulesOfFilter(filter, await vocabularyOf(pool(), place));
}
