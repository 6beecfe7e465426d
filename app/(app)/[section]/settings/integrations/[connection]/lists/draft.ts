// A chosen list that is not kept yet: the tag that it will keep.
import type { AvailableList } from '@/lib/integrations/live';
import { NameSchema, nameKey } from '@/lib/naming/names';
import type { NamedTag } from '@/lib/integrations/named-tags';

/** `existing`: the tag that had the proposed name. `useExisting`: whether to use that one; null: not decided yet. */
export type Draft = { tagName: string; existing: NamedTag | null; useExisting: boolean | null };

export const draftOf = ({ tagName, existing }: Pick<AvailableList, 'tagName' | 'existing'>): Draft => ({
  tagName,
  existing,
  useExisting: null,
});

/** Whether the person has to decide about an existing tag. */
export const asks = ({ existing, tagName }: Draft): boolean =>
  existing !== null && nameKey(existing.name) === nameKey(tagName);

/** The tag as the command wants it. */
export const tagOf = (draft: Draft): { id: number } | { name: string } =>
  asks(draft) && draft.existing && draft.useExisting ? { id: draft.existing.id } : { name: draft.tagName };

/** What is wrong with a draft, for a person, or null. */
export function problemOf(drafts: ReadonlyMap<string, Draft>, externalId: string): string | null {
  const draft = drafts.get(externalId);
  if (!draft) return null;
  const name = NameSchema.safeParse(draft.tagName);
  if (!name.success) return name.error.issues[0]?.message ?? 'Enter a name.';
  if (asks(draft) && draft.useExisting !== true) {
    return 'This section already has this tag. Use it, or enter another name.';
  }
  const twin = [...drafts].some(
    ([other, { tagName }]) => other !== externalId && nameKey(tagName) === nameKey(draft.tagName),
  );
  return twin ? 'Another list here would keep a tag of the same name. Enter another one.' : null;
}
