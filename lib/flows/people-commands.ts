// What people do with those who are in a flow, or are to enter it: let in, take out, try again.
import { z } from 'zod';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { databaseTime } from '@/lib/db/clock';
import { ProfileIdSchema, SegmentIdSchema, type FlowId, type ProfileId, type SectionId } from '@/lib/db/ids';
import { rows, sql, type Tx } from '@/lib/db/sql';
import { memberIds } from '@/lib/segments/compile';
import { openSegment } from '@/lib/segments/definitions';
import { ofFlow } from './address';
import { lockFlow } from './lock';
import { openFlow } from './open';
import { closedInWords } from './period';
import { InFlow } from './schema';
import { takeOut } from './take-out';
import { forgetKept, sendKept } from './kept';
import { sendTo } from './who';
import { Counting } from './write';

const PEOPLE_MAX = 1_000;
const number = (count: number, one: string, many: string) =>
  `${count.toLocaleString('en-GB')} ${count === 1 ? one : many}`;

/** Sends people to a live flow, some or a whole segment: `{ sent }`. They enter by its own rules. */
export const enterFlow = command({
  name: 'flows.enter',
  scope: 'section',
  allow: 'everyone',
  input: InFlow.extend({
    profileIds: z.array(ProfileIdSchema).max(PEOPLE_MAX).default([]),
    segmentId: SegmentIdSchema.nullable().default(null),
  }),
  run: async ({ tx }, { sectionId, flowId, profileIds, segmentId }) => {
    const { name, state } = await lockFlow(tx, sectionId, flowId);
    if (state !== 'live') refuse('conflict', 'Only a live flow lets people in.');
    const now = await databaseTime(tx);
    const { settings, timeZone } = (await openFlow(tx, sectionId, flowId))!;
    const closed = closedInWords(settings, timeZone, now);
    if (closed !== null) refuse('conflict', closed);
    const chosen = sql`
      select id as profile_id from profile where section_id = ${sectionId} and id = any(${profileIds}::bigint[])`;
    let people = chosen;
    if (segmentId !== null) {
      const { rules, definitions } = await openSegment(tx, sectionId, segmentId);
      people = sql`${chosen} union ${memberIds({ sectionId, definitions, now }, rules)}`;
    }
    return { name, sent: await sendTo(tx, { sectionId, flowId }, people, now) };
  },
  audit: ({ flowId }, { name, sent }) => ({
    summary: `Sent ${number(sent, 'profile', 'profiles')} to the flow “${name}”`,
    subject: ofFlow(flowId),
  }),
});

/** Takes people out of a flow, wherever they are in it: `{ taken }`. They may enter again by the flow’s rule. */
export const takeOutOfFlow = command({
  name: 'flows.take-out',
  scope: 'section',
  allow: 'everyone',
  input: InFlow.extend({ profileIds: z.array(ProfileIdSchema).min(1).max(PEOPLE_MAX) }),
  run: async ({ tx }, { sectionId, flowId, profileIds }) => {
    const { name } = await lockFlow(tx, sectionId, flowId);
    return { name, taken: await takeOut(tx, { sectionId, flowId }, profileIds) };
  },
  audit: ({ flowId, profileIds }, { name, taken }) =>
    taken === 0
      ? null
      : {
          summary: `Took ${number(taken, 'profile', 'profiles')} out of the flow “${name}”`,
          subject: ofFlow(flowId),
          details: { profileIds },
        },
});

/** Has failed steps tried again, of one person or of all (null): `{ again }`. */
export const tryAgainInFlow = command({
  name: 'flows.try-again',
  scope: 'section',
  allow: 'everyone',
  input: InFlow.extend({ profileId: ProfileIdSchema.nullable().default(null) }),
  run: async ({ tx }, { sectionId, flowId, profileId }) => {
    const { name, state } = await lockFlow(tx, sectionId, flowId);
    if (state !== 'live' && state !== 'paused') refuse('conflict', 'This flow is not live.');
    return { name, again: await bringBack(tx, { sectionId, flowId }, profileId) };
  },
  audit: ({ flowId }, { name, again }) =>
    again === 0
      ? null
      : {
          summary: `Had the failed step of ${number(again, 'profile', 'profiles')} in the flow “${name}” tried again`,
          subject: ofFlow(flowId),
        },
});

/** They are counted as if they had not failed. */
async function bringBack(
  tx: Tx,
  place: { sectionId: SectionId; flowId: FlowId },
  profileId: ProfileId | null,
): Promise<number> {
  const { sectionId, flowId } = place;
  const now = await databaseTime(tx);
  const failed = await rows<{ version: number; step: string }>(
    tx,
    sql`
      update flow_run
      set due_at = ${now}, left_at = null, outcome = null, attempts = 0, error = null
      where section_id = ${sectionId} and flow_id = ${flowId} and outcome = 'failed'
        ${profileId === null ? sql`` : sql`and profile_id = ${profileId}`}
      returning version, step`,
  );
  const counting = new Counting();
  for (const { version, step } of failed) {
    counting.through(version, step, 'failed', -1);
    counting.left(version, 'failed', -1);
  }
  await counting.write({ tx, ...place }, now);
  return failed.length;
}

/** Lets those in who came while the flow was paused or needed attention, or forgets them: `{ people }`. */
export const settleKept = command({
  name: 'flows.settle-kept',
  scope: 'section',
  allow: 'everyone',
  input: InFlow.extend({ enter: z.boolean() }),
  run: async ({ tx }, { sectionId, flowId, enter }) => {
    const { name, state } = await lockFlow(tx, sectionId, flowId);
    if (enter && state !== 'live') refuse('conflict', 'Let the flow go on first. Then they can enter.');
    const place = { sectionId, flowId };
    return { name, people: enter ? await sendKept(tx, place, await databaseTime(tx)) : await forgetKept(tx, place) };
  },
  audit: ({ flowId, enter }, { name, people }) =>
    people === 0
      ? null
      : {
          summary: `${enter ? 'Let in' : 'Forgot'} ${number(people, 'profile', 'profiles')} that came while the flow “${name}” was not going`,
          subject: ofFlow(flowId),
        },
});
