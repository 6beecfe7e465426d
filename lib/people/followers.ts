// All followers of profiles. A subject that stores something about profiles declares a follower in its own folder and
// lists it here: then erasing, merging, undoing and the timeline include it.
import { bouncesFollower } from '@/lib/bounces/follower';
import { jobFollower } from '@/lib/clients/follower';
import { consentFollower } from '@/lib/consents/follower';
import { join, sql, type Sql } from '@/lib/db/sql';
import { duplicateFollower } from '@/lib/duplicates/follower';
import { eventFollower } from '@/lib/events/follower';
import { flowFollower } from '@/lib/flows/follower';
import { formFollower } from '@/lib/forms/follower';
import type { KeepContext, ProfileFollower } from '@/lib/followers/profile-follower';
import type { TimelineStream } from '@/lib/followers/timeline';
import { importFollower } from '@/lib/imports/follower';
import { syncFollower } from '@/lib/integrations/follower';
import { caughtMailFollower } from '@/lib/messages/caught-follower';
import { recipientFollower } from '@/lib/messages/follower';
import { testGroupFollower } from '@/lib/messages/test-group-follower';
import { noteFollower } from '@/lib/notes/follower';
import { dataFollower, mergeFollower } from '@/lib/profiles/followers';
import { undoneFollower } from '@/lib/profiles/undone';
import { bulkFollower } from '@/lib/operations/follower';

import { signalFollower } from '@/lib/signals/follower';
import { suppressionFollower } from '@/lib/suppression/follower';
import { tagFollower } from '@/lib/tags/follower';
import { webhookFollower } from '@/lib/webhooks/follower';
import { operationFollower } from '@/lib/work/follower';

/** The order is that of the timeline's menu, and of the reasons why an undo keeps a profile. */
export const PROFILE_FOLLOWERS: readonly ProfileFollower[] = [
  tagFollower,
  consentFollower,
  mergeFollower,
  dataFollower,
  eventFollower,
  formFollower,
  flowFollower,
  recipientFollower,
  testGroupFollower,
  noteFollower,
  duplicateFollower,
  signalFollower,
  operationFollower,
  bulkFollower,
  importFollower,
  syncFollower,
  jobFollower,
  webhookFollower,
  undoneFollower,
  suppressionFollower,
  bouncesFollower,
  caughtMailFollower,
];

const reasons = PROFILE_FOLLOWERS.flatMap(({ keepReasons: keeps = [] }) => keeps);

/** The timeline's streams. */
export const TIMELINES: readonly TimelineStream[] = PROFILE_FOLLOWERS.flatMap(({ timeline }) => timeline ?? []);

/** Why an undo keeps a profile that the operation created, in words; null if it does not. */
export const keepReason = (context: KeepContext): Sql =>
  sql`case ${join(
    reasons.map(({ why, when }) => sql`when ${when(context)} then ${why}::text`),
    ' ',
  )} end`;
