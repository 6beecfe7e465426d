// A name that a definition may have: no other visible one of its kind in the section has it.
import { refuse } from '@/lib/access/refusal';
import { nameKey } from './names';

/**
 * Refuses with `name_taken` (and `details.taken`) where another one has the name, whatever its case and spacing. `thing`: what
 * it would be, such as 'a tag'. `find`: the visible one with a key, if any. `except`: the one that is renamed. A writer at the
 * same moment meets the unique index: see `RACES`.
 */
export async function requireFreeName<Id extends number>(
  { thing, name, except }: { thing: string; name: string; except?: Id },
  find: (key: string) => Promise<{ id: Id; name: string } | null>,
): Promise<void> {
  const taken = await find(nameKey(name));
  if (!taken || taken.id === except) return;
  refuse('name_taken', `This section already has ${thing} “${taken.name}”.`, {
    field: 'name',
    details: { taken },
  });
}
