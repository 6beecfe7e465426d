// Checks that a definition's name is free: no other visible one of its kind in the section has it. And finds a free one for a copy.
import { refuse } from '@/lib/access/refusal';
import { nameKey, NAME_MAX } from './names';

const COPIES_MAX = 200;
const NUMBERS_MAX = 50;

/**
 * Each name as it is, or with the first number that makes it free: 'News 2'. In one question for all. `taken`: those of the given keys that visible ones
 * have. One of which all are taken stays as it is.
 */
export async function freeNames(
  names: readonly string[],
  taken: (keys: string[]) => Promise<readonly { nameKey: string }[]>,
): Promise<string[]> {
  const wanted = names.map((name) => [
    name,
    ...Array.from({ length: NUMBERS_MAX - 1 }, (_, index) => `${name} ${index + 2}`),
  ]);
  const keys = new Set((await taken(wanted.flat().map(nameKey))).map((each) => each.nameKey));
  return wanted.map((those, at) => those.find((each) => !keys.has(nameKey(each))) ?? names[at]!);
}

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

/** 'News (copy)', 'News (copy 2)'… : the first that is free. `taken`: those of the given keys that visible ones have. Refuses with `conflict` after 200. */
export async function freeCopyName(
  thing: string,
  name: string,
  taken: (keys: string[]) => Promise<readonly { nameKey: string }[]>,
): Promise<string> {
  const base = name.replace(/ \(copy(?: \d+)?\)$/, '');
  const wanted = Array.from({ length: COPIES_MAX }, (_, index) => {
    const end = index === 0 ? ' (copy)' : ` (copy ${index + 1})`;
    return `${[...base].slice(0, NAME_MAX - end.length).join('')}${end}`;
  });
  const keys = new Set((await taken(wanted.map(nameKey))).map((each) => each.nameKey));
  return (
    wanted.find((each) => !keys.has(nameKey(each))) ?? refuse('conflict', `There are too many copies of this ${thing}.`)
  );
}
