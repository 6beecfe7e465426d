// Matching by another field of the CRM's contacts: with what it is compared here, and how its values are written for that. Imports no server code.
import type { CountryCode } from 'libphonenumber-js/max';
import type { Attribute, AttributeType } from '@/lib/attributes/schema';
import { parseAttributeValue } from '@/lib/attributes/values';
import { KEY_ATTRIBUTES, normaliseKey, type EnteredKind } from '@/lib/profiles/keys';
import { withoutHidden } from '@/lib/text/canonical';
import { meansNoValue } from '@/lib/text/no-value';
import type { FieldValue } from './connector';
import type { ConnectionOptions, CustomMatch } from './schema';
import { splitAddresses } from './split-addresses';

const KINDS = ['email', 'mobile', 'crm_id'] as const satisfies readonly EnteredKind[];
/** Types of which a value can be one person's only. */
const TYPES = ['text', 'number'] as const satisfies readonly AttributeType[];

/** What the field is compared with: keys of profiles, or the values of an attribute. */
export type CustomTarget =
  | { kind: 'key'; of: EnteredKind }
  | { kind: 'attribute'; code: string; type: (typeof TYPES)[number] };

/** The rule of a connection, if it has one and uses it. */
export const customOf = ({ match, custom }: Pick<ConnectionOptions, 'match' | 'custom'>): CustomMatch | null =>
  match.includes('custom') ? custom : null;

/** What a field can be compared with by an attribute. Null if it tells nobody apart, such as a first name. */
export function targetOf({ system, code, type }: Pick<Attribute, 'system' | 'code' | 'type'>): CustomTarget | null {
  const of = KINDS.find((kind) => KEY_ATTRIBUTES[kind] === code);
  if (system) return of === undefined ? null : { kind: 'key', of };
  const comparable = TYPES.find((known) => known === type);
  return comparable === undefined ? null : { kind: 'attribute', code, type: comparable };
}

export const NOTHING_TO_COMPARE =
  'Contacts are found by an attribute that was hidden here. Nothing was changed. Show it again in Settings → Data Model, or choose how contacts are found in the settings.';

/** Values that are tried for one contact. */
const VALUES_MAX = 10;

/** The values of the field as they are compared: none if it is empty, or has nothing that could be found. */
export function comparedValues(target: CustomTarget, value: FieldValue, country: string | null): string[] {
  const texts = [value]
    .flat()
    .flatMap((item) => (item === null ? [] : [withoutHidden(String(item)).trim()]))
    .slice(0, VALUES_MAX);
  const several = target.kind === 'key' && target.of !== 'crm_id' ? splitAddresses(texts) : texts;
  const found = several.slice(0, VALUES_MAX).flatMap((text) => compared(target, text, country) ?? []);
  return [...new Set(found)];
}

function compared(target: CustomTarget, text: string, country: string | null): string | undefined {
  if (text === '' || meansNoValue(text)) return undefined;
  if (target.kind === 'key') {
    const phones = (country ?? 'unknown') as CountryCode | 'unknown';
    const read = normaliseKey(target.of, text, target.of === 'mobile' ? phones : undefined);
    return read.ok ? read.key : undefined;
  }
  const parsed = parseAttributeValue({ type: target.type, name: '', choices: [] }, text);
  return parsed.ok ? String(parsed.value) : undefined;
}
