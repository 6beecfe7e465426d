// People who are in older versions of a flow: moved to the one into which people come now, or ended, by the step at which they are. An operation, which
// can be undone for those who have not gone on since.
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { databaseTime } from '@/lib/db/clock';
import { FlowIdSchema, type FlowId, type SectionId } from '@/lib/db/ids';
import { one, rows, sql, type Db, type Tx } from '@/lib/db/sql';
import { operationKind, type OperationStep } from '@/lib/work/kind';
import { addCounts } from '@/lib/work/schema';
import { startOperation } from '@/lib/work/start';
import { ofFlow } from './address';
import { lostInFlows } from './attention';
import { lockFlow } from './lock';
import { planOf } from './open';
import { endRuns, hearAgain, moveRuns, PLACED, type Placed, type Target } from './places';
import { STAGE } from './run';
import type { Plan } from './plan';
import { FlowSettingsSchema, InFlow, STEPS_MAX, type FlowSettings } from './schema';
import { Counting } from './write';

const STEP = 2_000;
/** Steps of versions about which something can be said at once. */
const PLACES_MAX = 10 * STEPS_MAX;

/** Those at a step of an older version. `to`: the step of the new version at which they go on; null: they leave the flow. */
const PlaceSchema = z.object({ version: z.int().min(1), step: z.string().max(16), to: z.string().max(16).nullable() });
type Place = z.output<typeof PlaceSchema>;

const Input = z.object({
  flowId: FlowIdSchema,
  into: z.int().min(1),
  places: z.array(PlaceSchema).min(1).max(PLACES_MAX),
});

/**
 * How many are at a step of an older version. `same`: the step is in the version into which people come now; `changed`: but set up in another way.
 * `held`: why nobody in that version goes on; null: they do.
 */
export type OlderPlace = {
  version: number;
  step: string;
  people: number;
  same: boolean;
  changed: boolean;
  held: string | null;
};

/** Who is in older versions, by step; the oldest version first. */
export async function listOlderPlaces(
  db: Db,
  sectionId: SectionId,
  flowId: FlowId,
): Promise<{ into: number | null; places: OlderPlace[] }> {
  const { into, settings } = await one<{ into: number | null; settings: unknown }>(
    db,
    sql`select version as into, settings from flow where section_id = ${sectionId} and id = ${flowId}`,
  );
  if (into === null) return { into, places: [] };
  const found = await rows<{ version: number; step: string; people: number }>(
    db,
    sql`
      select version, step, count(*) as people from flow_run
      where section_id = ${sectionId} and flow_id = ${flowId} and due_at is not null and version <> ${into}
      group by version, step
      order by version, step`,
  );
  const now = await planOf(db, sectionId, flowId, into);
  const plans = new Map<number, Plan>();
  for (const version of new Set(found.map((place) => place.version)))
    plans.set(version, await planOf(db, sectionId, flowId, version));
  const held = await heldVersions(db, sectionId, FlowSettingsSchema.parse(settings), plans);
  const places: OlderPlace[] = [];
  for (const place of found) {
    const before = plans.get(place.version)!.at(place.step)?.step;
    const after = now.at(place.step)?.step;
    const same = before !== undefined && before.kind === after?.kind;
    places.push({
      ...place,
      same,
      changed: same && settingsOf(before) !== settingsOf(after),
      held: held.get(place.version) ?? null,
    });
  }
  return { into, places };
}

/** Of these versions, those in which nobody goes on, since something that they use is hidden or gone, and why. */
async function heldVersions(
  db: Db,
  sectionId: SectionId,
  settings: FlowSettings,
  plans: ReadonlyMap<number, Plan>,
): Promise<Map<number, string>> {
  const lost = await lostInFlows(
    db,
    sectionId,
    [...plans.values()].map(({ document }) => ({ document, settings })),
  );
  const held = new Map<number, string>();
  for (const [index, version] of [...plans.keys()].entries()) {
    const [first] = lost[index]!;
    if (first) held.set(version, first.reason);
  }
  return held;
}

/** Without what is on the ways of a block. */
const settingsOf = (step: object): string =>
  JSON.stringify(step, (key, value: unknown) => (key === 'steps' || key === 'otherwise' ? undefined : value));

export const olderVersionsKind = operationKind({
  kind: 'flow_versions',
  input: Input,
  undoable: true,
  cancellable: true,
  retryable: true,
  listed: true,
  words: {
    name: 'People moved between versions of flows',
    counts: [
      ['moved', 'profiles moved'],
      ['ended', 'profiles taken out'],
    ],
    none: 'Nobody was there any more.',
  },
  step: (tx, operation) => versionsStep(tx, operation),
  page: async (db, { sectionId, id }) => {
    const { flowId } = await one<{ flowId: number }>(
      db,
      sql`
        select (input ->> 'flowId')::int as "flowId" from operation
        where section_id = ${sectionId} and id = ${id}`,
    );
    return { path: `/flows/${flowId}`, words: 'Open the flow' };
  },
});

/**
 * Starts moving those who are at steps of older versions to the version into which people come now, or taking them out: `{ operationId }` gives its
 * progress and can be undone. `into`: that version, as the person has seen it; refused with `conflict` if another one was published since.
 */
export const moveOlderVersions = command({
  name: 'flows.move-older-versions',
  scope: 'section',
  allow: 'everyone',
  input: InFlow.extend({ into: Input.shape.into, places: Input.shape.places }),
  run: async ({ tx, actor }, { sectionId, flowId, into, places }) => {
    const { name, version, state } = await lockFlow(tx, sectionId, flowId);
    if (state !== 'live' && state !== 'paused') refuse('conflict', 'This flow is not live: everybody has left it.');
    if (version !== into) refuse('conflict', 'Someone has published this flow since. Look again who is where.');
    const plan = await planOf(tx, sectionId, flowId, into);
    for (const { version: from, to } of places) {
      if (from >= into) refuse('invalid', 'They are in the newest version already.', { field: 'places' });
      if (to !== null && !plan.at(to))
        refuse('invalid', `One of the steps is not in version ${into}.`, { field: 'places' });
    }
    const { total, leaving } = await one<{ total: number; leaving: number }>(
      tx,
      sql`
        select count(*) as total, count(*) filter (where place."to" is null) as leaving
        from flow_run run
        join ${asRelation(places)} on place.version = run.version and place.step = run.step
        where run.section_id = ${sectionId} and run.flow_id = ${flowId} and run.due_at is not null`,
    );
    if (total === 0) refuse('not_found', 'Nobody is there any more.');
    const summary = inWords({ name, into, moving: total - leaving, leaving });
    const operationId = await startOperation(tx, olderVersionsKind, {
      sectionId,
      summary,
      input: { flowId, into, places },
      total,
      userId: actorUserId(actor),
    });
    return { operationId, summary };
  },
  audit: ({ flowId }, { operationId, summary }) => ({
    summary,
    subject: ofFlow(flowId),
    details: { operation: operationId },
  }),
});

const people = (count: number) => (count === 1 ? '1 profile' : `${count.toLocaleString('en-GB')} profiles`);

function inWords(about: { name: string; into: number; moving: number; leaving: number }): string {
  const { name, into, moving, leaving } = about;
  if (leaving === 0) return `Move ${people(moving)} to version ${into} of the flow “${name}”`;
  if (moving === 0) return `Take ${people(leaving)} in older versions out of the flow “${name}”`;
  return `Move ${people(moving)} to version ${into} of the flow “${name}”, and take ${people(leaving)} out`;
}

const asRelation = (places: readonly Place[]) => sql`unnest(
  ${places.map(({ version }) => version)}::int[], ${places.map(({ step }) => step)}::text[],
  ${places.map(({ to }) => to)}::text[]
) place (version, step, "to")`;

/** People who have been moved are no longer there, so each step looks at those who are left. */
const versionsStep: OperationStep<z.output<typeof Input>> = async (tx, operation) => {
  const { sectionId, id: operationId, input } = operation;
  const { flowId, into, places } = input;
  const { state } = await lockFlow(tx, sectionId, flowId);
  if (state !== 'live' && state !== 'paused') refuse('conflict', 'The flow was stopped. What was done so far stays.');
  const now = await databaseTime(tx);
  const found = await rows<Placed & { to: string | null }>(
    tx,
    sql`
      select ${PLACED}, place."to"
      from flow_run run
      join ${asRelation(places)} on place.version = run.version and place.step = run.step
      where run.section_id = ${sectionId} and run.flow_id = ${flowId} and run.due_at is not null
      order by run.profile_id
      limit ${STEP}
      for update of run`,
  );
  const place = { tx, sectionId, flowId };
  const counting = new Counting();
  const leaving = found.filter(({ to }) => to === null);
  const moves = await targets(tx, { sectionId, flowId, into }, found, now);
  await moveRuns(place, operationId, moves, now, counting);
  await endRuns(place, operationId, leaving, 'ended', now, counting);
  await counting.write(place, now);
  if (found.length > 0) await hearAgain(place);
  return {
    cursor: 0,
    progress: operation.progress + found.length,
    counts: addCounts(operation.counts, { moved: moves.length, ended: leaving.length }),
    done: found.length < STEP,
  };
};

/** At the same step they stay as they are with it: a wait goes by when it began, a message under way is waited for. */
async function targets(
  tx: Tx,
  { sectionId, flowId, into }: { sectionId: SectionId; flowId: FlowId; into: number },
  found: readonly (Placed & { to: string | null })[],
  now: Date,
): Promise<{ run: Placed; to: Target }[]> {
  const plan = await planOf(tx, sectionId, flowId, into);
  const kinds = new Map<number, Awaited<ReturnType<typeof planOf>>>();
  for (const version of new Set(found.map((run) => run.version)))
    kinds.set(version, await planOf(tx, sectionId, flowId, version));
  return found.flatMap((run) => {
    if (run.to === null) return [];
    const isSame =
      run.to === run.step && kinds.get(run.version)!.at(run.step)?.step.kind === plan.at(run.to)!.step.kind;
    const { stage, arrivedAt, recipient } = isSame ? run : { stage: STAGE.arrived, arrivedAt: now, recipient: null };
    return [{ run, to: { version: into, step: run.to, stage, arrivedAt, recipient, dueAt: now } }];
  });
}
