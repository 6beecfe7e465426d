// The engine’s turn: works off the inboxes of flows, and moves who is due, in batches, one of each in turn so that none waits for the end of a large
// one. Any number of processes may take turns at the same time: each gets different people.
import { databaseTime } from '@/lib/db/clock';
import type { SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import { sectionsWithSignals } from '@/lib/signals/inbox';
import { CONSUMER } from './listening';
import { moveDue } from './move';
import type { FlowPlace } from './run';
import { takeIn } from './take-in';

/** `size`: people in a batch. `now`: tests bring a clock of their own. `forMs`: then others have their turn. */
export type TickOptions = { size?: number; now?: Date; forMs?: number; signal?: AbortSignal };

const SIZE = 5_000;
const FOR_MS = 10_000;

/** Works until nothing is due, or the time is over. Throws at the end if something failed; everything else is done. */
export async function tick({ size = SIZE, now, forMs = FOR_MS, signal }: TickOptions = {}): Promise<void> {
  const until = Date.now() + forMs;
  const failed: unknown[] = [];
  const isOver = () => signal?.aborted === true || Date.now() > until;
  const inTurn = async <Item>(items: readonly Item[], work: (item: Item) => Promise<number>): Promise<number> => {
    let done = 0;
    for (const item of items) {
      if (isOver()) break;
      try {
        done += await work(item);
      } catch (error) {
        failed.push(error);
      }
    }
    return done;
  };
  let done: number;
  do {
    const time = now ?? (await databaseTime(pool()));
    const sections = await sectionsWithSignals(pool(), { consumer: CONSUMER, now: time });
    done = await inTurn(sections, (sectionId: SectionId) => takeIn(sectionId, { limit: size, now }));
    done += await inTurn(await flowsWithWork(time), (flow) => moveDue(flow, { limit: size, now }));
  } while (done > 0 && !isOver());
  if (failed.length > 0) throw failed.length === 1 ? failed[0] : new AggregateError(failed, 'Several flows failed.');
}

/** The flows in which somebody is due, or that were stopped with somebody in them: one probe of an index for each. */
function flowsWithWork(now: Date): Promise<FlowPlace[]> {
  return rows(
    pool(),
    sql`
      select flow.section_id as "sectionId", flow.id as "flowId" from flow
      where flow.state = 'live' and exists (
          select from flow_run run
          where run.section_id = flow.section_id and run.flow_id = flow.id and run.due_at <= ${now}
        )
        or flow.state = 'stopped' and exists (
          select from flow_run run
          where run.section_id = flow.section_id and run.flow_id = flow.id and run.due_at is not null
        )
      order by flow.section_id, flow.id`,
  );
}
