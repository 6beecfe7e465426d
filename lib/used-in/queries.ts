// What uses something, by name, for all kinds of users.
import type { SectionId } from '@/lib/db/ids';
import type { Db } from '@/lib/db/sql';
import { namedFlows } from '@/lib/flows/uses';
import { namedForms } from '@/lib/forms/uses';
import { namedImports } from '@/lib/imports/uses';
import { namedLists } from '@/lib/integrations/uses';
import { namedMessages } from '@/lib/messages/uses';
import { namedSegments } from '@/lib/segments/uses';
import { USER_KINDS, type NamedUser, type Used, type UsedKind, type UserKind } from '@/lib/uses/schema';
import { directUsers, reachedUsers, type UsersOfKind } from '@/lib/uses/uses';
import { USER_WORDS } from './words';

/** Users by id, in the order in which they are listed. */
const NAMES: Record<UserKind, (db: Db, sectionId: SectionId, ids: readonly number[]) => Promise<NamedUser[]>> = {
  segment: namedSegments,
  message: namedMessages,
  form: namedForms,
  flow: namedFlows,
  list: namedLists,
  import: namedImports,
};

/** The given users with their names, by kind in list order. One query per kind. */
async function named(
  db: Db,
  sectionId: SectionId,
  found: readonly Pick<UsersOfKind, 'kind' | 'ids'>[],
): Promise<Map<UserKind, Map<number, NamedUser>>> {
  const byKind = new Map<UserKind, Map<number, NamedUser>>();
  for (const kind of USER_KINDS) {
    const ids = new Set(found.flatMap((users) => (users.kind === kind ? users.ids : [])));
    if (ids.size === 0) continue;
    const users = await NAMES[kind](db, sectionId, [...ids]);
    byKind.set(kind, new Map(users.map((user) => [user.id, user])));
  }
  return byKind;
}

/** Users of one kind of one thing. `named`: the newest ones, as many as a list names (`UserWords.named`). */
export type UsersOfThing = { kind: UserKind; count: number; named: { id: number; name: string }[] };

/** Adds to things of one kind in a section what uses them directly. */
export async function withUsers<Thing extends { id: number }>(
  db: Db,
  sectionId: SectionId,
  kind: UsedKind,
  things: readonly Thing[],
): Promise<(Thing & { usedIn: UsersOfThing[] })[]> {
  const found = await directUsers(db, sectionId, kind, things.length === 1 ? things[0]!.id : null);
  const listed = found.map((users) => ({ ...users, ids: users.ids.slice(-USER_WORDS[users.kind].named) }));
  const names = await named(db, sectionId, listed);
  const positions = new Map([...names].map(([userKind, users]) => [userKind, new Map([...users.keys()].map(inOrder))]));
  const usedIn = new Map<number, UsersOfThing[]>();
  for (const [index, users] of listed.entries()) {
    const position = positions.get(users.kind)!;
    const shown = users.ids
      .filter((id) => position.has(id))
      .sort((left, right) => position.get(left)! - position.get(right)!);
    const ofKind = {
      kind: users.kind,
      count: found[index]!.ids.length,
      named: shown.map((id) => ({ id, name: names.get(users.kind)!.get(id)!.name })),
    };
    usedIn.set(users.usedId, [...(usedIn.get(users.usedId) ?? []), ofKind]);
  }
  const byKind = (left: UsersOfThing, right: UsersOfThing) =>
    USER_KINDS.indexOf(left.kind) - USER_KINDS.indexOf(right.kind);
  return things.map((thing) => ({ ...thing, usedIn: (usedIn.get(thing.id) ?? []).sort(byKind) }));
}

const inOrder = (id: number, index: number): [number, number] => [id, index];

/** A user that depends on a thing of the section. `direct`: it uses it directly, not only through others. */
export type Dependent = { usedId: number; kind: UserKind; id: number; name: string; direct: boolean };

/**
 * What depends on the section's things of a kind, directly or indirectly: the impact of hiding them. By kind, in list
 * order. `usedId`: only this thing.
 */
export async function dependents(
  db: Db,
  sectionId: SectionId,
  kind: UsedKind,
  usedId: number | null = null,
): Promise<Dependent[]> {
  const found = await reachedUsers(db, sectionId, kind, usedId);
  const names = await named(db, sectionId, found);
  const reached = new Map<string, { usedId: number; direct: boolean }[]>();
  for (const { usedId: thing, kind: userKind, ids, direct } of found) {
    for (const id of ids) {
      const user = `${userKind}:${id}`;
      reached.set(user, [...(reached.get(user) ?? []), { usedId: thing, direct }]);
    }
  }
  return [...names].flatMap(([userKind, users]) =>
    [...users.values()]
      .filter(({ active }) => active)
      .flatMap(({ id, name }) =>
        reached.get(`${userKind}:${id}`)!.map((use) => ({ ...use, kind: userKind, id, name })),
      ),
  );
}

/** Something that uses something, by name. */
export type UsingThing = { kind: UserKind; id: number; name: string };

/** All direct users of one thing, in list order. */
export async function usersOfOne(db: Db, sectionId: SectionId, used: Used): Promise<UsingThing[]> {
  const found = await directUsers(db, sectionId, used.kind, used.id);
  const names = await named(db, sectionId, found);
  return [...names].flatMap(([kind, users]) => [...users.values()].map(({ id, name }) => ({ kind, id, name })));
}
