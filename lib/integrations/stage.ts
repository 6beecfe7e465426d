// Contacts as rows of `sync_member`: normalised keys, and values of the types of their attributes.
import type { CountryCode } from 'libphonenumber-js/max';
import type { Attribute, AttributeValue } from '@/lib/attributes/schema';
import { parseAttributeValue } from '@/lib/attributes/values';
import { copyLine } from '@/lib/db/copy-line';
import type { ProfileId } from '@/lib/db/ids';
import { followsKey, normaliseKey } from '@/lib/profiles/keys';
import { shortened } from '@/lib/text/shortened';
import { storable } from '@/lib/text/storable';
import type { ContactRecord, FieldValue } from './connector';
import { comparedValues, customOf, targetOf } from './custom-match';
import { CrmError } from './crm-error';
import { OUTCOMES } from './outcome';
import type { ConnectionOptions } from './schema';

const NAME_MAX = 100;
/** Far more than any CRM’s ids have, and short enough for an index. */
const ID_MAX = 320;
/** Addresses that are tried for one contact. */
const KEYS_MAX = 10;

export type Member = {
  key: string;
  name: string;
  emails: string[];
  mobiles: string[];
  crmId: string | null;
  custom: string[];
  attributes: Record<string, AttributeValue | null>;
  fills: Record<string, AttributeValue>;
  active: boolean;
  mergedInto: string | null;
};

/** The key of a contact in its connection's keyspace. */
export const keyOfContact = ({ entity, id }: Pick<ContactRecord, 'entity' | 'id'>): string => `${entity}:${id}`;

/**
 * Contacts as members. Values that do not fit their attribute are left out: the profile keeps its own. `attributes`: those of the section, by
 * code.
 */
export function memberOf(
  contact: ContactRecord,
  options: Pick<ConnectionOptions, 'country' | 'fields' | 'match' | 'custom'>,
  attributes: ReadonlyMap<string, Attribute>,
): Member {
  const { country, fields } = options;
  const { entity, emails, phones, active, mergedInto } = contact;
  const key = keyOfContact(contact);
  if (key.length > ID_MAX)
    throw new CrmError('unreadable', `The CRM sent a contact whose id has ${key.length} characters.`);
  const member: Member = {
    key,
    name: shortened(nameOf(contact), NAME_MAX),
    emails: normalised('email', emails),
    mobiles: normalised('mobile', phones, country ?? 'unknown'),
    crmId: normalised('crm_id', [contact.id])[0] ?? null,
    custom: customValues(contact, options, attributes),
    attributes: {},
    fills: {},
    active,
    mergedInto: mergedInto === undefined ? null : keyOfContact({ entity, id: mergedInto }),
  };
  for (const { field, code, existing } of fields) {
    const attribute = attributes.get(code);
    // An attribute that follows a key changes with the key only.
    if (!attribute || (attribute.system && followsKey(code)) || !(field in contact.fields)) continue;
    const value = valueOf(attribute, contact.fields[field] ?? null);
    if (value === undefined) continue;
    if (existing === 'overwrite') member.attributes[code] = value;
    else if (value !== null) member.fills[code] = value;
  }
  return member;
}

/** The values of the field that contacts are matched by besides their addresses and id. */
function customValues(
  { fields }: ContactRecord,
  options: Pick<ConnectionOptions, 'country' | 'match' | 'custom'>,
  attributes: ReadonlyMap<string, Attribute>,
): string[] {
  const custom = customOf(options);
  const attribute = custom && attributes.get(custom.code);
  const target = attribute ? targetOf(attribute) : null;
  return custom && target ? comparedValues(target, fields[custom.field] ?? null, options.country) : [];
}

function normalised(kind: 'email' | 'mobile' | 'crm_id', texts: readonly string[], country?: string): string[] {
  const keys = new Set<string>();
  for (const text of texts.slice(0, KEYS_MAX)) {
    const read = normaliseKey(kind, text, country as CountryCode | 'unknown' | undefined);
    if (read.ok) keys.add(read.key);
  }
  return [...keys];
}

/** For people who look at a run: its name, else an address or the id. */
const nameOf = ({ name, emails, phones, entity, id }: ContactRecord): string =>
  name ?? emails[0] ?? phones[0] ?? `${entity} ${id}`;

/** The attribute's value; null clears it; undefined: it does not fit. */
function valueOf(attribute: Attribute, value: FieldValue): AttributeValue | null | undefined {
  const text = Array.isArray(value) ? value.join(', ') : value === null ? '' : String(value).trim();
  if (text === '') return null;
  const parsed = parseAttributeValue(attribute, attribute.type === 'date' ? text.slice(0, 10) : text);
  return parsed.ok ? parsed.value : undefined;
}

/** Columns of `memberLine`. */
export const MEMBER_COLUMNS =
  'section_id, run_id, list_id, key, name, emails, mobiles, crm_id, custom, attributes, fills, active, merged_into, profile_id, outcome';

/** PostgreSQL stores no NUL and no half of a surrogate pair, which JSON writes as escapes. */
const UNSTORABLE = /\\u(?:0000|d[89a-f])/;

function asJson(values: object): string {
  const json = JSON.stringify(values);
  if (!UNSTORABLE.test(json)) return json;
  return JSON.stringify(values, (_key, value: unknown) => (typeof value === 'string' ? storable(value) : value));
}

/** A member as a line of COPY. `profileId`: the profile that an earlier run has linked to it; null if there is none. */
export function memberLine(
  [sectionId, runId, listId]: readonly [number, number, number],
  member: Member,
  profileId: ProfileId | null = null,
): string {
  const { key, name, emails, mobiles, crmId, custom, attributes, fills, active, mergedInto } = member;
  const values = [asJson(attributes), asJson(fills)];
  const match = [profileId, profileId === null ? OUTCOMES.pending : OUTCOMES.linked];
  return copyLine([
    sectionId,
    runId,
    listId,
    key,
    name,
    emails,
    mobiles,
    crmId,
    custom,
    ...values,
    active,
    mergedInto,
    ...match,
  ]);
}
