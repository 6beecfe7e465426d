// Sizes of a segment for the days before it was created, computed from the history, so that its curve does not start
// empty. In the background, within a limited time, the newest days first.
import { Refusal } from '@/lib/access/refusal';
import type { SectionId, SegmentId } from '@/lib/db/ids';
import { Cancelled, runCancellable } from '@/lib/db/cancellable';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql, type Db } from '@/lib/db/sql';
import { openSegment, usedIn, type Opened } from './definitions';
import { countMembers } from './members';
import { conditionsOf, type Condition } from './schema';

/** `days`: how many at most. `each`, `inAll`: seconds for one day and for all of them; what is not counted by then is left out. */
type Limits = { days?: number; each?: number; inAll?: number };
const LIMITS = { days: 30, each: 15, inAll: 60 };

/** Queues the computation. Queueing twice has no further effect. */
export async function requestPastSizes(db: Db, sectionId: SectionId, segmentId: SegmentId): Promise<void> {
  await rows(
    db,
    sql`
      select graphile_worker.add_job(
        'note_past_segment_sizes',
        json_build_object('sectionId', ${sectionId}::int, 'segmentId', ${segmentId}::int),
        queue_name := 'segment-sizes',
        priority := 11,
        max_attempts := 3,
        job_key := ${jobKey(sectionId, segmentId)}
      )`,
  );
}

const jobKey = (sectionId: SectionId, segmentId: SegmentId) => `past-segment-sizes:${sectionId}:${segmentId}`;

/** Whether the computation waits or runs. */
export async function pastSizesAreDue(db: Db, sectionId: SectionId, segmentId: SegmentId): Promise<boolean> {
  const { due } = await one<{ due: boolean }>(
    db,
    sql`
      select exists (
        select from graphile_worker.jobs where key = ${jobKey(sectionId, segmentId)} and attempts < max_attempts
      ) as due`,
  );
  return due;
}

/**
 * Whether the past of the conditions is known: of tags, events and the creation of profiles it is; attributes and keys
 * are known as they are now only.
 */
export function pastOf({ rules, definitions }: Opened): { known: boolean; unknown: boolean } {
  const all = [rules, ...usedIn(rules, definitions.segments)].flatMap((item) =>
    conditionsOf('root' in item ? item.root : item.rules.root),
  );
  return {
    known: all.some(hasPast),
    unknown: all.some((condition) => condition.kind !== 'segment' && !hasPast(condition)),
  };
}

const hasPast = (condition: Condition): boolean =>
  condition.kind === 'tag' ||
  condition.kind === 'event' ||
  (condition.kind === 'profile' && !['has_key', 'has_no_key'].includes(condition.test));

/**
 * Computes the sizes at the ends of the last days before the segment was created, in its time zone, as far as there were
 * profiles. Replaces those of earlier rules. Skips a segment that was deleted, needs attention, or has no condition
 * whose past is known.
 */
export async function recordPastSizes(sectionId: SectionId, segmentId: SegmentId, limits: Limits = {}): Promise<void> {
  const { days, each, inAll } = { ...LIMITS, ...limits };
  const until = Date.now() + inAll * 1_000;
  await execute(
    pool(),
    sql`delete from segment_size where section_id = ${sectionId} and segment_id = ${segmentId} and computed`,
  );
  try {
    const opened = await openSegment(pool(), sectionId, segmentId);
    if (!pastOf(opened).known) return;
    for (const { at, changedAt } of await lastDays(sectionId, segmentId, days, opened.rules.timeZone)) {
      if (Date.now() >= until) return;
      const size = await runCancellable({ seconds: each }, (db) => countMembers(db, sectionId, opened, { at }));
      const written = await execute(
        pool(),
        sql`
          insert into segment_size (section_id, segment_id, at, profiles, computed)
          select section_id, id, ${at}::timestamptz, ${size}, true
          from segment
          where section_id = ${sectionId} and id = ${segmentId} and changed_at = ${changedAt}
          on conflict (section_id, segment_id, at) do nothing`,
      );
      // The rules have changed: another job computes the sizes by them.
      if (written === 0) return;
    }
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof Cancelled)) throw error;
  }
}

/** The ends of the last days before the segment was created, newest first, back to the section's first profile. */
const lastDays = (
  sectionId: SectionId,
  segmentId: SegmentId,
  days: number,
  timeZone: string,
): Promise<{ at: Date; changedAt: Date }[]> =>
  rows(
    pool(),
    sql`
      select ends.at, segment.changed_at as "changedAt"
      from segment
      cross join lateral (
        select ((now() at time zone ${timeZone}::text)::date - day)::timestamp at time zone ${timeZone}::text
          - interval '1 millisecond' as at
        from generate_series(0, ${days - 1}::int) day
      ) ends
      where segment.section_id = ${sectionId} and segment.id = ${segmentId} and ends.at < segment.created_at
        and ends.at >= (
          select created_at from profile where profile.section_id = ${sectionId} order by profile.id limit 1
        )
      order by ends.at desc`,
  );

/** What the curve has to say about its past, in words; null if it has none and none is missing. */
export function pastInWords(opened: Opened, hasComputed: boolean): string | null {
  const { known, unknown } = pastOf(opened);
  if (!known) return 'Earlier days cannot be computed: of attributes and keys, only the present is known.';
  if (!hasComputed) return null;
  const inDays =
    'The days before the segment was created are computed from the history of tags and events, without people deleted since';
  return unknown ? `${inDays}; attributes and keys are taken as they are now.` : `${inDays}.`;
}
