import { randomUUID } from 'node:crypto';
import type { SearchParams } from 'nuqs/server';
import { later } from '@/app/later';
import { requireSection } from '@/app/viewer';
import { listWithTimeout, withTimeout } from '@/lib/access/with-timeout';
import { listAttributes } from '@/lib/attributes/queries';
import { pool } from '@/lib/db/pool';
import { getOperation } from '@/lib/activity/queries';
import { countProfiles, listKeyspaces, listProfiles } from '@/lib/profiles/queries';
import { visibleTags } from '@/lib/tags/queries';
import { ProfilesView } from './profiles-view';
import { edgeOf, filterOf, loadFilter } from './search-params';

export const metadata = { title: 'Profiles' };

const NOBODY = { profiles: [], older: null, newer: null };

type Props = { params: Promise<{ section: string }>; searchParams: Promise<SearchParams> };

export default async function ProfilesPage({ params, searchParams }: Props) {
  const { actor, section } = await requireSection((await params).section);
  const asked = await loadFilter(searchParams);
  const wanted = filterOf(asked);
  const [tags, attributes, keyspaces, operation] = await Promise.all([
    visibleTags(pool(), section.id),
    listAttributes(pool(), section.id),
    listKeyspaces(pool(), actor.accountId),
    wanted.changedBy ? getOperation(pool(), section.id, wanted.changedBy.operationId) : undefined,
  ]);
  // A tag that was hidden since the address was saved is said to be gone, never silently left out of a filter.
  const known = new Set<number>(tags.map(({ id }) => id));
  const gone = [...wanted.has, ...wanted.hasNot].filter((id) => !known.has(id)).length;
  // The list does not wait for the count, which takes longer the more profiles match.
  const count = later(
    gone === 0 ? withTimeout({ actor }, (db) => countProfiles(db, section.id, wanted)) : Promise.resolve(0),
  );
  const page =
    gone === 0
      ? await later(listWithTimeout({}, (db) => listProfiles(db, section.id, wanted, edgeOf(asked))))
      : { ok: true as const, value: NOBODY };
  return (
    <ProfilesView
      section={{ id: section.id, slug: section.slug }}
      filter={wanted}
      page={page.ok ? page.value : NOBODY}
      problem={page.ok ? null : page.message}
      count={count}
      answer={randomUUID()}
      gone={gone}
      tags={tags}
      attributes={attributes}
      keyspaces={keyspaces}
      operation={operation?.summary ?? null}
    />
  );
}
