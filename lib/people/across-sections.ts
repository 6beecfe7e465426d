// What API clients do to a person in every section that they may use: erase, lock, merge. In one transaction, all or
// nothing.
import { z } from 'zod';
import type { Actor, ClientActor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { KeyspaceIdSchema, type AccountId, type ProfileId, type SectionId } from '@/lib/db/ids';
import { rows, sql, type Tx } from '@/lib/db/sql';
import { lockProfile } from '@/lib/profiles/fields';
import { isKept } from '@/lib/profiles/keys';
import { createMissing, findProfile, keysOf, openKey, type ProfileKey } from '@/lib/profiles/keyspace';
import { lockKey } from '@/lib/profiles/locks';
import { causeOf, erase } from './erase';
import { mergeProfiles } from './merge';

const Key = z.object({ keyspaceId: KeyspaceIdSchema, key: z.string().max(1_000) });

/** Erases the person (GDPR). Refuses with `not_found` if no profile has the key in any section. */
export const erasePerson = command({
  name: 'profiles.erase-everywhere',
  scope: 'account',
  allow: 'everyone',
  input: Key,
  run: async ({ tx, actor, accountId }, input) => {
    const erased = await eraseIn(tx, actor, await keysInSections(tx, actor, accountId, input));
    if (erased.length === 0) refuse('not_found', 'There is no profile with this key.');
    return { erased };
  },
  audit: (_input, { erased }) => ({ summary: 'Erased a profile and its data', subject: subjectOf(erased) }),
});

/** Erases the person and locks all their keys for good: no profile can have them again. */
export const lockPerson = command({
  name: 'profiles.lock-everywhere',
  scope: 'account',
  allow: 'everyone',
  input: Key,
  run: async ({ tx, actor, accountId }, input) => {
    const profileKeys = await keysInSections(tx, actor, accountId, input);
    const theirs: ProfileKey[] = [];
    const erased: ProfileId[] = [];
    for (const profileKey of profileKeys) {
      const { sectionId } = profileKey;
      const known = await findProfile(tx, profileKey);
      // A concurrent writer that takes the key conflicts with this row, waits, and then finds the key locked.
      const profileId = known ?? (await createMissing(tx, actor, profileKey, [profileKey.key])).get(profileKey.key)?.id;
      if (profileId === undefined) continue;
      await lockProfile(tx, sectionId, profileId, { toDelete: true, byKey: true });
      const keys = await keysOf(tx, sectionId, [profileId]);
      theirs.push(...keys.map(({ keyspace, key }) => ({ sectionId, keyspace, key })));
      await erase(tx, causeOf(actor, sectionId), [profileId]);
      if (known !== undefined) erased.push(known);
    }
    const [profileKey] = profileKeys;
    const kept = profileKey === undefined || isKept(profileKey.keyspace.kind);
    if (!kept && erased.length === 0) refuse('not_found', 'There is no profile with this key.');
    for (const one of [...(kept ? profileKeys : []), ...theirs]) await lockKey(tx, one, one.key);
    return { erased };
  },
  audit: (_input, { erased }) => ({
    summary: 'Erased a profile and locked its keys for good',
    subject: subjectOf(erased),
  }),
});

const subjectOf = (erased: readonly ProfileId[]) => erased.map((id) => `profile:${id}`).join(' ');

/** The key in each section that the actor may use. */
async function keysInSections(
  tx: Tx,
  actor: Actor,
  accountId: AccountId,
  key: z.output<typeof Key>,
): Promise<ProfileKey[]> {
  const profileKeys: ProfileKey[] = [];
  for (const sectionId of await sectionsOf(tx, actor)) {
    profileKeys.push(await openKey(tx, actor, accountId, { sectionId, ...key }));
  }
  return profileKeys;
}

/** Erases the profiles that have these keys, and returns them. */
async function eraseIn(tx: Tx, actor: Actor, profileKeys: readonly ProfileKey[]): Promise<ProfileId[]> {
  const erased: ProfileId[] = [];
  for (const profileKey of profileKeys) {
    const profileId = await findProfile(tx, profileKey);
    if (profileId === undefined) continue;
    await lockProfile(tx, profileKey.sectionId, profileId, { toDelete: true, byKey: true });
    await erase(tx, causeOf(actor, profileKey.sectionId), [profileId]);
    erased.push(profileId);
  }
  return erased;
}

/**
 * Merges the profiles that have the keys, in each section where at least one profile has one of them; unused keys are
 * given to the merged profile. Of two values the older profile's wins, so the order of merges does not matter. Refuses
 * with `conflict` different keys in one keyspace, except cookie ids: a person has several devices. A key of Export must
 * belong to an existing profile.
 */
export const mergePeople = command({
  name: 'profiles.merge-everywhere',
  scope: 'account',
  allow: 'everyone',
  input: z.object({ profiles: z.array(Key).min(2, 'Name at least two profile keys.').max(20) }),
  run: async ({ tx, actor, accountId }, { profiles }) => {
    const sections = await sectionsOf(tx, actor);
    let merged = 0;
    for (const sectionId of sections) {
      const profileKeys: ProfileKey[] = [];
      for (const key of profiles) profileKeys.push(await openKey(tx, actor, accountId, { sectionId, ...key }));
      if (await mergeProfiles(tx, actor, profileKeys, { create: sections.length === 1 })) merged++;
    }
    if (merged === 0) refuse('not_found', 'No profile in any section has one of these keys. Create a profile first.');
    return { merged };
  },
  audit: (_input, { merged }) => ({ summary: `Merged profiles in ${merged} ${merged === 1 ? 'section' : 'sections'}` }),
});

async function sectionsOf(tx: Tx, actor: Actor): Promise<SectionId[]> {
  const { sections } = actor as ClientActor;
  const found = await rows<{ id: SectionId }>(
    tx,
    sql`select id from section where account_id = ${actor.accountId}
        ${sections === 'all' ? sql`` : sql`and id = any(${sections}::int[])`}
        order by id`,
  );
  return found.map(({ id }) => id);
}
