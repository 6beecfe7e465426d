// Moves those who are due in a flow: claimed, moved from step to step in sets until each has to wait, and written down, in one transaction. So nobody is
// lost or moved twice, whatever fails; and what fails for one person does not hold up the others.
import type { ProfileId } from '@/lib/db/ids';
import { databaseTime } from '@/lib/db/clock';
import { RACE_CODES, transaction } from '@/lib/db/pool';
import { rows, sql, type Sql, type Tx } from '@/lib/db/sql';
import { moveApart, type DuePerson } from './apart';
import { countWays, whoReached } from './goal';
import type { Left } from './outcomes';
import { occupiedVersions, openFlow, usablePlans, type OpenFlow } from './open';
import { whoHas } from './people';
import type { Place, Plan } from './plan';
import { idsOf, STAGE, type FlowPlace, type Moved, type Run, type Scene } from './run';
import { changedTags } from './references';
import { dataOf } from './schema';
import { doingOf } from './steps/doing';
import { Counting, writeLeft, writePositions, writeVisits, type Leaving, type Position, type VisitLine } from './write';

/** `limit`: people at once. `now`: tests bring a clock of their own. `signal`: no more is begun. */
export type MoveOptions = { limit: number; now?: Date; signal?: AbortSignal };

/** For how long those are looked for for whom a batch fails, before other flows have their turn. */
const APART_MS = 1_000;

/** How many steps somebody goes in one transaction. */
const STEPS_AT_ONCE = 50;

/** One batch of those who are due. Returns how many there were: fewer than `limit` are all. */
export async function moveDue(place: FlowPlace, options: MoveOptions): Promise<number> {
  try {
    return await transaction((tx) => moveBatch(tx, place, options), RACE_CODES);
  } catch (error) {
    const { limit, now, signal } = options;
    const due = await transaction(async (tx) => listDue(tx, place, limit, now ?? (await databaseTime(tx))));
    if (due.length === 0) throw error;
    return moveApart(place, due, error, {
      move: (ids) => transaction((tx) => moveBatch(tx, place, { limit: ids.length, now }, ids), RACE_CODES),
      forMs: APART_MS,
      signal,
      now,
    });
  }
}

async function listDue(tx: Tx, place: FlowPlace, limit: number, now: Date): Promise<DuePerson[]> {
  const flow = await openFlow(tx, place.sectionId, place.flowId);
  if (!flow) return [];
  const usable = await usablePlans(tx, flow, await occupiedVersions(tx, flow));
  return rows<DuePerson>(
    tx,
    sql`
      select profile_id as "profileId", version, step from flow_run
      where section_id = ${place.sectionId} and flow_id = ${place.flowId} and due_at <= ${now}
        and version = any(${[...usable.keys()]}::int[])
      order by due_at, profile_id
      limit ${limit}`,
  );
}

/** `only`: none but these. */
async function moveBatch(
  tx: Tx,
  { sectionId, flowId }: FlowPlace,
  { limit, now: given }: MoveOptions,
  only?: readonly ProfileId[],
): Promise<number> {
  const now = given ?? (await databaseTime(tx));
  const flow = await openFlow(tx, sectionId, flowId);
  if (flow?.state === 'stopped') return endAll(tx, flow, limit, now);
  if (flow?.state !== 'live') return 0;
  const plans = await usablePlans(tx, flow, await occupiedVersions(tx, flow));
  if (plans.size === 0) return 0;
  const which = sql`
    run.due_at <= ${now} and run.version = any(${[...plans.keys()]}::int[])
    ${only === undefined ? sql`` : sql`and run.profile_id = any(${only}::bigint[])`}`;
  const claimed = await claim(tx, flow, which, limit);
  if (claimed.length === 0) return 0;
  const takesData = [...plans.values()].some(({ document }) => dataOf(document).length > 0);
  const batch = new Batch({ tx, ...flow, now, takesData }, plans);
  await batch.move(claimed);
  await batch.write();
  return claimed.length;
}

/**
 * Locks some who are in the flow, and skips those whom somebody else has locked: who are moved, erased or merged at this moment. Whoever erases a person
 * waits for the batch then, and holds nothing that the batch waits for.
 */
function claim(tx: Tx, { sectionId, flowId }: OpenFlow, which: Sql, limit: number): Promise<Run[]> {
  return rows<Run>(
    tx,
    sql`
      select * from (
        select run.profile_id as "profileId", run.entry, run.version, run.step, run.stage,
          run.arrived_at as "arrivedAt", run.entered_at as "enteredAt", run.hops, run.attempts,
          run.operation_id as "operationId", run.caused_at as "causedAt", run.heard_at as "heardAt", run.recipient
        from flow_run run
        join profile on profile.section_id = ${sectionId} and profile.id = run.profile_id
        where run.section_id = ${sectionId} and run.flow_id = ${flowId} and ${which}
        order by run.due_at, run.profile_id
        limit ${limit}
        for update of run skip locked
        for key share of profile skip locked
      ) locked`,
  );
}

/** Everybody leaves a flow that was stopped. */
async function endAll(tx: Tx, flow: OpenFlow, limit: number, now: Date): Promise<number> {
  const claimed = await claim(tx, flow, sql`run.due_at is not null`, limit);
  const counting = new Counting();
  const place = { tx, ...flow };
  await writeLeft(place, claimed, 'stopped', now, counting);
  await counting.write(place, now);
  return claimed.length;
}

class Batch {
  readonly #positions: Position[] = [];
  readonly #visits: VisitLine[] = [];
  readonly #counting = new Counting();
  readonly #reached: Pick<Leaving, 'profileId' | 'entry'>[] = [];
  #ending: Run[] = [];
  #hasChangedTags = false;

  constructor(
    private readonly scene: Scene,
    private readonly plans: ReadonlyMap<number, Plan>,
  ) {}

  /** Moves people until each has to wait, or has left. */
  async move(claimed: readonly Run[]): Promise<void> {
    let runs = claimed;
    for (let round = 0; runs.length > 0; round++) {
      const staying = await this.#notReached(await this.#withoutExitTag(runs));
      if (round === STEPS_AT_ONCE) {
        staying.forEach((run) => this.#stay(run, run.stage, this.scene.now, run.recipient));
        return;
      }
      runs = await this.#doSteps(staying);
      await this.#endOfFlow();
    }
  }

  async write(): Promise<void> {
    const { now } = this.scene;
    await writePositions(this.scene, this.#positions, now);
    await writeVisits(this.scene, this.#visits, now);
    await countWays(this.scene, this.#reached, this.#counting);
    await this.#counting.write(this.scene, now);
  }

  /** Looked at before each step, as somebody, or a step of the flow itself, may have given it since. */
  async #withoutExitTag(runs: readonly Run[]): Promise<readonly Run[]> {
    const { tx, sectionId, settings } = this.scene;
    if (settings.exitTagId === null) return runs;
    const having = await whoHas(tx, sectionId, settings.exitTagId, idsOf(runs));
    for (const run of runs.filter(({ profileId }) => having.has(profileId))) {
      this.#counting.through(run.version, run.step, 'left');
      this.#end(run, 'exit_tag', run.step);
    }
    return runs.filter(({ profileId }) => !having.has(profileId));
  }

  /** Looked at as often, for the same reason. */
  async #notReached(runs: readonly Run[]): Promise<readonly Run[]> {
    const { tx, settings, now } = this.scene;
    if (settings.goal === null || runs.length === 0) return runs;
    const reached = await whoReached(tx, this.scene, idsOf(runs), now);
    for (const run of runs.filter(({ profileId }) => reached.has(profileId))) {
      this.#counting.through(run.version, run.step, 'left');
      this.#end(run, 'goal', run.step);
    }
    return runs.filter(({ profileId }) => !reached.has(profileId));
  }

  /** Those who are through the last step: it may have been what let them reach the goal. */
  async #endOfFlow(): Promise<void> {
    const { tx, now } = this.scene;
    const reached = await whoReached(tx, this.scene, idsOf(this.#ending), now);
    for (const run of this.#ending) this.#end({ ...run, step: null }, reached.has(run.profileId) ? 'goal' : 'done');
    this.#ending = [];
  }

  async #doSteps(runs: readonly Run[]): Promise<Run[]> {
    const going: Run[] = [];
    for (const { plan, step: id, group } of this.#byStep(runs)) {
      const place = plan.at(id);
      if (!place) throw new Error(`There is no step ${id} in this version.`);
      // Others lock a profile before its tags: what changes profiles is done in a transaction that has changed no tags.
      if (place.step.kind === 'attribute' && this.#hasChangedTags) {
        group.forEach((run) => this.#stay(run, STAGE.arrived, this.scene.now, null));
        continue;
      }
      const moved = await doingOf(place.step)(this.scene, place.step, group);
      if (changedTags(place.step).length > 0) this.#hasChangedTags = true;
      group.forEach((run, index) => {
        const next = this.#apply(run, plan, place, moved[index]!);
        if (next) going.push(next);
      });
    }
    return going;
  }

  #byStep(runs: readonly Run[]): { plan: Plan; step: string; group: Run[] }[] {
    const groups = new Map<string, { plan: Plan; step: string; group: Run[] }>();
    for (const run of runs) {
      const key = `${run.version} ${run.step}`;
      const known = groups.get(key);
      if (known) known.group.push(run);
      else groups.set(key, { plan: this.plans.get(run.version)!, step: run.step, group: [run] });
    }
    return [...groups.values()];
  }

  /** Returns somebody who goes on at once. */
  #apply(run: Run, plan: Plan, place: Place, moved: Moved): Run | undefined {
    if (moved.go === 'stay') {
      this.#stay(run, moved.stage, moved.dueAt, moved.recipient ?? null);
      return undefined;
    }
    const { version, step } = run;
    this.#counting.through(version, step, moved.what);
    if (moved.go === 'leave') {
      this.#line(run, moved.what, moved.note ?? null);
      this.#end(run, moved.left);
      return undefined;
    }
    const { way } = moved;
    this.#line(run, moved.what, moved.note ?? (way === undefined ? null : (way ?? 'otherwise')));
    if (way !== undefined) this.#counting.took(version, step, way);
    const next = way === undefined ? place.next : plan.into(place, way);
    if (next === null) {
      this.#ending.push(run);
      return undefined;
    }
    this.#counting.arrived(version, next);
    const heardAt = moved.heardAt ?? run.heardAt;
    return { ...run, step: next, stage: STAGE.arrived, arrivedAt: this.scene.now, recipient: null, heardAt };
  }

  #stay(run: Run, stage: number, dueAt: Date, recipient: number | null): void {
    const { profileId, step, arrivedAt, heardAt, hops } = run;
    this.#positions.push({ profileId, step, stage, dueAt, arrivedAt, left: null, recipient, heardAt, hops });
  }

  /** `at`: the step that they did not get through. */
  #end({ profileId, entry, version, step, arrivedAt }: Leaving, left: Left, at: string | null = null): void {
    if (left === 'goal') this.#reached.push({ profileId, entry });
    this.#counting.left(version, left);
    this.#positions.push({ profileId, step, stage: 0, dueAt: null, arrivedAt, left, recipient: null });
    this.#visits.push({ profileId, entry, version, step: at, what: 'left', note: left });
  }

  #line({ profileId, entry, version, step }: Run, what: VisitLine['what'], note: string | null): void {
    this.#visits.push({ profileId, entry, version, step, what, note });
  }
}
