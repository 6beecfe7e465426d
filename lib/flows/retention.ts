// What is not kept for ever: the history of the steps that people went through, what calls gave along with them, what they told others, and where operations moved people from. Numbers stay, and so does the place
// of each person, by which they may enter again or not.
import type { SectionId } from '@/lib/db/ids';
import { transaction } from '@/lib/db/pool';
import { allSections } from '@/lib/db/sections';
import { execute, sql, type Sql } from '@/lib/db/sql';

const DAY_MS = 86_400_000;
/** Thirteen months: the same season of last year can be looked at. */
const HISTORY_DAYS = 396;
/** How long an undo can put people back. */
const MOVED_DAYS = 90;
/** That others were told something. */
const OUT_DAYS = 30;
const AT_ONCE = 20_000;

/** Of those who are in a flow still, all is kept. In batches, so that nobody waits for it. */
export async function removeOldHistory(now = new Date()): Promise<void> {
  const before = (days: number) => new Date(now.getTime() - days * DAY_MS);
  for (const id of await allSections()) {
    const visits = sql`
      select visit.id from flow_visit visit
      where visit.section_id = ${id} and visit.at < ${before(HISTORY_DAYS)} and not exists (
        select from flow_run run
        where run.section_id = ${id} and run.flow_id = visit.flow_id and run.profile_id = visit.profile_id
          and run.entry = visit.entry and run.due_at is not null
      )
      order by visit.at
      limit ${AT_ONCE}`;
    const moved = sql`
      select id from flow_moved where section_id = ${id} and at < ${before(MOVED_DAYS)} order by at limit ${AT_ONCE}`;
    while ((await removeVisits(id, visits)) === AT_ONCE);
    while ((await removeMoved(id, moved)) === AT_ONCE);
    while ((await removeGiven(id, before(HISTORY_DAYS))) === AT_ONCE);
    while ((await removeOut(id, before(OUT_DAYS))) === AT_ONCE);
  }
}

/** Returns how many. */
const removeVisits = (sectionId: SectionId, old: Sql): Promise<number> =>
  transaction((tx) => execute(tx, sql`delete from flow_visit where section_id = ${sectionId} and id in (${old})`));

const removeMoved = (sectionId: SectionId, old: Sql): Promise<number> =>
  transaction((tx) => execute(tx, sql`delete from flow_moved where section_id = ${sectionId} and id in (${old})`));

/** Of those who have left. */
const removeGiven = (sectionId: SectionId, before: Date): Promise<number> =>
  transaction((tx) =>
    execute(
      tx,
      sql`
        update flow_run run set given = null
        from (
          select flow_id, profile_id from flow_run
          where section_id = ${sectionId} and given is not null and due_at is null and left_at < ${before}
          order by left_at
          limit ${AT_ONCE}
          for update skip locked
        ) old
        where run.section_id = ${sectionId} and run.flow_id = old.flow_id and run.profile_id = old.profile_id`,
    ),
  );

/** Not of those who stand at the step still, as they go on by what became of it. */
const removeOut = (sectionId: SectionId, before: Date): Promise<number> =>
  transaction((tx) =>
    execute(
      tx,
      sql`
        delete from flow_out where section_id = ${sectionId} and number in (
          select told.number from flow_out told
          where told.section_id = ${sectionId} and told.ended_at < ${before} and not exists (
            select from flow_run run
            where run.section_id = ${sectionId} and run.flow_id = told.flow_id and run.profile_id = told.profile_id
              and run.recipient = told.together and run.due_at is not null
          )
          order by told.number
          limit ${AT_ONCE}
        )`,
    ),
  );
