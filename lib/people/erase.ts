// Erases people (GDPR): their profiles and everything that follows them. The ledger keeps its counts but no longer
// knows who it was.
import { z } from 'zod';
import { actorApiKeyId, actorUserId, type Actor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { ProfileIdSchema, SectionIdSchema, type ProfileId, type SectionId } from '@/lib/db/ids';
import { sql, type Tx } from '@/lib/db/sql';
import type { FollowerCause } from '@/lib/followers/profile-follower';
import { deleteProfiles } from '@/lib/profiles/change';
import { lockProfile } from '@/lib/profiles/fields';
import { keysOf } from '@/lib/profiles/keyspace';
import { mergedInto } from '@/lib/profiles/merged';
import { PROFILE_FOLLOWERS } from './followers';

/** Erases the person: deletes the profile, its keys, values, history and uploaded rows. */
export const eraseProfile = command({
  name: 'profiles.erase',
  scope: 'section',
  allow: 'everyone',
  input: z.object({ sectionId: SectionIdSchema, profileId: ProfileIdSchema }),
  run: async ({ tx, actor }, { sectionId, profileId }) => {
    await lockProfile(tx, sectionId, profileId, { toDelete: true });
    await erase(tx, causeOf(actor, sectionId), [profileId]);
    return {};
  },
  audit: ({ profileId }) => ({ summary: 'Erased a profile and its data', subject: `profile:${profileId}` }),
});

/** The actor as the cause of an erasure. */
export const causeOf = (actor: Actor, sectionId: SectionId): FollowerCause => ({
  sectionId,
  userId: actorUserId(actor),
  apiKeyId: actorApiKeyId(actor),
});

/** Erases profiles within the caller's transaction, which has locked them (`lockProfile`, `toDelete`). */
export async function erase(tx: Tx, cause: FollowerCause, profileIds: readonly ProfileId[]): Promise<void> {
  const { sectionId } = cause;
  const keys = await keysOf(tx, sectionId, profileIds);
  const erased = {
    cause,
    profileIds,
    formerly: await mergedInto(tx, sectionId, profileIds),
    keys: keys.flatMap(({ key, keyspace }) => (keyspace.kind === 'mobile' ? [key, `+${key}`] : [key.toLowerCase()])),
  };
  for (const follower of PROFILE_FOLLOWERS) await follower.erase(tx, erased);
  await deleteProfiles(tx, sectionId, sql`select unnest(${profileIds}::bigint[]) as profile_id`);
}
