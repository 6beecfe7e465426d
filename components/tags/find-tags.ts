// Matches input against a section's tags.
import type { TagId } from '@/lib/db/ids';
import { nameKey, nearNames, NameSchema } from '@/lib/naming/names';
import type { TagOption } from '@/lib/tags/schema';

/**
 * A tag that matches (`near`: by a similar name), or the offer to create one. `despite`: the similar tags that the server has
 * already asked about.
 */
export type TagEntry =
  { kind: 'tag'; tag: TagOption; near: boolean } | { kind: 'create'; name: string; despite: TagId[] };

/**
 * Best first: tags that begin with the text, then those that contain it, similar names if there is no exact match, and finally the
 * offer to create it, if enabled. `unknown`: the text is not the full name of a tag. `problem`: why it is not a valid name.
 */
export function findTags(
  tags: readonly TagOption[],
  text: string,
  { canCreate }: { canCreate: boolean },
): { entries: TagEntry[]; unknown: boolean; problem: string | null } {
  const wanted = nameKey(text);
  if (wanted === '') {
    return { entries: tags.map((tag) => ({ kind: 'tag', tag, near: false })), unknown: false, problem: null };
  }
  const name = NameSchema.safeParse(text);
  const starts: TagEntry[] = [];
  const contains: TagEntry[] = [];
  let exact = false;
  for (const tag of tags) {
    const key = nameKey(tag.name);
    if (key === wanted) exact = true;
    if (key.startsWith(wanted)) starts.push({ kind: 'tag', tag, near: false });
    else if (key.includes(wanted)) contains.push({ kind: 'tag', tag, near: false });
  }
  const found = [...starts, ...contains];
  const problem = name.success ? null : (name.error.issues[0]?.message ?? null);
  if (exact) return { entries: found, unknown: false, problem };
  const shown = new Set(found.map((entry) => (entry.kind === 'tag' ? entry.tag.id : null)));
  const near: TagEntry[] = nearNames(text, tags)
    .filter((tag) => !shown.has(tag.id))
    .map((tag) => ({ kind: 'tag', tag, near: true }));
  const create: TagEntry[] = canCreate && name.success ? [{ kind: 'create', name: name.data, despite: [] }] : [];
  return { entries: [...found, ...near, ...create], unknown: true, problem };
}
