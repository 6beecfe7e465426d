// The values and keys of two profiles, side by side, and what to call the two.
import { displayValue } from '@/lib/attributes/display';
import type { Attribute } from '@/lib/attributes/schema';
import type { MergePreview } from '@/lib/people/merge-two';
import { followsKey } from '@/lib/profiles/keys';
import type { Keyspace, ProfileDetails } from '@/lib/profiles/schema';

export type Side = 'into' | 'from';

/** `code`: the attribute or key as the merge expects it. `into`, `from`: values as text, or '' if there is none. */
export type MergedField = { code: string; name: string; isKey: boolean; into: string; from: string };

const keyOf = ({ keys }: ProfileDetails, { id }: Keyspace) =>
  keys.find(({ keyspaceId }) => keyspaceId === id)?.key ?? '';

type MergedSide = Pick<MergePreview['into'], 'id' | 'name'>;

/** All fields that one of the profiles has. Keys of which a profile may have several are left out: it keeps all of them. */
export function mergedFields(
  { into, from }: MergePreview,
  attributes: readonly Attribute[],
  keyspaces: readonly Keyspace[],
): MergedField[] {
  const keys = keyspaces
    .filter(({ kind }) => kind !== 'web' && kind !== 'export')
    .map((keyspace) => ({
      code: `key:${keyspace.id}`,
      name: keyspace.name,
      isKey: true,
      into: keyOf(into, keyspace),
      from: keyOf(from, keyspace),
    }));
  const values = attributes
    .filter(({ code, system }) => !(system && followsKey(code)))
    .map(({ code, name, type }) => ({
      code,
      name,
      isKey: false,
      into: displayValue(type, into.attributes[code]),
      from: displayValue(type, from.attributes[code]),
    }));
  return [...keys, ...values].filter((field) => field.into !== '' || field.from !== '');
}

/** Both profiles have a value, and not the same one. */
export const isConflict = ({ into, from }: MergedField): boolean => into !== '' && from !== '' && into !== from;

/** Names of the two that differ: if the names themselves look the same, with a key that the other does not have. */
export function distinctNames(
  { into, from }: { into: MergedSide; from: MergedSide },
  fields: readonly MergedField[],
): Record<Side, string> {
  if (into.name.localeCompare(from.name, 'en', { sensitivity: 'base' }) !== 0) {
    return { into: into.name, from: from.name };
  }
  const keys = fields.filter((field) => field.isKey && field.into !== field.from);
  const nameOf = (side: Side, { id, name }: MergedSide) =>
    `${name} (${keys.map((field) => field[side]).find((key) => key !== '') ?? `profile ${id}`})`;
  return { into: nameOf('into', into), from: nameOf('from', from) };
}
