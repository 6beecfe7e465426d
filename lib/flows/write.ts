// Writes down where people are in a flow, where they have been, and the numbers of it: for a whole batch in one statement each.
import type { FlowId, OperationId, ProfileId, SectionId } from '@/lib/db/ids';
import { execute, sql, type Tx } from '@/lib/db/sql';
import { asJson } from './given';
import type { AtStep, Happened, Left, Refused } from './outcomes';

type FlowPlace = { tx: Tx; sectionId: SectionId; flowId: FlowId };

/** Where somebody is now. `dueAt` null: they have left, by `left`. */
export type Position = {
  profileId: ProfileId;
  step: string | null;
  stage: number;
  dueAt: Date | null;
  arrivedAt: Date;
  left: Left | null;
  /** Whose message they wait for. */
  recipient: number | null;
  /** Undefined: as they are. */
  heardAt?: Date | null;
  hops?: number;
};

/** Somebody’s history: a step that they are through, that they entered, or how they left. */
export type VisitLine = {
  profileId: ProfileId;
  entry: number;
  version: number;
  step: string | null;
  what: Happened;
  note: string | null;
};

/** Numbers that a batch adds, by version, step and what happened. */
export class Counting {
  readonly #numbers = new Map<string, { version: number; step: string; what: string; number: number }>();

  arrived(version: number, step: string, number = 1): void {
    this.#add(version, step, 'arrived', number);
  }

  through(version: number, step: string, what: AtStep, number = 1): void {
    this.#add(version, step, what, number);
  }

  /** Somebody took a way of a block; null: the one for whoever takes no other. */
  took(version: number, step: string, way: string | null): void {
    if (way === null) this.#add(version, step, 'otherwise', 1);
    else this.#add(version, way, 'taken', 1);
  }

  /** Somebody reached the goal who had taken a way; null as above. */
  reachedBy(version: number, step: string, way: string | null, number: number): void {
    if (way === null) this.#add(version, step, 'goal_otherwise', number);
    else this.#add(version, way, 'goal', number);
  }

  entered(version: number, number: number): void {
    this.#add(version, '', 'entered', number);
  }

  left(version: number, how: Left, number = 1): void {
    this.#add(version, '', `left:${how}`, number);
  }

  /** Somebody goes on in another version than before. */
  changedVersion(from: number, to: number): void {
    this.#add(from, '', 'moved:out', 1);
    this.#add(to, '', 'moved:in', 1);
  }

  refused(version: number, why: Refused, number: number): void {
    this.#add(version, '', `refused:${why}`, number);
  }

  #add(version: number, step: string, what: string, number: number): void {
    if (number === 0) return;
    const key = `${version} ${step} ${what}`;
    const known = this.#numbers.get(key);
    if (known) known.number += number;
    else this.#numbers.set(key, { version, step, what, number });
  }

  /** Each connection adds to a slot of its own, so that two batches never wait for each other. `now`: whose day it is counted for. */
  async write(place: FlowPlace, now: Date): Promise<void> {
    const { tx, sectionId, flowId } = place;
    const all = [...this.#numbers.values()].filter(({ number }) => number !== 0);
    if (all.length === 0) return;
    await execute(
      tx,
      sql`
        insert into flow_count as counter (section_id, flow_id, version, step, what, slot, number)
        select ${sectionId}::int, ${flowId}::int, added.version, added.step, added.what, pg_backend_pid(), added.number
        from unnest(
          ${all.map(({ version }) => version)}::int[], ${all.map(({ step }) => step)}::text[],
          ${all.map(({ what }) => what)}::text[], ${all.map(({ number }) => number)}::bigint[]
        ) added (version, step, what, number)
        order by added.version, added.step, added.what
        on conflict (section_id, flow_id, version, step, what, slot) do update
        set number = counter.number + excluded.number`,
    );
    await this.#writeDay(place, now);
  }

  async #writeDay({ tx, sectionId, flowId }: FlowPlace, now: Date): Promise<void> {
    const byWhat = new Map<string, number>();
    for (const { step, what, number } of this.#numbers.values()) {
      const counted = step === '' ? OF_DAYS[what] : undefined;
      if (counted) byWhat.set(counted, (byWhat.get(counted) ?? 0) + number);
    }
    const all = [...byWhat].filter(([, number]) => number !== 0).sort();
    if (all.length === 0) return;
    await execute(
      tx,
      sql`
        insert into flow_day as counter (section_id, flow_id, day, what, slot, number)
        select ${sectionId}::int, ${flowId}::int, ${now.toISOString().slice(0, 10)}::date, added.what, pg_backend_pid(),
          added.number
        from unnest(
          ${all.map(([what]) => what)}::text[], ${all.map(([, number]) => number)}::bigint[]
        ) added (what, number)
        on conflict (section_id, flow_id, day, what, slot) do update set number = counter.number + excluded.number`,
    );
  }
}

/** What is counted by day as well. */
const OF_DAYS: Partial<Record<string, 'entered' | 'done' | 'goal'>> = {
  ...{ entered: 'entered', 'left:done': 'done', 'left:goal': 'goal' },
};

/** Of runs that are locked. */
export async function writePositions(
  { tx, sectionId, flowId }: FlowPlace,
  positions: readonly Position[],
  now: Date,
): Promise<void> {
  if (positions.length === 0) return;
  await execute(
    tx,
    sql`
      update flow_run run
      set step = moved.step, stage = moved.stage, due_at = moved.due_at, arrived_at = moved.arrived_at,
        left_at = moved.left_at, outcome = moved.outcome, recipient = moved.recipient,
        heard_at = coalesce(moved.heard_at, run.heard_at), hops = coalesce(moved.hops, run.hops), attempts = 0, error = null
      from unnest(
        ${positions.map(({ profileId }) => profileId)}::bigint[], ${positions.map(({ step }) => step)}::text[],
        ${positions.map(({ stage }) => stage)}::smallint[], ${positions.map(({ dueAt }) => dueAt)}::timestamptz[],
        ${positions.map(({ arrivedAt }) => arrivedAt)}::timestamptz[],
        ${positions.map(({ left }) => (left === null ? null : now))}::timestamptz[],
        ${positions.map(({ left }) => left)}::text[], ${positions.map(({ recipient }) => recipient)}::bigint[],
        ${positions.map(({ heardAt = null }) => heardAt)}::timestamptz[],
        ${positions.map(({ hops = null }) => hops)}::smallint[]
      ) moved (profile_id, step, stage, due_at, arrived_at, left_at, outcome, recipient, heard_at, hops)
      where run.section_id = ${sectionId} and run.flow_id = ${flowId} and run.profile_id = moved.profile_id`,
  );
}

export async function writeVisits(
  { tx, sectionId, flowId }: FlowPlace,
  visits: readonly VisitLine[],
  now: Date,
): Promise<void> {
  if (visits.length === 0) return;
  await execute(
    tx,
    sql`
      insert into flow_visit (section_id, flow_id, profile_id, entry, version, step, what, note, at)
      select ${sectionId}::int, ${flowId}::int, line.profile_id, line.entry, line.version, line.step, line.what, line.note,
        ${now}::timestamptz
      from unnest(
        ${visits.map(({ profileId }) => profileId)}::bigint[], ${visits.map(({ entry }) => entry)}::int[],
        ${visits.map(({ version }) => version)}::int[], ${visits.map(({ step }) => step)}::text[],
        ${visits.map(({ what }) => what)}::text[], ${visits.map(({ note }) => note)}::text[]
      ) with ordinality line (profile_id, entry, version, step, what, note, number)
      order by line.number`,
  );
}

/** Somebody who is in the flow, and locked. */
export type Leaving = { profileId: ProfileId; entry: number; version: number; step: string | null; arrivedAt: Date };

/** People leave wherever they are. */
export async function writeLeft(
  place: FlowPlace,
  runs: readonly Leaving[],
  how: Left,
  now: Date,
  counting: Counting,
): Promise<void> {
  for (const { version, step } of runs) {
    if (step !== null) counting.through(version, step, 'left');
    counting.left(version, how);
  }
  await writePositions(
    place,
    runs.map(({ profileId, step, arrivedAt }) => ({
      ...{ profileId, step, stage: 0, dueAt: null, arrivedAt, left: how, recipient: null },
    })),
    now,
  );
  await writeVisits(
    place,
    runs.map(({ profileId, entry, version, step }) => ({ profileId, entry, version, step, what: 'left', note: how })),
    now,
  );
}

/** Somebody who would have entered, had the flow been going. */
export type Kept = { profileId: ProfileId; at: Date; hops: number; operationId: OperationId | null; given: unknown };

/** Keeps them, to be let in or not when the flow goes on. */
export async function keepOut(
  { tx, sectionId, flowId }: FlowPlace,
  people: readonly Kept[],
  why: 'paused' | 'attention',
): Promise<void> {
  if (people.length === 0) return;
  await execute(
    tx,
    sql`
      insert into flow_kept (section_id, flow_id, profile_id, why, at, hops, operation_id, given)
      select ${sectionId}::int, ${flowId}::int, kept.profile_id, ${why}::text, kept.at, kept.hops, kept.operation_id,
        kept.given
      from unnest(
        ${people.map(({ profileId }) => profileId)}::bigint[], ${people.map(({ at }) => at)}::timestamptz[],
        ${people.map(({ hops }) => hops)}::smallint[], ${people.map(({ operationId }) => operationId)}::int[],
        ${people.map(({ given }) => asJson(given))}::jsonb[]
      ) kept (profile_id, at, hops, operation_id, given)
      join profile on profile.section_id = ${sectionId} and profile.id = kept.profile_id
      order by kept.profile_id
      on conflict (section_id, flow_id, profile_id) do nothing`,
  );
}
