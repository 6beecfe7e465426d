// Merging two profiles in the browser: a preview of both, and the merge with the values that the person chose.
import { z } from 'zod';
import { command } from '@/lib/access/command';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { refuse } from '@/lib/access/refusal';
import { shownConsents } from '@/lib/consents/queries';
import { STRICTNESS, type Channel, type ConsentType } from '@/lib/consents/schema';
import { inAddress, ProfileIdSchema, SectionIdSchema, type ProfileId, type SectionId } from '@/lib/db/ids';
import { one, rows, sql, type Db, type Tx } from '@/lib/db/sql';
import { keysOf } from '@/lib/profiles/keyspace';
import { remainingProfile } from '@/lib/profiles/merged';
import { getProfile } from '@/lib/profiles/queries';
import type { ProfileDetails } from '@/lib/profiles/schema';
import { combineProfiles } from './combine';
import { lastSeenOf } from './last-seen';

const DELETED = 'One of the two profiles has been deleted. Nothing was merged.';

/** One of two profiles to merge. `notes`, `events`: how many it has; `lastSeen`: when the person last did something, null without. */
export type MergeSide = ProfileDetails & { notes: number; events: number; lastSeen: Date | null };

/**
 * Why a profile is the one to keep: a person chose it; it was seen more recently than the other; neither or both at once
 * were seen, and it has more tags; or it is the older one.
 */
export type KeptBecause = 'chosen' | 'seen' | 'tags' | 'older';

/** A consent of either profile, and the one that is kept: the stricter. */
export type MergedConsent = {
  topic: string;
  channel: Channel;
  into: ConsentType | null;
  from: ConsentType | null;
  remains: ConsentType;
};

/** `into`: the profile that is kept, and why; `from` is merged into it. */
export type MergePreview = { into: MergeSide; from: MergeSide; because: KeptBecause; consents: MergedConsent[] };

/**
 * Both profiles before they are merged. `keep`: the one to keep, if a person has chosen. Refuses with `conflict` and `details.profileId` if they have been merged
 * already.
 */
export const previewMerge = query({
  name: 'profiles.preview-merge',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({
    profileId: inAddress(ProfileIdSchema),
    otherId: inAddress(ProfileIdSchema),
    keep: inAddress(ProfileIdSchema).optional(),
  }),
  run: async ({ db }, { sectionId, profileId, otherId, keep }): Promise<MergePreview> => {
    if (profileId === null || otherId === null) return refuse('not_found', 'This profile does not exist.');
    requireTwo(profileId, otherId);
    const [one, other] = [await readSide(db, sectionId, profileId), await readSide(db, sectionId, otherId)];
    if (!one || !other) return refuseMissing(db, sectionId, profileId, otherId);
    const { into, because } = toKeep(one, other, keep ?? null);
    const from = into === one ? other : one;
    return { into, from, because, consents: await mergedConsents(db, sectionId, into.id, from.id) };
  },
});

/** The profile to keep: the person's choice, or the one that was seen last, has more tags, or is older, in this order. */
function toKeep(one: MergeSide, other: MergeSide, chosen: ProfileId | null): { into: MergeSide; because: KeptBecause } {
  const into = [one, other].find(({ id }) => id === chosen);
  if (into) return { into, because: 'chosen' };
  const seen = Number(one.lastSeen ?? 0) - Number(other.lastSeen ?? 0);
  if (seen !== 0) return { into: seen > 0 ? one : other, because: 'seen' };
  const tags = one.tags.length - other.tags.length;
  if (tags !== 0) return { into: tags > 0 ? one : other, because: 'tags' };
  return { into: one.id < other.id ? one : other, because: 'older' };
}

async function readSide(db: Db, sectionId: SectionId, id: ProfileId): Promise<MergeSide | undefined> {
  const profile = await getProfile(db, sectionId, id);
  if (!profile) return undefined;
  const seen = await one<Pick<MergeSide, 'notes' | 'events' | 'lastSeen'>>(
    db,
    sql`
      select count(*) as events, ${lastSeenOf(sectionId, id)} as "lastSeen",
        (select count(*) from profile_note where section_id = ${sectionId} and profile_id = ${id}) as notes
      from profile_event
      where section_id = ${sectionId} and profile_id = ${id}`,
  );
  return { ...profile, ...seen };
}

async function mergedConsents(
  db: Db,
  sectionId: SectionId,
  into: ProfileId,
  from: ProfileId,
): Promise<MergedConsent[]> {
  const merged = new Map<string, MergedConsent>();
  for (const { profileId, topic, channel, type } of await shownConsents(db, sectionId, [into, from])) {
    const place = `${topic} ${channel}`;
    const known = merged.get(place) ?? { topic, channel, into: null, from: null, remains: type };
    const remains = STRICTNESS.indexOf(type) > STRICTNESS.indexOf(known.remains) ? type : known.remains;
    merged.set(place, { ...known, [profileId === into ? 'into' : 'from']: type, remains });
  }
  return [...merged.values()];
}

/**
 * Merges two profiles. `take`: codes ('city', 'key:1') for which the value of `from` replaces that of `into`; a value
 * that only one profile has is always kept. `seen`: both `updatedAt` as shown, so that nobody decides about values that
 * they have not seen. Refuses with `conflict` if the two have been merged already (`details.profileId`) or either has
 * changed.
 */
export const mergeTwoProfiles = command({
  name: 'profiles.merge',
  scope: 'section',
  allow: 'everyone',
  input: z.object({
    sectionId: SectionIdSchema,
    into: ProfileIdSchema,
    from: ProfileIdSchema,
    take: z.array(z.string().max(40)).max(1_000),
    seen: z.object({ into: z.coerce.date(), from: z.coerce.date() }),
  }),
  run: async ({ tx, actor }, { sectionId, into, from, take, seen }) => {
    requireTwo(into, from);
    const updated = await lockTwo(tx, sectionId, [into, from]);
    const [intoAt, fromAt] = [updated.get(into), updated.get(from)];
    if (!intoAt || !fromAt) return refuseMissing(tx, sectionId, into, from);
    if (intoAt > seen.into || fromAt > seen.from) {
      refuse(
        'conflict',
        'Someone changed one of the two profiles while you were looking at them. Nothing was merged. Their values are shown as they are now: check them, then merge again.',
      );
    }
    const owned = await keysOf(tx, sectionId, [into, from]);
    await combineProfiles(tx, actor, { sectionId, into, others: [from], owned, added: [], take: new Set(take) });
    return { into };
  },
  audit: ({ into, from, take }) => ({
    summary: 'Merged two profiles',
    subject: `profile:${into}`,
    details: { into, from, take },
  }),
});

/** Locks both in one statement, by id, the order that every merge uses. */
async function lockTwo(tx: Tx, sectionId: SectionId, ids: readonly ProfileId[]): Promise<Map<ProfileId, Date>> {
  const found = await rows<{ id: ProfileId; updatedAt: Date }>(
    tx,
    sql`
      select id, updated_at as "updatedAt" from profile
      where section_id = ${sectionId} and id = any(${ids}::bigint[])
      order by id
      for update`,
  );
  return new Map(found.map(({ id, updatedAt }) => [id, updatedAt]));
}

function requireTwo(one: ProfileId, other: ProfileId): void {
  if (one === other) refuse('invalid', 'This is the same profile twice. Choose another one to merge it with.');
}

/** Refuses with the reason why one of two profiles does not exist: it was merged or deleted. */
async function refuseMissing(db: Db, sectionId: SectionId, one: ProfileId, other: ProfileId): Promise<never> {
  const remaining: (ProfileId | undefined)[] = [];
  for (const id of [one, other]) remaining.push(await remainingProfile(db, sectionId, id));
  const [first = one, second = other] = remaining;
  if (first === second) {
    return refuse('conflict', 'Someone has merged these two profiles already.', { details: { profileId: first } });
  }
  const merged = remaining.find((id) => id !== undefined);
  if (merged === undefined) return refuse('not_found', DELETED);
  return refuse('conflict', 'Someone has merged one of the two with another profile. Nothing was merged.', {
    details: { profileId: merged },
  });
}

/** The profile into which one was merged, by its former id; null if it was not merged. */
export const readRemainingProfile = query({
  name: 'profiles.find-merged',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ profileId: inAddress(ProfileIdSchema) }),
  run: async ({ db }, { sectionId, profileId }): Promise<ProfileId | null> =>
    profileId === null ? null : ((await remainingProfile(db, sectionId, profileId)) ?? null),
});
