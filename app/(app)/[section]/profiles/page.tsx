import { randomUUID } from 'node:crypto';
import type { SearchParams } from 'nuqs/server';
import { deferred } from '@/app/deferred';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { readAttributes } from '@/lib/attributes/reads';
import { readOperation } from '@/lib/activity/reads';
import { readKeyspaces, readProfileCount, readProfiles } from '@/lib/profiles/reads';
import { readVisibleTags } from '@/lib/tags/reads';
import { ProfilesView } from './profiles-view';
import { cursorOf, filterOf, loadFilter } from './search-params';

export const metadata = { title: 'Profiles' };

const NOBODY = { profiles: [], older: null, newer: null };

type Props = { params: Promise<{ section: string }>; searchParams: Promise<SearchParams> };

export default async function ProfilesPage({ params, searchParams }: Props) {
  const { actor, section } = await requireSection((await params).section);
  const asked = await loadFilter(searchParams);
  const wanted = filterOf(asked);
  const of = { sectionId: section.id };
  const [tags, attributes, keyspaces, operation] = await Promise.all([
    valueForPage(readVisibleTags(actor, of)),
    valueForPage(readAttributes(actor, of)),
    valueForPage(readKeyspaces(actor, {})),
    wanted.changedBy && readOperation(actor, { ...of, operationId: wanted.changedBy.operationId }),
  ]);
  // If a tag has been hidden since the link was saved, the page says so: a filter never loses a part silently.
  const known = new Set<number>(tags.map(({ id }) => id));
  const gone = [...wanted.has, ...wanted.hasNot].filter((id) => !known.has(id)).length;
  // The list does not wait for the count, which takes longer the more profiles match.
  const count = deferred(
    gone === 0 ? readProfileCount(actor, { ...of, filter: wanted }) : Promise.resolve({ ok: true as const, value: 0 }),
  );
  const page =
    gone === 0
      ? await readProfiles(actor, { ...of, filter: wanted, edge: cursorOf(asked) })
      : { ok: true as const, value: NOBODY };
  return (
    <ProfilesView
      section={{ id: section.id, slug: section.slug }}
      filter={wanted}
      page={page.ok ? page.value : NOBODY}
      problem={page.ok ? null : page.refusal.message}
      count={count}
      answer={randomUUID()}
      gone={gone}
      tags={tags}
      attributes={attributes}
      keyspaces={keyspaces}
      operation={operation?.ok ? operation.value.summary : null}
    />
  );
}
