// The name by which other systems know a definition: assigned once, never changed.
import { randomSuffix } from '@/lib/db/random-suffix';
import { nameKey } from './names';

/**
 * `usercreated.tags.<slug>-<10 of a-z0-9>`: never changes, even if the definition is renamed. `kind`: the kind of
 * definition in the plural, as other systems see it.
 */
export function newDiscriminator(kind: `${string}s`, name: string): string {
  const slug = nameKey(name)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/ /g, '_')
    .replace(/[^a-z0-9_.-]/g, '')
    .slice(0, 60);
  return `usercreated.${kind}.${slug || kind.slice(0, -1)}-${randomSuffix()}`;
}
