// What a row of the attributes needs to show a value and to edit it.
import { displayValue } from '@/lib/attributes/display';
import type { Attribute, AttributeType, AttributeValue } from '@/lib/attributes/schema';
import { formatAttributeValue } from '@/lib/attributes/values';
import type { KeyspaceId } from '@/lib/db/ids';
import { KEY_ATTRIBUTES } from '@/lib/profiles/keys';
import type { EnteredKeyspace, ProfileDetails } from '@/lib/profiles/schema';

/** A field as the command names it (`city`, `key:1`), its value, and that as text to edit and as it is shown. */
export type RowField = {
  field: string;
  keyspaceId?: KeyspaceId;
  name: string;
  type: AttributeType;
  choices: readonly string[];
  value: AttributeValue | null;
  text: string;
  shown: string;
};

/** An attribute that follows a key is edited as that key. */
export function rowField(attribute: Attribute, profile: ProfileDetails, keyspaces: EnteredKeyspace[]): RowField {
  const { code, name, type, choices, system } = attribute;
  const keyspace = system ? keyspaces.find(({ kind }) => KEY_ATTRIBUTES[kind] === code) : undefined;
  if (keyspace) {
    const key = profile.keys.find(({ keyspaceId }) => keyspaceId === keyspace.id)?.key ?? null;
    const text = key ?? '';
    return {
      field: `key:${keyspace.id}`,
      keyspaceId: keyspace.id,
      name,
      type,
      choices: [],
      value: key,
      text,
      shown: text,
    };
  }
  const value = profile.attributes[code] ?? null;
  const options = type === 'boolean' ? ['Yes', 'No'] : type === 'choice' ? choices : [];
  const text = formatAttributeValue(value);
  return { field: code, name, type, choices: options, value, text, shown: displayValue(type, value) };
}
