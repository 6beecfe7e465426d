// Checks that a definition's name is free: no other visible one of its kind in the section has it.
import { refuse } from '@/lib/access/refusal';
import { nameKey } from './names';

/**
 * Refuses with `name_taken` and `details.taken` if another one has the name, ignoring case and spacing. `thing`: what
 * it is, such as 'a tag'. `find`: finds the visible one with a key. `except`: the one being renamed. A concurrent
 * writer fails at the unique index: see `RACES`.
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
