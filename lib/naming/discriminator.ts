// The name by which other systems know a definition: made once, never changed.
import { randomSuffix } from '@/lib/db/random-suffix';
import { nameKey } from './names';

/** The kinds of definitions that have one, as it says them. */
export type NamedKind = 'tags' | 'attributes' | 'events' | 'topics' | 'segments';

/** `usercreated.tags.<slug>-<10 of a-z0-9>`: never changes, whatever the name becomes. */
export function newDiscriminator(kind: NamedKind, name: string): string {
  const slug = nameKey(name)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/ /g, '_')
    .replace(/[^a-z0-9_.-]/g, '')
    .slice(0, 60);
  return `usercreated.${kind}.${slug || kind.slice(0, -1)}-${randomSuffix()}`;
}
