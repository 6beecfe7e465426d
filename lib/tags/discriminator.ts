// The name by which other systems know a tag or an attribute: made once, never changed.
import { randomSuffix } from '@/lib/db/random-suffix';
import { nameKey } from './names';

/** `usercreated.tags.<slug>-<10 of a-z0-9>`: never changes, whatever the name becomes. */
export function newDiscriminator(kind: 'tags' | 'attributes' | 'events' | 'topics' | 'segments', name: string): string {
  const slug = nameKey(name)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/ /g, '_')
    .replace(/[^a-z0-9_.-]/g, '')
    .slice(0, 60);
  return `usercreated.${kind}.${slug || kind.slice(0, -1)}-${randomSuffix()}`;
}
