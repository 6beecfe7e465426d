import { randomUUID } from 'node:crypto';
import type { SearchParams } from 'nuqs/server';
import { deferred } from '@/app/deferred';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import type { Attribute } from '@/lib/attributes/schema';
import { readAttributes } from '@/lib/attributes/reads';
import { readOperation } from '@/lib/activity/reads';
import { readKeyspaces, readProfileCount, readProfiles, readSortableAttributes } from '@/lib/profiles/reads';
import type { ProfileFilter } from '@/lib/profiles/schema';
import { NEWEST_FIRST } from '@/lib/profiles/sort-schema';
import type { UserActor } from '@/lib/access/actor';
import type { SectionId } from '@/lib/db/ids';
import type { LostPart } from '@/lib/segments/lost-parts';
import { readLostParts } from '@/lib/segments/reads';
import { readSavedViews } from '@/lib/profiles/saved-views';
import { readTagLabels } from '@/lib/tags/reads';
import type { TagLabel } from '@/lib/tags/schema';
import { fittedTo } from './condition-param';
import { ProfilesView } from './profiles-view';
import type { Display } from './display-button';
import { loadList } from './list-params';
import { filterOf } from './search-params';

export const metadata = { title: 'Profiles' };

const NOBODY = { profiles: [], older: null, newer: null, sorted: true };

type Props = { params: Promise<{ section: string }>; searchParams: Promise<SearchParams> };

export default async function ProfilesPage({ params, searchParams }: Props) {
  const { actor, section } = await requireSection((await params).section);
  const asked = await loadList(searchParams);
  const wanted = filterOf(asked);
  const of = { sectionId: section.id };
  const [tags, attributes, keyspaces, sortable, views, operation] = await Promise.all([
    valueForPage(readTagLabels(actor, { ...of, tagIds: [...wanted.has, ...wanted.hasAny, ...wanted.hasNot] })),
    valueForPage(readAttributes(actor, of)),
    valueForPage(readKeyspaces(actor, {})),
    valueForPage(readSortableAttributes(actor, of)),
    valueForPage(readSavedViews(actor, of)),
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
    ? await readProfiles(actor, {
        ...of,
        filter,
        sort: asked.sort,
        edge: { before: asked.before ?? undefined, after: asked.after ?? undefined },
      })
    : { ok: true as const, value: NOBODY };
  const { notShown, shownParts } = await goneFromDisplay(actor, section.id, asked, {
    attributes,
    sorted: !page.ok || page.value.sorted,
  });
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
      sortable={sortable}
      views={views}
      canGovern={actor.role !== 'user'}
      notShown={notShown}
      shownParts={shownParts}
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

type Known = { filter: ProfileFilter; tags: readonly TagLabel[]; attributes: readonly Attribute[] };

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

const codeOf = (id: string) => (id.startsWith('attribute:') ? [id.slice('attribute:'.length)] : []);

type Shown = { attributes: readonly Attribute[]; sorted: boolean };

/** Columns and an order in the address that are gone. The list is shown without them, and the page says so. */
async function goneFromDisplay(
  actor: UserActor,
  sectionId: SectionId,
  { cols, sort }: Display,
  { attributes, sorted }: Shown,
): Promise<{ notShown: string[]; shownParts: Partial<Display> }> {
  const known = new Set(attributes.map(({ code }) => code));
  const codes = [...new Set([...(cols ?? []), sort.by].flatMap(codeOf))].filter((code) => !known.has(code));
  const reasons =
    codes.length > 0
      ? await valueForPage(readLostParts(actor, { sectionId, tagIds: [], codes: codes.slice(0, 100) }))
      : [];
  const left = cols?.filter((id) => !codeOf(id).some((code) => codes.includes(code))) ?? null;
  const sortName = attributes.find(({ code }) => codeOf(sort.by).includes(code))?.name;
  return {
    notShown: [
      ...reasons.map(({ reason }) => reason),
      ...(left !== null && left.length < cols!.length ? ['Its column is left out.'] : []),
      ...(sorted
        ? []
        : [
            sortName === undefined
              ? 'The list cannot be sorted as the link asks: it shows the newest first.'
              : `The list cannot be sorted by “${sortName}” until an Admin makes that attribute fast: it shows the newest first.`,
          ]),
    ],
    shownParts: { cols: left, ...(sorted ? {} : { sort: NEWEST_FIRST }) },
  };
}
