// What becomes of people’s places in flows when they are erased, merged or undone; and their lines in the timeline.
import type { ProfileId, SectionId } from '@/lib/db/ids';
import { execute, rows, sql, type Db, type Tx } from '@/lib/db/sql';
import type { ProfileFollower } from '@/lib/followers/profile-follower';
import type { TimelineEntry, TimelinePage } from '@/lib/followers/timeline';
import { dropRuns, mergeStays } from './merged-stays';
import { LEFT_WORDS, type Left } from './outcomes';

export const flowFollower: ProfileFollower = {
  tables: ['flow_run', 'flow_visit', 'flow_kept', 'flow_member', 'flow_out', 'flow_moved'],
  /** That somebody was there stays in the numbers; that it was this person does not. */
  erase: async (tx, { cause: { sectionId }, profileIds }) => {
    await dropRuns(tx, sectionId, sql`profile_id = any(${profileIds}::bigint[])`);
    await dropOthers(tx, sectionId, profileIds);
    await execute(
      tx,
      sql`delete from flow_out where section_id = ${sectionId} and profile_id = any(${profileIds}::bigint[])`,
    );
    await execute(
      tx,
      sql`delete from flow_visit where section_id = ${sectionId} and profile_id = any(${profileIds}::bigint[])`,
    );
    await execute(
      tx,
      sql`delete from flow_moved where section_id = ${sectionId} and profile_id = any(${profileIds}::bigint[])`,
    );
  },
  /** Nobody is in a flow twice, and no message comes twice: one stay goes on. */
  merge: async (tx, { cause: { sectionId }, into, from }) => {
    await mergeStays(tx, sectionId, into, from);
    await execute(
      tx,
      sql`
        insert into flow_kept (section_id, flow_id, profile_id, why, at, hops, operation_id, given)
        select ${sectionId}::int, kept.flow_id, ${into}::bigint, kept.why, kept.at, kept.hops, kept.operation_id, kept.given
        from flow_kept kept
        where kept.section_id = ${sectionId} and kept.profile_id = any(${from}::bigint[])
        order by kept.flow_id, kept.at
        on conflict (section_id, flow_id, profile_id) do nothing`,
    );
    await dropOthers(tx, sectionId, from);
    await execute(
      tx,
      sql`
        update flow_out set profile_id = ${into}
        where section_id = ${sectionId} and profile_id = any(${from}::bigint[])`,
    );
    await execute(
      tx,
      sql`
        update flow_visit set profile_id = ${into}
        where section_id = ${sectionId} and profile_id = any(${from}::bigint[])`,
    );
    await execute(
      tx,
      sql`
        update flow_moved set profile_id = ${into}
        where section_id = ${sectionId} and profile_id = any(${from}::bigint[])`,
    );
  },
  keepReasons: [
    {
      why: 'is in a flow',
      // A preview supposes that the entries that the operation started end with it; an undo has ended them first, unless somebody did not want that.
      when: ({ sectionId, profileId, byOthers, tagsUndone }) => sql`exists (
        select from flow_run run
        where run.section_id = ${sectionId} and run.profile_id = ${profileId} and run.due_at is not null
          ${tagsUndone ? sql`` : sql`and ${byOthers(sql`run`)}`}
      )`,
    },
  ],
  timeline: { stream: 'flows', words: 'Flows', read: readFlowLines },
};

async function dropOthers(tx: Tx, sectionId: SectionId, profileIds: readonly ProfileId[]): Promise<void> {
  await execute(
    tx,
    sql`delete from flow_kept where section_id = ${sectionId} and profile_id = any(${profileIds}::bigint[])`,
  );
  await execute(
    tx,
    sql`delete from flow_member where section_id = ${sectionId} and profile_id = any(${profileIds}::bigint[])`,
  );
}

type FlowLine = { id: number; at: Date; name: string; what: string; note: string | null };

/** Where they came in and how they left; each step is on the page of the flow. */
async function readFlowLines(db: Db, { sectionId, profileId, older, limit }: TimelinePage): Promise<TimelineEntry[]> {
  const found = await rows<FlowLine>(
    db,
    sql`
      select visit.id, visit.at, flow.name, visit.what, visit.note
      from flow_visit visit
      join flow on flow.section_id = ${sectionId} and flow.id = visit.flow_id
      where visit.section_id = ${sectionId} and visit.profile_id = ${profileId}
        and visit.what in ('entered', 'left', 'failed') and ${older(sql`visit.at`, sql`visit.id`)}
      order by visit.at desc, visit.id desc
      limit ${limit}`,
  );
  return found.map(({ id, at, name, what, note }) => ({
    ...{ id, at, icon: 'flow' as const, about: name, from: 'Flow', undone: null },
    what: what === 'left' ? LEFT_WORDS[note as Left] : what === 'failed' ? 'failed at a step' : 'entered',
    details: what === 'failed' && note !== null ? [{ name: 'Reason', after: note }] : [],
  }));
}
