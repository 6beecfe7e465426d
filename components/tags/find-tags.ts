// Matches input against a section's tags: the search of every picker and table of tags.
import type { TagId } from '@/lib/db/ids';
import { nameKey, nearNames, NameSchema } from '@/lib/naming/names';
import { matchScore, searchable, type Searchable } from '@/lib/naming/word-search';
import type { TagOption } from '@/lib/tags/schema';

/**
 * A tag that matches (`near`: with a wrong letter, or by a similar name), or the offer to create one. `despite`: the similar tags that
 * the server has already asked about.
 */
export type TagEntry =
  | { kind: 'tag'; tag: TagOption; near: boolean }
  | { kind: 'create'; name: string; despite: TagId[] };

type Named = { name: string; description: string; group: string };

const folded = new WeakMap<Named, { name: Searchable; all: Searchable }>();

function foldedOnce(tag: Named) {
  let known = folded.get(tag);
  if (!known) {
    const [name, more] = [searchable(tag.name), [tag.group, tag.description].filter(Boolean).join(' ')];
    known = { name, all: more === '' ? name : searchable(`${tag.name} ${more}`) };
    folded.set(tag, known);
  }
  return known;
}

/** Does the slow part of the first search before anybody types. */
export const prepareSearch = (tags: readonly Named[]): void => tags.forEach(foldedOnce);

/**
 * The tags that match, best first, in their order where they match equally well. `score`: as of `matchScore`; less than 1 if only the
 * group or the description helps.
 */
export function searchTags<Tag extends Named>(tags: readonly Tag[], text: string): { tag: Tag; score: number }[] {
  const wanted = searchable(text);
  if (wanted.key === '') return tags.map((tag) => ({ tag, score: 5 }));
  const found: { tag: Tag; score: number }[] = [];
  for (const tag of tags) {
    const { name, all } = foldedOnce(tag);
    const score = matchScore(wanted, name) || (all === name ? 0 : matchScore(wanted, all) / 10);
    if (score > 0) found.push({ tag, score });
  }
  return found.sort((left, right) => right.score - left.score);
}

/**
 * Best first: tags that match, similar names if there is no exact match, and finally the offer to create it, if enabled. `unknown`: the
 * text is not the full name of a tag. `problem`: why it is not a valid name. `tags`: all of the section, or what the server found.
 */
export function findTags(
  tags: readonly TagOption[],
  text: string,
  { canCreate }: { canCreate: boolean },
): { entries: TagEntry[]; unknown: boolean; problem: string | null } {
  const wanted = nameKey(text);
  // What only the description says would be a surprise to choose by Enter.
  const found: TagEntry[] = searchTags(tags, text)
    .filter(({ score }) => score >= 1)
    .map(({ tag, score }) => ({ kind: 'tag', tag, near: score === 1 }));
  if (wanted === '') return { entries: found, unknown: false, problem: null };
  const name = NameSchema.safeParse(text);
  const problem = name.success ? null : (name.error.issues[0]?.message ?? null);
  const exact = found.some((entry) => entry.kind === 'tag' && nameKey(entry.tag.name) === wanted);
  if (exact) return { entries: found, unknown: false, problem };
  const shown = new Set(found.map((entry) => (entry.kind === 'tag' ? entry.tag.id : null)));
  const near: TagEntry[] = nearNames(text, tags)
    .filter((tag) => !shown.has(tag.id))
    .map((tag) => ({ kind: 'tag', tag, near: true }));
  const create: TagEntry[] = canCreate && name.success ? [{ kind: 'create', name: name.data, despite: [] }] : [];
  return { entries: [...found, ...near, ...create], unknown: true, problem };
}
