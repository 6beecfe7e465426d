// The engine’s turn: works off the inboxes of flows, and moves who is due, in batches, one of each flow in turn so that none waits for the end of a large
// one. A batch takes so many people that it is over in a moment. Any number of processes may take turns at the same time: each gets different people.
import { isOnCluster } from '@/lib/db/as-parameter';
import { databaseTime } from '@/lib/db/clock';
import { pool } from '@/lib/db/pool';
import { one, rows, sql } from '@/lib/db/sql';
import { hasSignals } from '@/lib/signals/inbox';
import { CONSUMER } from './listening';
import { moveDue } from './move';
import type { FlowPlace } from './run';
import { takeIn } from './take-in';

/**
 * `size`: people in a batch, instead of as many as take a moment. `now`: tests bring a clock of their own. `forMs`: then others have their turn. `sparing`: a look for
 * work that has become slow is made seldom, and between two of them only at what is new.
 */
export type TickOptions = { size?: number; now?: Date; forMs?: number; signal?: AbortSignal; sparing?: boolean };

const FOR_MS = 10_000;

/** How many people make a batch that is over in a moment, as the last ones were. */
class Pace {
  private size = 1_000;

  /** Those of a section share a batch, down to a size at which people would only wait for statements. */
  limit(sharing: number): number {
    return Math.max(100, Math.floor(this.size / sharing));
  }

  note(limit: number, done: number, tookMs: number): void {
    if (done < limit) return;
    const wanted = (limit * MOMENT_MS) / Math.max(1, tookMs);
    // Not by a single one, which may have waited for somebody.
    this.size = Math.round(Math.min(20_000, Math.max(200, (this.size + wanted) / 2)));
  }
}
const MOMENT_MS = 200;
const paces = { takeIn: new Pace(), moveDue: new Pace() };

type Busy = FlowPlace & { hasSignals: boolean; isDue: boolean };
type Work = (flow: FlowPlace, options: { limit: number; now?: Date; signal?: AbortSignal }) => Promise<number>;

/** Works until nothing is due, or the time is over. Throws at the end if something failed; everything else is done. */
export async function tick({ size, now, forMs = FOR_MS, signal, sparing = false }: TickOptions = {}): Promise<void> {
  const until = Date.now() + forMs;
  const failed: unknown[] = [];
  const inTurn = async (flows: readonly Busy[], work: Work, pace: Pace): Promise<number> => {
    let all = 0;
    for (const flow of flows) {
      if (signal?.aborted) break;
      const limit = size ?? pace.limit(flows.filter(({ sectionId }) => sectionId === flow.sectionId).length);
      const began = Date.now();
      try {
        const done = await work(flow, { limit, now, signal });
        pace.note(limit, done, Date.now() - began);
        all += done;
      } catch (error) {
        failed.push(error);
      }
    }
    return all;
  };
  let done: number;
  do {
    const busy = sparing ? await looks.busy() : await busyFlows(now ?? (await databaseTime(pool())));
    const taken = busy.filter((flow) => flow.hasSignals);
    done = await inTurn(taken, takeIn, paces.takeIn);
    // Whoever has just entered goes on at once.
    const moving = busy.filter((flow) => flow.hasSignals || flow.isDue);
    done += await inTurn(moving, moveDue, paces.moveDue);
  } while (done > 0 && signal?.aborted !== true && Date.now() <= until);
  if (done === 0) looks.rest();
  if (failed.length > 0) throw failed.length === 1 ? failed[0] : new AggregateError(failed, 'Several flows failed.');
}

/** Up to where everything had been done: what has come since has a later number, and is due later. */
type Mark = { signal: number; due: Date };

/** What is committed late was due a little earlier than it came. */
const LATE_MS = 10_000;
/** A look at everything takes at most a fiftieth of the time. */
const PAUSE_FACTOR = 50;

/**
 * Looks for work that stay cheap while a long transaction, such as that of a report, keeps the database from cleaning up. Rows that are done stand in the indexes before those that
 * are not, and a look at everything passes all of them. So after one with nothing left to do, and that took long, the next ones begin where it ended. What has an earlier number and was
 * committed later is found by the next look at everything.
 */
class Looks {
  #mark: Mark | null = null;
  #read: Mark | null = null;
  #nextAt = 0;

  async busy(): Promise<Busy[]> {
    if (this.#mark && performance.now() < this.#nextAt) return busyFlows(await databaseTime(pool()), this.#mark);
    const mark = await readMark();
    const begun = performance.now();
    const busy = await busyFlows(mark.due);
    this.#nextAt = performance.now() + PAUSE_FACTOR * (performance.now() - begun);
    this.#mark = null;
    this.#read = mark;
    return busy;
  }

  /** What the last look has found is done, or cannot be done now. */
  rest(): void {
    this.#mark ??= this.#read;
  }
}
const looks = new Looks();

/** Read before a look, so that what comes during it is later. On a cluster, numbers do not come in their order: there is no mark of signals. */
async function readMark(): Promise<Mark> {
  const due = await databaseTime(pool());
  if (await isOnCluster()) return { signal: 0, due };
  const { signal } = await one<{ signal: number }>(pool(), sql`select last_value as signal from signal_id_seq`);
  return { signal, due };
}

/**
 * The flows with something in their inbox, in which somebody is due, or that were stopped with somebody in them: a probe of an index for each. Written as
 * the first of a range, as `hasSignals` is, and for the same reason. `mark`: only what is later.
 */
function busyFlows(now: Date, mark: Mark | null = null): Promise<Busy[]> {
  const inbox = { sectionId: sql`flow.section_id`, consumer: CONSUMER, consumerId: sql`flow.id` };
  const after =
    mark === null
      ? sql`run.flow_id >= flow.id`
      : sql`(run.flow_id, run.due_at) > (flow.id, ${new Date(mark.due.getTime() - LATE_MS)})`;
  return rows(
    pool(),
    sql`
      select * from (
        select flow.section_id as "sectionId", flow.id as "flowId", ${hasSignals(inbox, now, mark?.signal)} as "hasSignals", (
            select true from flow_run run
            where run.section_id = flow.section_id and ${after} and run.flow_id <= flow.id
              and run.due_at <= case flow.state when 'live' then ${now}::timestamptz when 'stopped' then 'infinity' end
            order by run.flow_id, run.due_at
            limit 1
          ) is not null as "isDue"
        from flow
        where flow.state <> 'draft'
      ) busy
      where "hasSignals" or "isDue"
      order by "sectionId", "flowId"`,
  );
}
