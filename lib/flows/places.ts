// Moves people in a flow to another place, takes them out of it, and puts them back: for operations and their undos. Each is noted with where they were
// and where they were left, so that only those are put back who have stayed there since.
import type { FlowId, OperationId, ProfileId, SectionId } from '@/lib/db/ids';
import { databaseTime } from '@/lib/db/clock';
import { execute, rows, sql, type Tx } from '@/lib/db/sql';
import { whatBecameOf } from '@/lib/messages/for-flows';
import { hear } from './hear';
import { lockFlow } from './lock';
import { planOf } from './open';
import { whatBecameOfOut } from './out';
import type { Left } from './outcomes';
import { STAGE } from './run';
import { Counting, writeLeft, writeVisits } from './write';

type FlowPlace = { tx: Tx; sectionId: SectionId; flowId: FlowId };

/** Where somebody is in a flow, with their entry. */
export type Placed = {
  profileId: ProfileId;
  entry: number;
  version: number;
  step: string;
  stage: number;
  dueAt: Date;
  arrivedAt: Date;
  /** Whose message they wait for. */
  recipient: number | null;
};

/** The columns of a `Placed`, of a row `run`. */
export const PLACED = sql`
  run.profile_id as "profileId", run.entry, run.version, run.step, run.stage, run.due_at as "dueAt",
  run.arrived_at as "arrivedAt", run.recipient`;

export type Target = Pick<Placed, 'version' | 'step' | 'stage' | 'dueAt' | 'arrivedAt' | 'recipient'>;

/** Moves people who are locked. They are counted in the version in which they are; where they entered stays. */
export async function moveRuns(
  place: FlowPlace,
  operationId: OperationId,
  moves: readonly { run: Placed; to: Target }[],
  now: Date,
  counting: Counting,
): Promise<void> {
  if (moves.length === 0) return;
  await note(
    place,
    operationId,
    moves.map(({ run, to }) => ({ ...run, left: null, to: { ...to, left: null } })),
    now,
  );
  await putAt(
    place,
    moves.map(({ run, to }) => ({ ...to, profileId: run.profileId })),
  );
  for (const { run, to } of moves) {
    counting.arrived(run.version, run.step, -1);
    counting.arrived(to.version, to.step);
    counting.changedVersion(run.version, to.version);
  }
  await writeVisits(
    place,
    moves.map(({ run: { profileId, entry, version }, to }) => ({
      ...{ profileId, entry, version: to.version, step: to.step, what: 'moved', note: String(version) },
    })),
    now,
  );
}

/** Takes people out who are locked. */
export async function endRuns(
  place: FlowPlace,
  operationId: OperationId,
  runs: readonly Placed[],
  how: Left,
  now: Date,
  counting: Counting,
): Promise<void> {
  if (runs.length === 0) return;
  await note(
    place,
    operationId,
    runs.map((run) => ({ ...run, left: null, to: { ...run, left: how } })),
    now,
  );
  await writeLeft(place, runs, how, now, counting);
}

/** People who have left by `left` are in it again, where they were. */
async function bringBack(
  place: FlowPlace,
  operationId: OperationId,
  runs: readonly (Placed & { left: Left })[],
  now: Date,
  counting: Counting,
): Promise<void> {
  if (runs.length === 0) return;
  await note(
    place,
    operationId,
    runs.map((run) => ({ ...run, dueAt: null, to: { ...run, left: null } })),
    now,
  );
  await putAt(place, runs);
  for (const { version, step, left } of runs) {
    counting.through(version, step, 'left', -1);
    counting.left(version, left, -1);
  }
  await writeVisits(
    place,
    runs.map(({ profileId, entry, version, step }) => ({
      ...{ profileId, entry, version, step, what: 'moved', note: null },
    })),
    now,
  );
}

async function putAt(
  { tx, sectionId, flowId }: FlowPlace,
  places: readonly (Target & { profileId: ProfileId })[],
): Promise<void> {
  await execute(
    tx,
    sql`
      update flow_run run
      set version = moved.version, step = moved.step, stage = moved.stage, due_at = moved.due_at,
        arrived_at = moved.arrived_at, recipient = moved.recipient, left_at = null, outcome = null, attempts = 0,
        error = null
      from unnest(
        ${places.map(({ profileId }) => profileId)}::bigint[], ${places.map(({ version }) => version)}::int[],
        ${places.map(({ step }) => step)}::text[], ${places.map(({ stage }) => stage)}::smallint[],
        ${places.map(({ dueAt }) => dueAt)}::timestamptz[], ${places.map(({ arrivedAt }) => arrivedAt)}::timestamptz[],
        ${places.map(({ recipient }) => recipient)}::bigint[]
      ) moved (profile_id, version, step, stage, due_at, arrived_at, recipient)
      where run.section_id = ${sectionId} and run.flow_id = ${flowId} and run.profile_id = moved.profile_id`,
  );
}

type Noted = Omit<Placed, 'dueAt'> & {
  dueAt: Date | null;
  left: Left | null;
  to: { version: number; step: string; arrivedAt: Date; left: Left | null };
};

async function note(
  { tx, sectionId, flowId }: FlowPlace,
  operationId: OperationId,
  lines: readonly Noted[],
  now: Date,
): Promise<void> {
  await execute(
    tx,
    sql`
      insert into flow_moved
        (section_id, operation_id, flow_id, profile_id, entry, version, step, stage, due_at, arrived_at, recipient, "left",
          to_version, to_step, to_arrived_at, to_left, at)
      select ${sectionId}::int, ${operationId}::int, ${flowId}::int, line.*, ${now}::timestamptz
      from unnest(
        ${lines.map(({ profileId }) => profileId)}::bigint[], ${lines.map(({ entry }) => entry)}::int[],
        ${lines.map(({ version }) => version)}::int[], ${lines.map(({ step }) => step)}::text[],
        ${lines.map(({ stage }) => stage)}::smallint[], ${lines.map(({ dueAt }) => dueAt)}::timestamptz[],
        ${lines.map(({ arrivedAt }) => arrivedAt)}::timestamptz[], ${lines.map(({ recipient }) => recipient)}::bigint[],
        ${lines.map(({ left }) => left)}::text[], ${lines.map(({ to }) => to.version)}::int[],
        ${lines.map(({ to }) => to.step)}::text[], ${lines.map(({ to }) => to.arrivedAt)}::timestamptz[],
        ${lines.map(({ to }) => to.left)}::text[]
      ) line`,
  );
}

/** Rows `moved` of these operations whose people are where they were left, as a condition on `run` and its `flow`. */
export const STAYED = sql`
  run.entry = moved.entry and run.version = moved.to_version and run.step = moved.to_step
  and run.arrived_at = moved.to_arrived_at and run.outcome is not distinct from moved.to_left
  and (run.due_at is null) = (moved.to_left is not null) and flow.state in ('live', 'paused') and flow.deleted_at is null`;

/** What one step of an undo did with those whom operations moved. */
export type PutBack = { cursor: number; looked: number; back: number; kept: number };

type Movement = Noted & { id: number; flowId: FlowId };

/**
 * Puts people back where they were before the operations `ids`, up to `limit` of them after `after`. People who have gone on since, or whose flow was stopped,
 * is kept. Noted under `operationId`, so that it can be reverted in the same way.
 */
export async function putBack(
  tx: Tx,
  { sectionId, operationId }: { sectionId: SectionId; operationId: OperationId },
  ids: readonly OperationId[],
  { after, limit }: { after: number; limit: number },
): Promise<PutBack> {
  const now = await databaseTime(tx);
  const found = await rows<{ id: number; flowId: FlowId }>(
    tx,
    sql`
      select id, flow_id as "flowId" from flow_moved
      where section_id = ${sectionId} and operation_id = any(${ids}::int[]) and id > ${after}
      order by id
      limit ${limit}`,
  );
  let back = 0;
  for (const flowId of [...new Set(found.map((each) => each.flowId))].sort((left, right) => left - right)) {
    const place = { tx, sectionId, flowId };
    const lines = found.filter((each) => each.flowId === flowId).map(({ id }) => id);
    back += await putBackIn(place, operationId, lines, now);
  }
  const cursor = found.at(-1)?.id ?? after;
  return { cursor, looked: found.length, back, kept: found.length - back };
}

async function putBackIn(
  place: FlowPlace,
  operationId: OperationId,
  lines: readonly number[],
  now: Date,
): Promise<number> {
  const { tx, sectionId, flowId } = place;
  const staying = await rows<Movement>(
    tx,
    sql`
      select moved.id, moved.profile_id as "profileId", moved.entry, moved.version, moved.step, moved.stage,
        moved.due_at as "dueAt", moved.arrived_at as "arrivedAt", moved.recipient, moved."left",
        json_build_object('version', moved.to_version, 'step', moved.to_step, 'left', moved.to_left) as to
      from flow_moved moved
      join flow on flow.section_id = ${sectionId} and flow.id = ${flowId}
      join flow_run run
        on run.section_id = ${sectionId} and run.flow_id = ${flowId} and run.profile_id = moved.profile_id
      where moved.section_id = ${sectionId} and moved.id = any(${lines}::bigint[]) and ${STAYED}
      order by run.profile_id
      for update of run`,
  );
  const counting = new Counting();
  const unsent = await withdrawn(place, staying);
  const here = await whereTheyAre(place, staying);
  const moved: { run: Placed; to: Target }[] = [];
  const ended: Placed[] = [];
  const returning: (Placed & { left: Left })[] = [];
  for (const noted of staying) {
    const run = here.get(noted.profileId)!;
    // They get it as if they had just come there.
    const line = unsent.has(noted) ? { ...noted, stage: STAGE.arrived, dueAt: now, recipient: null } : noted;
    if (line.to.left !== null) returning.push({ ...line, dueAt: line.dueAt ?? now, left: line.to.left });
    else if (line.left !== null) ended.push(run);
    else moved.push({ run, to: { ...line, dueAt: line.dueAt ?? now } });
  }
  await moveRuns(place, operationId, moved, now, counting);
  for (const how of new Set(staying.flatMap(({ left }) => left ?? []))) {
    const of = new Set(staying.filter(({ left }) => left === how).map(({ profileId }) => profileId));
    await endRuns(place, operationId, ended.filter(({ profileId }) => of.has(profileId)), how, now, counting); // prettier-ignore
  }
  await bringBack(place, operationId, returning, now, counting);
  await counting.write(place, now);
  if (staying.length > 0) await hearAgain(place);
  return staying.length;
}

/** Those of the lines whose message, or what was to be told about them, was withdrawn while they were elsewhere. */
async function withdrawn({ tx, sectionId, flowId }: FlowPlace, lines: readonly Movement[]): Promise<Set<Movement>> {
  const sending = lines.filter(({ stage, recipient }) => stage === STAGE.sending && recipient !== null);
  const gone = new Set<Movement>();
  for (const version of new Set(sending.map((line) => line.version))) {
    const plan = await planOf(tx, sectionId, flowId, version);
    const of = sending.filter((line) => line.version === version);
    const byMessage = of.filter(({ step }) => ['email', 'sms'].includes(plan.at(step)?.step.kind ?? ''));
    const numbers = (some: readonly Movement[]) => some.flatMap(({ recipient }) => recipient ?? []);
    const messages = await whatBecameOf(tx, sectionId, numbers(byMessage));
    const told = await whatBecameOfOut(tx, sectionId, numbers(of.filter((line) => !byMessage.includes(line))));
    for (const line of of) {
      const became = (byMessage.includes(line) ? messages : told).get(line.recipient!);
      if (became?.state === 'skipped' || became?.state === 'cancelled') gone.add(line);
    }
  }
  return gone;
}

/** Those of the lines who are in the flow now, as they are. */
async function whereTheyAre(
  { tx, sectionId, flowId }: FlowPlace,
  lines: readonly Movement[],
): Promise<Map<ProfileId, Placed>> {
  const found = await rows<Placed>(
    tx,
    sql`
      select ${PLACED} from flow_run run
      where run.section_id = ${sectionId} and run.flow_id = ${flowId}
        and run.profile_id = any(${lines.map(({ profileId }) => profileId)}::bigint[])`,
  );
  return new Map(found.map((run) => [run.profileId, run]));
}

/** What people in the versions that are occupied now may wait for. */
export async function hearAgain({ tx, sectionId, flowId }: FlowPlace): Promise<void> {
  const { document, settings, state } = await lockFlow(tx, sectionId, flowId);
  await hear(tx, { sectionId, flowId }, { document, settings, isOn: state === 'live' || state === 'paused' });
}
