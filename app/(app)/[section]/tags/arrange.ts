// What the tags table shows, and in which order.
import { searchTags } from '@/components/tags/find-tags';
import { nameKey } from '@/lib/naming/names';
import type { ListOfTag } from '@/lib/integrations/kept-by';
import type { TagRow } from '@/lib/tags/schema';
import type { UsersOfThing } from '@/lib/used-in/queries';

/** A tag with its uses. `kept`: the integration lists that keep it, or did; absent if there are none. */
export type TagInUse = TagRow & { usedIn: UsersOfThing[]; kept?: ListOfTag[] };

export const SHOWS = ['visible', 'favourites', 'managed', 'unkept', 'unused', 'hidden'] as const;
export type Show = (typeof SHOWS)[number];
export const SORTS = ['name', 'profiles', 'lastApplied'] as const;
export type Sort = (typeof SORTS)[number];

/** Something happened to the list, so that it no longer keeps the tag. */
export const isUnkept = ({ status }: ListOfTag): boolean => status !== 'active';

/** `group`: its key (`groupKey`); null for all. */
export type Arrangement = { search: string; show: Show; group: string | null; sort: Sort; descending: boolean };

/** Groups that differ only by case are one. The tags without a group have the key ''. */
export const groupKey = ({ group }: Pick<TagRow, 'group'>) => nameKey(group);

export type Item = { kind: 'heading'; text: string; count: number } | { kind: 'tag'; tag: TagInUse };

/** `tags`: in the order in which the server lists them. Under headings where they are sorted by name and not searched. */
export function arrange(tags: readonly TagInUse[], arrangement: Arrangement): Item[] {
  const { search, show, group, sort, descending } = arrangement;
  const shown = tags.filter(
    (tag) =>
      (show !== 'unused' || tag.profiles === 0) &&
      (show !== 'favourites' || tag.favourite) &&
      (show !== 'managed' || tag.kept !== undefined) &&
      (show !== 'unkept' || (tag.kept?.some(isUnkept) ?? false)) &&
      (group === null || groupKey(tag) === group),
  );
  if (search.trim() !== '') return searchTags(shown, search).map(asItem);
  if (sort === 'name' && !descending) return underHeadings(shown);
  const order = compareBy(sort);
  const sorted = shown.toSorted((left, right) => (descending ? order(right, left) : order(left, right)));
  return sorted.map((tag) => asItem({ tag }));
}

const asItem = ({ tag }: { tag: TagInUse }): Item => ({ kind: 'tag', tag });

function compareBy(sort: Sort): (left: TagInUse, right: TagInUse) => number {
  if (sort === 'name') return (left, right) => left.name.localeCompare(right.name, 'en');
  if (sort === 'profiles') return (left, right) => left.profiles - right.profiles;
  const time = ({ lastApplied }: TagInUse) => Date.parse(lastApplied ?? '') || 0;
  return (left, right) => time(left) - time(right);
}

function underHeadings(tags: readonly TagInUse[]): Item[] {
  if (!tags.some(({ favourite, group }) => favourite || group !== '')) return tags.map((tag) => asItem({ tag }));
  const items: Item[] = [];
  let open: { key: string; heading: Extract<Item, { kind: 'heading' }> } | undefined;
  for (const tag of tags) {
    const key = tag.favourite ? 'favourites' : `group ${groupKey(tag)}`;
    if (open?.key !== key) {
      const text = tag.favourite ? 'Favourites' : tag.group || 'Without a group';
      open = { key, heading: { kind: 'heading', text, count: 0 } };
      items.push(open.heading);
    }
    open.heading.count += 1;
    items.push(asItem({ tag }));
  }
  return items;
}

/** The groups of some tags by name, with how many tags each has. */
export function groupsOf(tags: readonly TagInUse[]): { key: string; text: string; count: number }[] {
  const groups = new Map<string, { key: string; text: string; count: number }>();
  for (const tag of tags) {
    const key = groupKey(tag);
    const known = groups.get(key) ?? { key, text: tag.group || 'Without a group', count: 0 };
    groups.set(key, { ...known, count: known.count + 1 });
  }
  return [...groups.values()].sort((left, right) =>
    left.key === '' || right.key === '' ? (left.key === '' ? 1 : -1) : left.text.localeCompare(right.text, 'en'),
  );
}
