// Values of people in the addresses of links. An address keeps them by id, as {{a12}}, in the path, the query or the fragment of a web address: there,
// encoded, they change nothing of where the link leads. Imports no server code, so that the editor can use it.
import type { AttributeId } from '@/lib/db/ids';
import { attributeNamed, nameOf, type NamedAttribute } from './written-values';

/** A person's values as they are stored, by attribute. */
export type LinkValues = ReadonlyMap<AttributeId, string>;

const VALUE = /\{\{a([1-9]\d{0,8})\}\}/g;
/** What people write. */
const NAMED = /\{\{([^{}\n]{1,200})\}\}/g;
/** Longer ones fit in no header of many servers. */
const LONGEST = 8_000;

/** A host without anything that browsers read as its end, and then the path. */
const WEB = /^(https?:\/\/[^\s/?#\\{}]+)((?:\/[^?#\\]*)?)((?:[?#].*)?)$/is;
const DOTS = /^(?:\.|%2e){1,2}$/i;

/** What an address has in the place of a value. */
export const valueInAddress = (id: AttributeId): string => `{{a${id}}}`;
const withEach = (address: string, value: (id: AttributeId) => string): string =>
  address.replace(VALUE, (_value, id: string) => value(Number(id) as AttributeId));
const withoutValues = (address: string) => withEach(address, () => '');

/** The attributes whose values an address has, each once. */
export const attributesInAddress = (address: string): AttributeId[] => [
  ...new Set([...address.matchAll(VALUE)].map(([, id]) => Number(id) as AttributeId)),
];

/** Whether the values of an address, if it has any, stand where they change nothing of where it leads. */
export function valuesStandRight(address: string): boolean {
  if (withoutValues(address) === address) return true;
  const [, , path] = WEB.exec(address) ?? [];
  if (path === undefined || /[\s\p{Cc}]/u.test(address)) return false;
  // With digits behind it, what stands before a value could become another character.
  if (/%[0-9a-f]?\{\{a\d/i.test(address)) return false;
  return path.split('/').every((part) => withoutValues(part) === part || !DOTS.test(withoutValues(part)));
}

/**
 * The address for a person: values encoded, nothing where they have none. It leads to the same host whatever they are, and never up in the path. If it
 * were too long, it has no values.
 */
export function filledAddress(address: string, values: LinkValues | undefined): string {
  if (!address.includes('{{a')) return address;
  const [, host, path = '', rest = ''] = WEB.exec(address) ?? [];
  if (host === undefined) return address;
  const filled = (part: string) => withEach(part, (id) => encoded(values?.get(id) ?? ''));
  const parts = path.split('/').map((part) => {
    const whole = filled(part);
    return whole !== part && DOTS.test(whole) ? withoutValues(part) : whole;
  });
  const made = `${host}${parts.join('/')}${filled(rest)}`;
  const bare = withoutValues(address);
  return made.length <= LONGEST && URL.parse(made)?.origin === URL.parse(bare)?.origin ? made : bare;
}

/** Also what would end a link in a text: brackets and quotes. */
const encoded = (value: string): string =>
  encodeURIComponent(value.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** An address as people read it. A value whose attribute is gone, or whose name cannot stand between braces, is shown by its number. */
export const addressInNames = (address: string, attributes: readonly NamedAttribute[]): string =>
  withEach(address, (id) => writtenValue({ id, name: nameOf(id, attributes) }));

/** A value of an attribute as people write it in an address. */
export const writtenValue = ({ id, name }: NamedAttribute): string => `{{${/[{}\n]/.test(name) ? `#${id}` : name}}}`;

/** An address as it is kept, of one with names. `unknown`: names that no attribute has: they stay as they are. */
export function addressByIds(
  written: string,
  attributes: readonly NamedAttribute[],
): { address: string; unknown: string[] } {
  const unknown: string[] = [];
  const address = written.replace(NAMED, (whole, name: string) => {
    const id = attributeNamed(name, attributes);
    if (id !== undefined && id > 0) return valueInAddress(id);
    unknown.push(name.trim());
    return whole;
  });
  return { address, unknown };
}

/** An address for people to whom names say nothing new. */
export const addressInShort = (address: string): string => withEach(address, () => '{{…}}');

/** Whether an address has double braces that are no value: the braces would be part of where the link leads. */
export const hasStrayBraces = (address: string): boolean => withoutValues(address).includes('{{');

export const VALUES_PLACE =
  'A value can stand behind the name of the site: in the path of an https:// address, or after its ? or #. Not beside dots or a %.';
