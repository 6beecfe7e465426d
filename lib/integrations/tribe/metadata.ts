// What a Tribe site has: its own description of all sets and fields (`$metadata`, CSDL; crm-apis §5.3, §5.5).
import { CrmError } from '../crm-error';
import { childrenOf, descendantsOf, parseXml, type XmlElement } from '../xml';
import type { Client } from './client';

/** A navigation to other entities. */
export type Navigation = { /** Without its namespace. */ type: string; many: boolean };

export type EntitySet = {
  properties: Map<string, { type: string; required: boolean; maxLength?: number }>;
  navigations: Map<string, Navigation>;
};

/** By the sets' names. */
export type Metadata = Map<string, EntitySet>;

/** Names of sets that may hold lists. */
const LIST_LIKE = /Selection|Dataset|View|Label|Segment/i;

export async function readMetadata(client: Client): Promise<Metadata> {
  const answer = await client.send('odata/$metadata', { headers: { accept: 'application/xml' } });
  try {
    return metadataOf(parseXml(answer.body));
  } catch (error) {
    throw new CrmError('unreadable', `Tribe’s description of its fields cannot be read. ${(error as Error).message}`, {
      cause: error,
    });
  }
}

const plain = (type: string) => type.replace(/^Collection\((.*)\)$/, '$1').replace(/^.*\./, '');

export function metadataOf(document: XmlElement): Metadata {
  const all = descendantsOf(document);
  const types = new Map(
    all.filter(({ name }) => name === 'EntityType').map((type) => [type.attributes.Name ?? '', type]),
  );
  const sets = all.filter(({ name }) => name === 'EntitySet');
  return new Map(
    sets.map(({ attributes }) => [attributes.Name ?? '', setOf(types, plain(attributes.EntityType ?? ''))]),
  );
}

/** A type with what it inherits. */
function setOf(types: Map<string, XmlElement>, name: string): EntitySet {
  const set: EntitySet = { properties: new Map(), navigations: new Map() };
  const visited = new Set<string>();
  for (let next = name; types.has(next) && !visited.has(next);) {
    visited.add(next);
    const type = types.get(next)!;
    for (const { attributes } of childrenOf(type, 'Property')) {
      const maxLength = Number(attributes.MaxLength);
      set.properties.set(attributes.Name ?? '', {
        type: attributes.Type ?? '',
        required: attributes.Nullable === 'false',
        ...(maxLength > 0 && { maxLength }),
      });
    }
    for (const { attributes } of childrenOf(type, 'NavigationProperty')) {
      const target = attributes.Type ?? '';
      set.navigations.set(attributes.Name ?? '', { type: plain(target), many: target.startsWith('Collection(') });
    }
    next = plain(type.attributes.BaseType ?? '');
  }
  return set;
}

/** Sets that may hold lists, for a person who has to name one: 'Dataset (members: Relations)'. */
export function candidatesIn(metadata: Metadata): string[] {
  return [...metadata].flatMap(([name, { navigations }]) => {
    const members = [...navigations].filter(([, { many }]) => many).map(([navigation]) => navigation);
    return LIST_LIKE.test(name) && members.length > 0 ? [`${name} (members: ${members.join(', ')})`] : [];
  });
}
