// All that follows a profile, put together. A subject that keeps something about profiles declares it in its own folder and is
// listed here: erasing, merging, undoing and the timeline then know of it.
import { jobFollower } from '@/lib/clients/follower';
import { consentFollower } from '@/lib/consents/follower';
import { join, sql, type Sql } from '@/lib/db/sql';
import { eventFollower } from '@/lib/events/follower';
import type { KeepContext, ProfileFollower } from '@/lib/followers/profile-follower';
import type { TimelineStream } from '@/lib/followers/timeline';
import { importFollower } from '@/lib/imports/follower';
import { dataFollower, mergeFollower } from '@/lib/profiles/followers';
import { signalFollower } from '@/lib/signals/follower';
import { tagFollower } from '@/lib/tags/follower';
import { webhookFollower } from '@/lib/webhooks/follower';
import { operationFollower } from '@/lib/work/follower';

/** In the order of the timeline's menu, and of reasons why a profile stays. */
export const PROFILE_FOLLOWERS: readonly ProfileFollower[] = [
  tagFollower,
  consentFollower,
  mergeFollower,
  dataFollower,
  eventFollower,
  signalFollower,
  operationFollower,
  importFollower,
  jobFollower,
  webhookFollower,
];

const reasons = PROFILE_FOLLOWERS.flatMap(({ keepReasons: keeps = [] }) => keeps);

/** The timeline's streams. */
export const TIMELINES: readonly TimelineStream[] = PROFILE_FOLLOWERS.flatMap(({ timeline }) => timeline ?? []);

/** Why a profile stays although what made it is undone, in words; null where it does not. */
export const keepReason = (asked: KeepContext): Sql =>
  sql`case ${join(
    reasons.map(({ why, when }) => sql`when ${when(asked)} then ${why}::text`),
    ' ',
  )} end`;
