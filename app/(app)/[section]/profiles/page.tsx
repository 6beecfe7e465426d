import { randomUUID } from 'node:crypto';
import type { SearchParams } from 'nuqs/server';
import { deferred } from '@/app/deferred';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import type { Attribute } from '@/lib/attributes/schema';
import { readAttributes } from '@/lib/attributes/reads';
import { readOperation } from '@/lib/activity/reads';
import { readKeyspaces, readProfileCount, readProfiles } from '@/lib/profiles/reads';
import type { ProfileFilter } from '@/lib/profiles/schema';
import type { UserActor } from '@/lib/access/actor';
import type { SectionId } from '@/lib/db/ids';
import type { LostPart } from '@/lib/segments/lost-parts';
import { readLostParts } from '@/lib/segments/reads';
import { readVisibleTags } from '@/lib/tags/reads';
import type { TagOption } from '@/lib/tags/schema';
import { fittedTo } from './condition-param';
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
  // A filter never loses a part silently: while one of its tags or attributes is gone, nobody is shown.
  const lost = await lostOf(actor, section.id, { filter: wanted, tags, attributes });
  const filter = fitted(wanted, attributes);
  const usable = lost.length === 0;
  // The list does not wait for the count, which takes longer the more profiles match.
  const count = deferred(
    usable ? readProfileCount(actor, { ...of, filter }) : Promise.resolve({ ok: true as const, value: 0 }),
  );
  const page = usable
    ? await readProfiles(actor, { ...of, filter, edge: cursorOf(asked) })
    : { ok: true as const, value: NOBODY };
  return (
    <ProfilesView
      section={{ id: section.id, slug: section.slug }}
      filter={filter}
      page={page.ok ? page.value : NOBODY}
      problem={page.ok ? null : page.refusal.message}
      count={count}
      answer={randomUUID()}
      lost={lost}
      tags={tags}
      attributes={attributes}
      keyspaces={keyspaces}
      operation={operation?.ok ? operation.value.summary : null}
    />
  );
}

/** Conditions as they suit the types of their attributes. */
const fitted = (filter: ProfileFilter, attributes: readonly Attribute[]): ProfileFilter => ({
  ...filter,
  conditions: filter.conditions.map((condition) => {
    const attribute = attributes.find(({ code }) => code === condition.code);
    return (attribute && fittedTo(attribute, condition)) ?? condition;
  }),
});

type Known = { filter: ProfileFilter; tags: readonly TagOption[]; attributes: readonly Attribute[] };

/** What the filter refers to and is gone. Asks only if there is anything. */
async function lostOf(
  actor: UserActor,
  sectionId: SectionId,
  { filter, tags, attributes }: Known,
): Promise<readonly LostPart[]> {
  const [known, codes] = [new Set(tags.map(({ id }) => id)), new Set(attributes.map(({ code }) => code))];
  const gone = {
    tagIds: [...filter.has, ...filter.hasAny, ...filter.hasNot].filter((id) => !known.has(id)),
    codes: filter.conditions.map(({ code }) => code).filter((code) => !codes.has(code)),
  };
  if (gone.tagIds.length + gone.codes.length === 0) return [];
  return valueForPage(readLostParts(actor, { sectionId, ...gone }));
}
